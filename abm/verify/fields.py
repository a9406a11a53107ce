"""Fields: dc/dt = D lap c - k c + s with closed edges, against analytical solutions.

The scheme of `abm.core.field` (exponential Euler in time, five points in space) is itself known in closed form: it
multiplies each cosine mode by a number a sub-step. So its error can be told beforehand, and the bound on what is
measured is that error and the rounding of float32, no more.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.fft import dctn, idctn

from abm.core.field import FIELD, diffuse, sub_steps_for
from abm.core.lattice import SPACING
from abm.reporting.measured import Measured
from abm.rules.parameters import Parameters
from abm.rules.substances import Substance
from abm.tissue.state import AMOUNT, SOURCE
from abm.verify.check import Check, CheckPanel, Curve, Finding, check, relative_error, within

STEP = 1 / 6  # h
ROUNDING = 1e-5  # of a float32 field, see abm.core.field
ROUNDED = "Rounding of float32 fields adds up to at most 1e-5 of the amount (abm/core/field.py)"
CRANK = "Crank, The Mathematics of Diffusion, 1975, ISBN 978-0-19-853411-2"
EXPONENTIAL_EULER = "doi:10.1006/jcph.2002.6995"


LIVES = 18.0  # times the mean life 1 / k: what has not settled then is a hundred-millionth


class Medium(NamedTuple):
    """A field of the model: diffusion [um^2/h], loss [1/h], spacing of its grid [um]."""

    name: str
    diffusion: float
    loss: float
    spacing: float

    @property
    def hop_rate(self) -> float:
        """D / h^2 [1/h]."""
        return self.diffusion / self.spacing**2

    @property
    def reach(self) -> float:
        """Decay length sqrt(D / k) [um]."""
        return math.sqrt(self.diffusion / self.loss)

    @property
    def steps_to_settle(self) -> int:
        """Steps in which a field comes to rest."""
        return round(LIVES / self.loss / STEP)


def media() -> tuple[Medium, ...]:
    """The three fields with their declared parameters."""
    p = Parameters()
    return (
        *(
            Medium(each.type.title, p.substances[each].diffusion, p.substances[each].loss, SPACING * each.type.side)
            for each in Substance
        ),
        Medium("virions", p.virus.diffusion, p.virus.clearance, SPACING),
    )


def layers_of(amount: np.ndarray, source: np.ndarray | float = 0.0) -> np.ndarray:
    """The layers that `diffuse` takes, from float[rows, columns]."""
    layers = np.zeros((3, *amount.shape), dtype=FIELD)
    layers[AMOUNT], layers[SOURCE] = amount, source
    return layers


def carried(layers: np.ndarray, hop_rate: float, loss: float, steps: int, step: float = STEP) -> np.ndarray:
    """The field after a number of steps [h]: float64[rows, columns]."""
    for _ in range(steps):
        diffuse(layers, hop_rate, loss, step)
    return layers[AMOUNT].astype(np.float64)


def hops_of_modes(shape: tuple[int, int]) -> np.ndarray:
    """What a mode loses to hops, per hop rate: float64[rows, columns], 4 - 2 cos - 2 cos."""
    y, x = (2.0 - 2.0 * np.cos(np.pi * np.arange(size) / size) for size in shape)
    return y[:, None] + x[None]


def foretold(amount: np.ndarray, medium: Medium, steps: int, step: float) -> np.ndarray:
    """What the scheme gives without rounding: each cosine mode times its factor, sub-step by sub-step."""
    number = sub_steps_for(medium.hop_rate, medium.loss, step)
    keep = math.exp(-medium.loss * step / number)
    spread = (1.0 - keep) / medium.loss * medium.hop_rate
    factor = keep - spread * hops_of_modes((amount.shape[0], amount.shape[1]))
    return idctn(dctn(amount) * factor ** (number * steps))


def _spot(medium: Medium, hours: float, shape: tuple[int, int]) -> np.ndarray:
    """A Gaussian spot near a corner, after some hours: closed edges reflect it, so its images are added (exact)."""
    wide, sides = 3.0 * medium.spacing, [size * medium.spacing for size in shape]
    variance = wide**2 + 2.0 * medium.diffusion * hours
    parts = []
    for size, side in zip(shape, sides, strict=True):
        at = (np.arange(size) + 0.5) * medium.spacing
        images = [2 * turn * side + sign * 0.3 * side for turn in range(-8, 9) for sign in (-1, 1)]
        parts.append(sum(np.exp(-((at - image) ** 2) / (2.0 * variance)) for image in images) * wide / variance**0.5)
    return np.asarray(np.outer(*parts) * math.exp(-medium.loss * hours))


def diffusion() -> Finding:
    """A spot of each field spreads as the analytical solution says."""
    shape, measured, panels = (40, 48), [], []
    for medium in media():
        start, row = _spot(medium, 0.0, shape), round(0.3 * shape[0])
        at, curves = (np.arange(shape[1]) + 0.5) * medium.spacing, []
        for number, steps in enumerate((2, 6, 18)):
            true = _spot(medium, steps * STEP, shape)
            seen = carried(layers_of(start), medium.hop_rate, medium.loss, steps)
            curves.append(Curve(f"{steps * STEP:.2g} h", at, seen[row], "dots", number))
            curves.append(Curve("" if number else "analytical solution", at, true[row], "law", number))
        error = relative_error(seen, true)
        expected = relative_error(foretold(start, medium, 18, STEP), true)
        measured.append(within(f"{medium.name}: error after 3 h, L2", error, expected, ROUNDING))
        panels.append(CheckPanel(medium.name, "µm, along the row of the spot", "amount, relative", tuple(curves)))
    return Finding(
        claim="Fields spread and decay as the diffusion equation predicts, including reflection at closed edges.",
        law="c = exp(-k t) x Gaussian of variance s^2 + 2 D t, with its images beyond the edges",
        source=CRANK,
        measured=tuple(measured),
        why=f"The error of the scheme without rounding, computed from its factor on each mode. {ROUNDED}.",
        panels=tuple(panels),
    )


def _height_error(spacing: float, medium: Medium, side: float, waves: tuple[int, int]) -> float:
    """Relative error of the height of a steady cosine field, on a grid of this spacing [um]."""
    size = round(side / spacing)
    at = np.pi * (np.arange(size) + 0.5) / size
    mode = np.outer(np.cos(waves[0] * at), np.cos(waves[1] * at))
    decay = sum((math.pi * wave / side) ** 2 for wave in waves) * medium.diffusion + medium.loss
    start = layers_of(mode / decay, mode)
    settled = carried(start, medium.diffusion / spacing**2, medium.loss, 24, 0.5)
    return abs(float((settled * mode).sum() / (mode * mode).sum()) * decay - 1.0)


def _late_error(sub_step: float, medium: Medium) -> float:
    """Relative error of a mode after half an hour against the exact solution of the same grid."""
    shape, waves, hours = (16, 24), (1, 2), 0.5
    at = [np.cos(np.pi * wave * (np.arange(size) + 0.5) / size) for wave, size in zip(waves, shape, strict=True)]
    mode = np.outer(*at)
    rate = medium.loss + medium.hop_rate * float(hops_of_modes(shape)[waves])
    seen = carried(layers_of(mode), medium.hop_rate, medium.loss, round(hours / (2 * sub_step)), 2 * sub_step)
    return abs(float((seen * mode).sum() / (mode * mode).sum()) / math.exp(-rate * hours) - 1.0)


def order() -> Finding:
    """The error falls with the square of the spacing and with the sub-step."""
    medium = media()[0]
    spacings = np.array([80.0, 40.0, 20.0, 10.0])
    in_space = np.array([_height_error(spacing, medium, 1920.0, (6, 4)) for spacing in spacings])
    sub_steps = 0.5 / np.array([48, 96, 192, 384]) / 2
    in_time = np.array([_late_error(sub_step, medium) for sub_step in sub_steps])
    panels, measured = [], []
    for title, x, label, errors, expected in (
        ("In space", spacings, "spacing, µm", in_space, 2.0),
        ("In time", sub_steps * 3600, "sub-step, s", in_time, 1.0),
    ):
        slope = float(np.polyfit(np.log(x), np.log(errors), 1)[0])
        measured.append(Measured(f"order {title.lower()}", slope, expected - 0.05, expected + 0.05))
        law = errors[-1] * (x / x[-1]) ** expected
        curves = (Curve("measured", x, errors, "dots"), Curve(f"order {expected:g}", x, law, "law", 1))
        panels.append(CheckPanel(title, label, "relative error", curves, "xy"))
    return Finding(
        claim="The error of a field falls with the square of the spacing and in proportion to the sub-step.",
        law="five-point Laplacian: second order; exponential Euler: first order, exact at the steady state",
        source=EXPONENTIAL_EULER,
        measured=tuple(measured),
        why="Slope of log error over log spacing or sub-step. On the coarsest grid the next term of the error bends "
        "it by 2 q^2 h^2 / 30 = 0.04, with the longest sub-step by 0.02.",
        panels=tuple(panels),
    )


def mass() -> Finding:
    """The amount on the section follows its budget."""
    medium, days = media()[0], 5
    start = np.random.default_rng(1).exponential(1.0, (50, 50))
    source = np.random.default_rng(2).exponential(1.0, (50, 50))
    measured, curves = [], []
    hours = np.arange(1, days * 144 + 1) * STEP
    for number, (name, loss) in enumerate((("no loss", 1e-12), ("loss of IL-6", medium.loss), ("with antibody", 12.0))):
        made = source if loss > 1e-6 else np.zeros_like(source)
        layers = layers_of(start, made)
        total, inflow = layers[AMOUNT].sum(dtype=np.float64), layers[SOURCE].sum(dtype=np.float64)
        seen = np.array([carried(layers, medium.hop_rate, loss, 1).sum() for _ in hours])
        true = total * np.exp(-loss * hours) - inflow * np.expm1(-loss * hours) / loss
        error = np.abs(seen / true - 1.0)
        measured.append(Measured(f"{name}: largest error of the total", float(error.max()), 0.0, ROUNDING))
        curves.append(Curve(f"{name}", hours / 24, np.maximum(error, 1e-10), "line", number))
    law = Curve("bound", hours / 24, np.full(hours.size, ROUNDING), "law", 3)
    return Finding(
        claim="Diffusion conserves the total: it changes only by production and loss.",
        law="d total / dt = production - k total, whatever the spacing and the sub-step",
        source="conservation under closed edges (zero flux)",
        measured=tuple(measured),
        why=f"Decay and secretion are integrated exactly, so only rounding remains. {ROUNDED}.",
        panels=(CheckPanel("IL-6 on 4 mm²", "day", "relative error of the total", (*curves, law), "y"),),
    )


def decay_length() -> Finding:
    """A steady source is felt as far as sqrt(D / k)."""
    measured, panels = [], []
    for medium in media():
        source = np.zeros((2, 96))
        source[:, 0] = 1.0
        start = layers_of(np.zeros(source.shape), source)
        settled = carried(start, medium.hop_rate, medium.loss, medium.steps_to_settle)[0]
        last = max(3, round(5.0 * medium.reach / medium.spacing))
        at = np.arange(last + 1) * medium.spacing
        slope = np.polyfit(at[1:], np.log(settled[1 : last + 1]), 1)[0]
        share = -1.0 / slope / medium.reach
        coarse = (medium.spacing / medium.reach) ** 2 / 24.0
        measured.append(Measured(f"{medium.name}: length / sqrt(D/k)", share, 1.0 - 1e-4, 1.0 + coarse + 1e-4))
        seen, law = settled[: last + 1] / settled[0], np.exp(-at / medium.reach)
        curves = (Curve("field", at, seen, "dots"), Curve("exp(-x / sqrt(D/k))", at, law, "law", 1))
        panels.append(CheckPanel(f"{medium.name}: {medium.reach:.0f} µm", "µm from the source", "share", curves, "y"))
    return Finding(
        claim="The reach of each field is its decay length.",
        law="steady line source: c ~ exp(-x / sqrt(D / k))",
        source=CRANK,
        measured=tuple(measured),
        why="On a grid of spacing h the length is 2 asinh(h / 2L): longer by at most h^2 / (24 L^2); 1e-4 for rounding "
        f"and for the part that has not settled in {LIVES:g} times the life of a molecule.",
        panels=tuple(panels),
    )


CHECKS: tuple[Check, ...] = (
    check("diffusion", "fields", "Diffusion compared with the analytical solution", diffusion),
    check("order", "fields", "Order of convergence", order),
    check("mass", "fields", "Mass balance", mass),
    check("decay-length", "fields", "Decay length", decay_length),
)
