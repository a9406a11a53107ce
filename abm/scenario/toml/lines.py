"""On which line each key of a TOML text stands.

The standard library reads TOML without telling lines, and tomlkit 0.15 does not keep them either. This walks
over text that `tomllib` has accepted already, so it only has to find keys, not to judge them.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

DEEPEST = 8  # parts of a dotted key, and brackets within one another; a scenario needs three
Key = tuple[str | int, ...]  # names of tables and keys; numbers of list entries, from 0

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'  # up to two quotes may stand before the closing three
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)
_TOKEN = re.compile(  # of text that may be anything: what is not closed goes to the end, so each character is read once
    r'(?P<string>"""(?:[^\\]|\\.)*?(?:"""|\Z)|\'\'\'.*?(?:\'\'\'|\Z)|"(?:[^"\\\n]|\\[^\n])*(?:"|$)|\'[^\'\n]*(?:\'|$))'
    r"|(?P<blank>[ \t]+|#[^\n]*)|(?P<dot>\.)|(?P<open>[\[{])|(?P<close>[\]}])|(?P<bare>[A-Za-z0-9_-]+)|(?P<other>.)",
    re.DOTALL | re.MULTILINE,
)


class TooDeepError(tomllib.TOMLDecodeError):
    """Keys with too many parts, or brackets nested too deep, for a parser to read soon; `line`: where."""

    def __init__(self, line: int) -> None:
        """Say what is allowed."""
        super().__init__(f"is nested too deeply: keys and brackets may go {DEEPEST} levels deep")
        self.line = line


def read_toml(text: str) -> dict[str, Any]:
    """The table of a TOML text of strangers, which is looked through before it is parsed.

    Raises:
        TooDeepError: it is nested too deeply. tomllib.TOMLDecodeError, ValueError: it is no TOML.
    """
    depth, parts = 0, 1
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind in ("string", "bare", "blank"):
            continue
        parts = parts + 1 if kind == "dot" else 1
        depth = max(depth + (kind == "open") - (kind == "close"), 0)
        if max(depth, parts) > DEEPEST:
            raise TooDeepError(text.count("\n", 0, token.start()) + 1)
    return tomllib.loads(text)


def lines_of_keys(text: str) -> dict[Key, int]:
    """Line (from 1) of every key, table and list entry of a valid TOML text.

    An entry of `[[treatment]]` has the key ("treatment", 0); the key of a table that is only implied by a
    longer name has the line of the first name that implies it.
    """
    walk = _Walk(text)
    walk.document()
    return walk.lines


class _Walk:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Key, int] = {}
        self.entries: dict[Key, int] = {}  # of lists of tables written with [[ ]]
        self.line, self.counted = 1, 0

    def document(self) -> None:
        table: Key = ()
        while self.upcoming():
            if self.text.startswith("[[", self.at):
                table = self.entry_header()
            elif self.upcoming() == "[":
                table = self.table_header()
            else:
                self.pair(table)

    def upcoming(self) -> str:
        """The next character that means something; empty at the end."""
        self.take(_BLANK)
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        assert match, f"no valid TOML at character {self.at}"
        self.at = match.end()
        return match[0]

    def line_here(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def names(self) -> list[str]:
        """The parts of a dotted key."""
        parts = []
        while True:
            quoted = self.upcoming() in ('"', "'")
            part = self.take(_STRING if quoted else _BARE)
            parts.append(tomllib.loads(f"key = {part}")["key"] if quoted else part)
            if self.upcoming() != ".":
                return parts
            self.at += 1

    def table_header(self) -> Key:
        line = self.line_here()
        self.at += 1
        key = self.inside(self.names(), line)
        self.at += 1
        self.lines[key] = line  # also where a longer name implied it before
        return key

    def entry_header(self) -> Key:
        line = self.line_here()
        self.at += 2
        *above, name = self.names()
        self.at += 2
        key = (*self.inside(above, line), name)
        number = self.entries[key] = self.entries.get(key, -1) + 1
        self.lines.setdefault(key, line)
        self.lines[*key, number] = line
        return (*key, number)

    def inside(self, names: list[str], line: int) -> Key:
        """The key of a table; where a list of tables is on the way, its last entry is meant."""
        key: Key = ()
        for name in names:
            key = (*key, name)
            self.lines.setdefault(key, line)
            if key in self.entries:
                key = (*key, self.entries[key])
        return key

    def pair(self, table: Key) -> None:
        self.upcoming()
        line, key = self.line_here(), table
        for name in self.names():
            key = (*key, name)
            self.lines.setdefault(key, line)
        self.at += 1  # the equals sign
        self.value(key)

    def value(self, key: Key) -> None:
        first = self.upcoming()
        if first == "[":
            self.array(key)
        elif first == "{":
            self.at += 1
            while self.upcoming() != "}":
                self.pair(key)
                self.skip_comma()
            self.at += 1
        else:
            self.take(_STRING if first in ('"', "'") else _SCALAR)

    def array(self, key: Key) -> None:
        self.at += 1
        number = 0
        while self.upcoming() != "]":
            self.lines[*key, number] = self.line_here()
            self.value((*key, number))
            self.skip_comma()
            number += 1
        self.at += 1

    def skip_comma(self) -> None:
        if self.upcoming() == ",":
            self.at += 1
