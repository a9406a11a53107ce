"""A table as TOML text: what was read and merged from several files, as one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any


def write_table(table: dict[str, Any]) -> str:
    """The text of a file that reads back as an equal table."""
    return "\n".join(_lines(table, ())) + "\n"


def _lines(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    deeper = [(name, value) for name, value in table.items() if _has_header(value)]
    yield from (f"{_key(name)} = {_value(value)}" for name, value in table.items() if not _has_header(value))
    for name, value in deeper:
        inner = (*path, name)
        header = ".".join(map(_key, inner))
        for entry in value if isinstance(value, list) else [value]:
            yield from ("", f"[[{header}]]" if isinstance(value, list) else f"[{header}]")
            yield from _lines(entry, inner)


def _has_header(value: Any) -> bool:
    """Whether this is a table, or a list of tables."""
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)
    )


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "").replace("-", "").isalnum() else _value(name)


def quoted(text: str) -> str:
    """A TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_key(name)} = {_value(inner)}' for name, inner in value.items())} }}"
    return str(value)
