"""What is declared of a law: where it acts, on which signal, what it does, its sentence, and how its curve is computed.

A sentence names the parameters of its law, such as "{dormancy.awakening}", and so declares them. A curve calls the
compiled function of the law itself, so that the catalogue cannot drift from the code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.laws.numbers import UnitNumber, names_in

RAISES, LOWERS, SETS = "raises", "lowers", "sets"
POINTS = 81  # of a curve
Response = Callable[[Any, Any], float]  # from the signal and the parameters of the model


@dataclass(frozen=True)
class LawCurve:
    """The response of a law over its signal.

    Attributes:
        signal: name of the signal on the axis.
        unit: of the signal ("" for a pure number).
        low: lower end of the range of the signal.
        high: upper end.
        lines: the response by the label of its line; "" where there is one line.
        logarithmic: whether the signal is drawn on a logarithmic axis.
        counts: whether the signal is a whole number.
        names: what these numbers stand for, if not for a count.
        half: dotted name of the parameter, or the number, at which the response has gone half of its way.
        power: of the Hill function that the response is, likewise; None if it is none.
    """

    signal: str
    unit: str
    low: float
    high: float
    lines: Mapping[str, Response]
    logarithmic: bool = False
    counts: bool = False
    names: tuple[str, ...] = ()
    half: str | float | None = None
    power: str | float | None = None

    def signals(self) -> NDArray[Any]:
        """The values of the signal at which the response is computed."""
        if self.counts:
            return np.arange(int(self.low), int(self.high) + 1)
        if self.logarithmic:
            return np.geomspace(self.low, self.high, POINTS)
        return np.linspace(self.low, self.high, POINTS)

    def responses(self, parameters: Any) -> dict[str, NDArray[np.float64]]:
        """The response at these values, line by line."""
        signals = self.signals().tolist()
        return {
            label: np.array([respond(signal, parameters) for signal in signals])
            for label, respond in self.lines.items()
        }


@dataclass(frozen=True)
class Law:
    """Declaration of a law.

    Attributes:
        name: stable name, that of the compiled function, with what it is applied to behind dots.
        cell: in whom it acts: a type and state of cell, "tissue", "lymph node" or "drug".
        signals: what it responds to; empty for a constant rate.
        effect: whether the signals raise, lower or set the target.
        target: the rate or state.
        unit: of the result ("" for a pure number).
        sentence: template; the parameters that it names are those of the law.
        function: the compiled function; None where a process applies a constant rate.
        curve: its response over a signal; None for a constant rate.
        needs: further conditions without which it does not act.
        has_base: whether it acts without its signals, too: at the rate that they raise or lower.
        off_at_zero: parameters at whose value 0 it does not act.
        numbers: numbers of the sentence that are no parameters, by name, such as those of a drug.
        evidence: where these come from.
        absent: why it never acts here, whatever the scenario says; empty otherwise.
    """

    name: str
    cell: str
    signals: tuple[str, ...]
    effect: str
    target: str
    unit: str
    sentence: str
    function: Callable[..., Any] | None = None
    curve: LawCurve | None = None
    needs: tuple[str, ...] = ()
    has_base: bool = False
    off_at_zero: tuple[str, ...] = ()
    numbers: Mapping[str, UnitNumber] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()
    absent: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """Dotted names of its parameters."""
        return tuple(name for name in names_in(self.sentence) if name not in self.numbers)
