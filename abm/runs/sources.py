"""The source outside of the model that decides over results: a file, and what it imports of some rooms."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterator

from abm.core.kernels.imported import source


@functools.cache
def digest_of_sources(begin: tuple[str, ...], rooms: tuple[str, ...]) -> str:
    """Digest (16 hex digits) of the source, as imported, of these modules and of all that they import of some rooms.

    Args:
        begin: modules, such as "cohort.worker".
        rooms: whose modules are followed, such as "cohort".
    """
    digest = hashlib.sha256()
    for name in used_by(begin, rooms):
        digest.update(source(_file(name)))
    return digest.hexdigest()[:16]


def used_by(begin: tuple[str, ...], rooms: tuple[str, ...]) -> list[str]:
    """These modules and all of some rooms that they import, directly or not, also within functions; sorted."""
    found, left = set[str](), set(begin)
    while left:
        found.add(one := left.pop())
        left |= {name for name in _imported(one) if name.partition(".")[0] in rooms} - found
    return sorted(found)


def _imported(module: str) -> Iterator[str]:
    """Modules of the package that a module imports from, or imports as a name of their room."""
    for node in ast.walk(ast.parse(source(_file(module)))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("abm."):
            room = node.module.removeprefix("abm.")
            yield from (name for name in (room, *(f"{room}.{alias.name}" for alias in node.names)) if _is_module(name))


@functools.cache
def _is_module(name: str) -> bool:
    try:
        source(_file(name))
    except OSError:
        return False
    return True


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"
