"""Built-in laws in whose place a user's function acts: which can have one, and what is then said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from abm.core.compiled import Kernel
from abm.core.own_laws import OwnLaw
from abm.laws.law import Law

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OWN_RULE = "rules."  # begins the names of a scenario's rules, which are no built-in laws


def function_of(name: str) -> str:
    """The name of the function of a law: what it is applied to follows behind a dot."""
    return name.partition(".")[0]


def laws_with_functions(laws: Iterable[Law]) -> dict[str, list[Law]]:
    """The laws in whose place a function can act, by the name of their own function, which some of them share.

    Where none of them has a curve, there is nothing to try a function on.
    """
    found: dict[str, list[Law]] = {}
    for law in laws:
        if isinstance(law.function, Kernel) and not law.name.startswith(OWN_RULE):
            found.setdefault(function_of(law.name), []).append(law)
    return {name: own for name, own in found.items() if any(law.curve for law in own)}


def with_own_function(laws: Sequence[OwnLaw], law: Law) -> Law:
    """A law as it is said to be where a user's function acts in its place: of its numbers, nothing is known."""
    own = next((one for one in laws if one.name == function_of(law.name) and law.function is not None), None)
    if own is None or law.name.startswith(OWN_RULE):
        return law
    says = f": {own.function.summary.rstrip('.')}" if own.function.summary else ""
    text = f"The function {own.function.name} of the user replaces this law{says} (digest {own.digest[:8]})."
    return replace(
        law, sentence=text.replace("{", "{{").replace("}", "}}"), has_base=True, off_at_zero=(), numbers={},
        evidence=(), curve=law.curve and replace(law.curve, half=None, power=None),
    )  # fmt: skip
