"""JavaScript modules of the page and of the replay as one script, which a file without a server can hold."""

from __future__ import annotations

import re
from pathlib import Path

IMPORT = re.compile(r'^import \{([^}]*)\} from "([^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class) (\w+)|const (.*))", re.MULTILINE)
NAME = re.compile(r"(?:^|, )(\w+) = ")  # of constants, several in a line


def bundled(entry: Path) -> str:
    """A module and all that it imports, each in a scope of its own, as one script.

    Raises:
        OSError: a module is not there.
        ValueError: a module imports in a way that this does not know.
    """
    parts: dict[Path, str] = {}
    _add(entry.resolve(), parts)
    return '"use strict";\n(() => {\n' + "\n".join(parts.values()) + "\n})();\n"


def _add(path: Path, parts: dict[Path, str]) -> None:
    """Add a module behind those that it imports; `parts` keeps their order."""
    text = path.read_text(encoding="utf-8")
    lines = []
    for names, source in IMPORT.findall(text):
        needed = (path.parent / source).resolve()
        if needed not in parts:
            _add(needed, parts)
        lines.append(f"const {{{names}}} = {_name(needed)};")
    body = IMPORT.sub("", text)
    exported = [name for one, constants in EXPORT.findall(body) for name in ([one] if one else NAME.findall(constants))]
    body = EXPORT.sub("", body)
    if found := re.search(r"^(?:import|export)\b.*", body, re.MULTILINE):
        raise ValueError(f'{path.name}: "{found[0]}" is not a form of import or export that a bundle knows')
    parts[path] = (
        f"const {_name(path)} = (() => {{\n{' '.join(lines)}\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"
    )


def _name(path: Path) -> str:
    return f"module_{path.parent.parent.name}_{path.stem}"
