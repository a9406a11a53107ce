"""Numbers in the sentences of laws: templates such as "up to {dormancy.awakening}", filled with values and units.

A template names a number by its dotted name. After a colon it may say how to write it: `%` as a percentage, `lost` as
the percentage that a share leaves over, `fold` as a factor, `whole` as the integer that the code takes it for,
`stages` as that many Erlang stages, `bare` without its unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import NamedTuple

HOURS_PER_DAY = 24.0
LONG = 72.0  # h, from which on a time is given in days as well


class UnitNumber(NamedTuple):
    """A number with its unit ("" for a pure number)."""

    value: float
    unit: str


def filled(template: str, numbers: Mapping[str, UnitNumber]) -> str:
    """A template with every number written out."""
    parts = []
    for text, name, style, _ in Formatter().parse(template):
        parts.append(text)
        if name is not None:
            parts.append(written(numbers[name], style or ""))
    return "".join(parts)


def names_in(template: str) -> tuple[str, ...]:
    """Names of the numbers of a template, in order, once each."""
    return tuple(dict.fromkeys(_names(template)))


def _names(template: str) -> Iterator[str]:
    for _, name, _, _ in Formatter().parse(template):
        if name is not None:
            yield name


def written(number: UnitNumber, style: str = "") -> str:
    """A number in words; style: as in a template."""
    value = number.value
    if style == "%":
        return f"{plain(100.0 * value)} %"
    if style == "lost":
        return f"{plain(100.0 * (1.0 - value))} %"
    if style == "fold":
        return f"{plain(value)}-fold"
    if style in {"whole", "stages"}:
        return _integer_part(value, " Erlang stage" if style == "stages" else "")
    if style == "bare" or not number.unit:
        return plain(value)
    days = f" ({value / HOURS_PER_DAY:,.3g} d)" if number.unit == "h" and value >= LONG else ""
    return f"{plain(value)} {unit_in_words(number.unit)}{days}"


def _integer_part(value: float, what: str) -> str:
    """The integer that the code takes a number for, at least 1, and from which number, if that is not the same."""
    whole = max(1, int(value))
    text = f"{whole}{what}{'s' if what and whole > 1 else ''}"
    return text if whole == value else f"{text}, the integer part of {plain(value)}"


def plain(value: float) -> str:
    """A number without a unit: "36,000", "0.12", "2e-6"."""
    text = f"{value:,.10g}" if 1e-4 <= abs(value) < 1e9 or value == 0.0 else f"{value:.10g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def unit_in_words(unit: str) -> str:
    """A unit as sentences and axes write it: "/h" for "1/h", "/h per virion" for "1/virion/h", "um2/h" for "um^2/h"."""
    top, *below = unit.replace("^", "").split("/")
    if top != "1" or not below:
        return unit.replace("^", "")
    return " per ".join((f"/{below[-1]}", *below[:-1]))


def capital(text: str) -> str:
    """A text as the beginning of a sentence or heading."""
    return text[:1].upper() + text[1:]
