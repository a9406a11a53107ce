"""The page of dependencies: docs/dependencies.md, from the comments in pyproject.toml and what is installed."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "dependencies.md"
HEAD = """\
# Dependencies

What Embers uses, why, under which license, and its size as installed on Linux (MB, of this library alone, without what
it needs itself). `python -m tests.update_docs` writes this page from the comments in `pyproject.toml` and from the
installed libraries. `constraints.txt` pins the version of everything, also of what these need themselves.
"""
GROUPS = {
    "": "Always",
    **{name: f"Extra `{name}`" for name in ("analysis", "capsule", "cluster", "export", "gym", "jupyter", "mcp")},
    **{name: f"Extra `{name}`" for name in ("test", "browser", "docs", "dev")},
}  # fmt: skip
_NAME = re.compile(r'"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?\s*([^"]*)"')
UNKNOWN = "not installed"


class Dependency(NamedTuple):
    """A line of pyproject.toml: name, allowed versions, and why it is there."""

    name: str
    versions: str
    why: str


def dependencies() -> dict[str, list[Dependency]]:
    """All dependencies by extra; "": those that are always installed."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    lines = _commented(text)
    found = {"": project["dependencies"], **project["optional-dependencies"]}
    return {
        group: [lines[name] for one in entries if (name := re.split(r"[\[<>=!~ ;]", one)[0]) != "embers-lung"]
        for group, entries in found.items()
    }


def _commented(text: str) -> dict[str, Dependency]:
    """Every quoted requirement that has a line of its own, with the comment behind it."""
    found = {}
    for line in text.splitlines():
        entry, _, why = line.partition("#")
        if match := _NAME.match(entry.strip()):
            found.setdefault(match[1], Dependency(match[1], match[2].strip(), why.strip()))
    return found


def page() -> str:
    """The page as it should be, with licenses and sizes as on the page of today where a library is not installed."""
    known = rows_of(PAGE.read_text(encoding="utf-8")) if PAGE.is_file() else {}
    return "\n".join([HEAD, *_tables(known)]).rstrip() + "\n"


def rows_of(text: str) -> dict[str, tuple[str, str]]:
    """License and size of each library on a page."""
    rows = re.findall(r"^\| `([^`]+)` \| [^|]* \| [^|]* \| ([^|]*) \| ([^|]*) \|$", text, re.MULTILINE)
    return {name: (license_, size) for name, license_, size in rows}


def _tables(known: dict[str, tuple[str, str]]) -> Iterator[str]:
    for group, own in dependencies().items():
        yield f"## {GROUPS[group]}\n"
        yield "| library | versions | why | license | MB |\n|---|---|---|---|---:|"
        for one in own:
            try:
                license_, size = license_of(distribution(one.name)), size_of(distribution(one.name))
            except PackageNotFoundError:
                license_, size = known.get(one.name, (UNKNOWN, ""))
            yield f"| `{one.name}` | {one.versions or 'any'} | {one.why} | {license_} | {size} |"
        yield ""


def license_of(found: Distribution) -> str:
    """The license, as its metadata state it."""
    told = found.metadata
    expression = told.get("License-Expression") or ""
    classified = [one.rpartition(" :: ")[2] for one in told.get_all("Classifier", []) if one.startswith("License ::")]
    plain = (told.get("License") or "").strip().splitlines()
    files = [one for one in found.files or () if one.name.upper().startswith("LICENSE") and ".dist-info" in str(one)]
    first = files[0].read_text().strip().splitlines()[0] if files else "not stated"
    return expression or ", ".join(classified) or (plain[0] if plain else first)


def size_of(found: Distribution) -> str:
    """Size of its files in MB, rounded, so that it does not change with every version."""
    total = sum(
        path.stat().st_size for one in found.files or () if (path := Path(str(found.locate_file(one)))).is_file()
    )
    megabytes = total / 1e6
    return "< 1" if megabytes < 1 else f"{megabytes:.0f}"
