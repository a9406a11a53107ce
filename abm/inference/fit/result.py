"""The result of a fit as a file: the one that stands in the package holds the defaults of the code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from abm.inference.fit.posterior import aims, errors, estimates, ties
from abm.inference.fit.suite import FittedStage
from abm.runs.identity import source_digest
from abm.runs.provenance import versions

KEPT = Path(__file__).with_name("result.toml")
DIGITS = 3
SETTINGS = (
    "ensembles",
    "members",
    "rounds",
    "points",
    "sets",
    "checked",
    "replicates",
    "searches",
    "judges",
    "fresh",
)  # of a stage


def as_toml(fitted: Sequence[FittedStage], seed: int) -> str:
    """The whole result as text."""
    lines = [
        "# Written by `embers fit`: the result of the plan in `abm/inference/fit/plan.toml`. The defaults in the code",
        "# are these values (tests/inference/fit/test_defaults.py). `low`, `high`: 95 % interval. `told`: share of the",
        "# variance of the prior that the data took away. Errors, in distances between experiments, and gaps: of the",
        "# values, with seeds new to the fit. `apart`: how far apart the ensembles are, in standard deviations of the",
        "# posterior (parameters) or distances between experiments (curves).",
    ]
    for one in fitted:
        lines += _stage(one, seed)
    return "\n".join(lines) + "\n"


def read(path: Path = KEPT) -> dict[str, Any]:
    """A result that was written before: the one of the package, unless another is named."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _stage(fitted: FittedStage, seed: int) -> list[str]:
    stage = fitted.stage
    lines = [
        "", "[[stage]]", f'name = "{stage.name}"', f'embers = "{versions()["embers"]}"',
        f'source_digest = "{source_digest()[:16]}"', f"day = {datetime.now(UTC).date().isoformat()}", f"seed = {seed}",
        *(f"{name} = {getattr(stage, name)}" for name in SETTINGS),
        f"mean_square_gaps = [{', '.join(_list(one.history) for one in fitted.ensembles)}]",
        f"gaps = {_inline(dict(aims(fitted)))}",
    ]  # fmt: skip
    for experiment in dict.fromkeys(one.experiment for one in stage.mice):
        own = [one for one in errors(fitted) if one.observable.experiment == experiment]
        for name in ("error", "between_mice", "apart"):
            numbers = {one.observable.name: float(getattr(one, name)) for one in own}
            lines.append(f"{experiment}_{name} = {_inline(numbers)}")
    for tie in ties(fitted):
        pair = f'one = "{tie.one}", other = "{tie.other}"'
        lines += ["", "[[stage.tie]]", *pair.split(", "), f"correlation = {_number(tie.correlation)}"]
    for each in estimates(fitted):
        lines += [
            "", "[[stage.parameter]]", f'name = "{each.free.name}"', f'virus = "{each.free.virus}"',
            f'unit = "{each.free.quantity.unit}"', f"prior = [{each.free.low:g}, {each.free.high:g}]",
            f"value = {each.value:.{DIGITS}g}", f"low = {_number(each.low)}", f"high = {_number(each.high)}",
            f"told = {_number(each.told)}", f"apart = {_number(each.apart)}",
        ]  # fmt: skip
    return lines


def _inline(numbers: dict[str, float]) -> str:
    pairs = [f'"{name}" = {_number(value)}' for name, value in numbers.items()]
    return f"{{ {', '.join(pairs)} }}"


def _list(numbers: Iterable[float]) -> str:
    return f"[{', '.join(_number(one) for one in numbers)}]"


def _number(value: float) -> str:
    """A number with three digits, as TOML writes it."""
    return repr(float(f"{value:.{DIGITS}g}"))
