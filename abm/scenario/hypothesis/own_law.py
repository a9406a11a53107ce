"""A user's function in the place of a built-in law: whether it can act there, found before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS, signature
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.core.compiled import interpreted
from abm.core.names import nearest
from abm.core.own_function import OwnFunctionError, own_function, plain_function
from abm.core.own_laws import INTERPRETED, OwnLaw, laws_of
from abm.core.record import as_record
from abm.scenario.errors import Fault, ScenarioError

if TYPE_CHECKING:
    from abm.laws.law import Law
    from abm.scenario.scenario import Scenario

LISTED = "`embers rules` and abm.rules_of(scenario) list all laws"
COMPILER = "it is compiled by numba, as all laws are"
SHOWN = 240  # characters of what numba says
UNSAID = ("Failed in nopython", "During:", "File ", "^", "- Resolution", "There are")  # by numba, to no user's help


class _RefusedError(Exception):
    """Why a function cannot take the place of a law; what is allowed; what to do."""

    def __init__(self, problem: str, allowed: str = "", hint: str = "") -> None:
        super().__init__(problem)
        self.problem, self.allowed, self.hint = problem, allowed, hint


def own_law(scenario: Scenario, name: object, given: object) -> OwnLaw:
    """A user's function in the place of a law, tried on arguments for which the built-in law is known.

    Args:
        scenario: whose parameters it is tried with.
        name: of the law.
        given: the function.

    Raises:
        ScenarioError: it cannot take this place.
    """
    try:
        return _own_law(scenario, name, given)
    except (_RefusedError, OwnFunctionError) as error:
        text = getattr(given, "__name__", None) or repr(given)[:60]
        allowed = getattr(error, "allowed", "")
        where, key = f'scenario "{scenario.name}"', f"law {name}"
        raise ScenarioError([Fault(where, 0, key, text, error.problem, "", allowed, error.hint)]) from error


def _own_law(scenario: Scenario, name: object, given: object) -> OwnLaw:
    if interpreted():
        raise _RefusedError(INTERPRETED)
    laws = _laws_of_this_name(scenario, name)
    kernel: Any = laws[0].function
    function = plain_function(given)
    if function is None:
        raise _RefusedError(f"is of type {type(given).__name__}", "a function made by def")
    _check_arguments(function, list(signature(kernel.__wrapped__).parameters))
    law = OwnLaw(str(name), kernel.__module__, own_function(function))
    for one in laws:
        if one.curve is not None:
            _try(law, one, as_record(scenario.parameters))
    return law


def _laws_of_this_name(scenario: Scenario, name: object) -> list[Law]:
    from abm.laws.catalogue import declared_laws
    from abm.laws.own_functions import function_of, laws_with_functions

    declared = declared_laws(scenario.without_laws() if scenario.laws else scenario, scenario.parameters)
    known = laws_with_functions(declared)
    if isinstance(name, str) and name in known:
        return known[name]
    if isinstance(name, str) and function_of(name) in known:
        uses = ", ".join(law.name for law in known[function_of(name)])
        hint = f'with_law("{function_of(name)}", ...) takes its place in all its uses: {uses}'
        raise _RefusedError(f"is one use of the law {function_of(name)}", hint=hint)
    if name in [law.name for law in declared]:
        raise _RefusedError("is a law that no function can replace", hint="change its parameters instead")
    near = nearest(str(name), known)
    hint = f"did you mean {' or '.join(near)}? {LISTED}" if near else LISTED
    raise _RefusedError("is not the name of a law of this scenario", hint=hint)


def _check_arguments(function: FunctionType, wanted: Sequence[str]) -> None:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    if len(names) == len(wanted) and not code.co_kwonlyargcount and not code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        return
    allowed = f"{len(wanted)} by position, as ({', '.join(wanted)})"
    raise _RefusedError(f"takes different arguments: {signature(function)}", allowed)


def _try(law: OwnLaw, usual: Law, p: Any) -> None:
    """Compute the curve of the law with the user's function in its place.

    Raises:
        _RefusedError: it does not compile, or gives what the law cannot give.
    """
    from numba.core.errors import NumbaError

    assert usual.curve is not None
    kernel: Any = usual.function
    expected = np.concatenate(list(usual.curve.responses(p).values()))
    types = _result_types(kernel)
    with laws_of((law,)):
        try:
            found = usual.curve.responses(p)
        except NumbaError as error:
            raise _RefusedError(f"does not compile: {_in_short(error)}", hint=COMPILER) from error
        except KeyError as error:  # numba's, of a record
            raise _RefusedError(f"reads the field {error}, which none of its arguments has") from error
        except Exception as error:
            raise _RefusedError(f"cannot be computed: {type(error).__name__}: {error}") from error
        given = _result_types(kernel)
    for arguments, kind in given.items():
        if arguments in types and types[arguments] != kind:
            hint = "return a float: write 0.0, not 0" if str(kind).startswith("int") else ""
            raise _RefusedError(f"returns {kind}", f"{types[arguments]}, as the built-in law", hint)
    _check_numbers(usual, np.concatenate(list(found.values())), bool(np.all(expected >= 0.0)))


def _check_numbers(usual: Law, found: Any, is_positive: bool) -> None:
    curve = usual.curve
    assert curve is not None
    signals = np.tile(curve.signals(), len(curve.lines))
    wrong = ~np.isfinite(found)
    if is_positive:
        wrong |= found < 0.0
    if np.any(wrong):
        at = int(np.argmax(wrong))
        where = f"{curve.signal} = {signals[at]:.3g} {curve.unit}".rstrip()
        allowed = "finite numbers, 0 or more" if is_positive else "finite numbers"
        raise _RefusedError(f"returns {found[at]:g} at {where}", allowed)


def _result_types(kernel: Any) -> dict[Any, Any]:
    """Types of results by those of arguments, for which a kernel was compiled under the laws in force."""
    from numba import types

    return {one.args: types.unliteral(one.return_type) for one in kernel.dispatcher.nopython_signatures}


def _in_short(error: Exception) -> str:
    """What numba says first that a user can use."""
    text = " ".join(_useful(re.sub(r"\x1b\[[0-9;]*m", "", str(error))))
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _useful(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.splitlines()]
    yield from [line for line in lines if line and not line.startswith(UNSAID)][:2]
