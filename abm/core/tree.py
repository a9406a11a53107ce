"""A short tree of lines by which an object presents itself: as text on a terminal, as HTML in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

LONGEST = 140  # characters of a line


class Tree(NamedTuple):
    """A line, and below it the lines that belong to it."""

    line: str
    branches: tuple[Tree, ...] = ()

    def text(self) -> str:
        """The tree drawn with box characters."""
        return "\n".join([_short(self.line), *self._below("")])

    def html(self) -> str:
        """The tree as nested lists that fold; it sets no colors, so that it reads on light and on dark pages."""
        return f'<div style="line-height: 1.45">{self._html("strong")}</div>'

    def _below(self, indent: str) -> Iterator[str]:
        for number, branch in enumerate(self.branches, start=1):
            last = number == len(self.branches)
            yield f"{indent}{'└── ' if last else '├── '}{_short(branch.line)}"
            yield from branch._below(indent + ("    " if last else "│   "))

    def _html(self, tag: str) -> str:
        line = f"<{tag}>{escape(self.line)}</{tag}>"
        if not self.branches:
            return line
        style = "margin: 0; padding-left: 1.6em; list-style: none"
        below = "".join(f"<li>{branch._html('span')}</li>" for branch in self.branches)
        return f'<details open><summary>{line}</summary><ul style="{style}">{below}</ul></details>'


class ShownAsTree:
    """An object that shows a tree of what it is, wherever Python or a notebook shows it."""

    def _tree(self) -> Tree:
        """What is shown."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """The tree as text."""
        return self._tree().text()

    def _repr_html_(self) -> str:
        """The tree as a notebook shows it."""
        return self._tree().html()


def tree(line: str, *branches: Tree | str) -> Tree:
    """A tree of this line with these below it."""
    return Tree(line, tuple(branch if isinstance(branch, Tree) else Tree(branch) for branch in branches))


def _short(line: str) -> str:
    """A line without breaks, cut where it is too long."""
    line = " ".join(line.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
