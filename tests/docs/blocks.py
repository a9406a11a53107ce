"""Blocks of code and commands of the docs, by page."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.words import pages

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
SPAN = re.compile(r"`(embers [^`]+)`")
QUOTED = re.compile(r"\"(embers [^\"]+)\"")  # in the rules of workflow managers
SHELL = ("", "sh", "bash", "{code-cell}")
WORKFLOWS = ("text", "groovy", "make")
PLACEHOLDER = re.compile(r"^[A-Z][A-Z/_:]*$|\{|\$|^\[|\.\.\.|^<|^N$|\|")


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    text: str


def blocks() -> Iterator[Block]:
    """All fenced blocks of the docs, README and CONTRIBUTING."""
    for path in pages():
        if path.name != "CHANGELOG.md":
            for language, text in BLOCK.findall(path.read_text(encoding="utf-8")):
                yield Block(path.relative_to(ROOT).as_posix(), language.partition(" ")[0], text)


class Command(NamedTuple):
    """A command of the docs: words after `embers`; whether all of them are real, without placeholders."""

    page: str
    text: str
    words: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether it can be given as it stands; an option at its end may lack its value."""
        return not (self.words and self.words[-1].startswith("--")) and not any(
            PLACEHOLDER.search(word) for word in self.words
        )


def commands() -> Iterator[Command]:
    """Every `embers ...` of the docs: in blocks, in spans of code, and in rules of workflow managers."""
    for block in blocks():
        if block.language in SHELL:
            text = block.text.replace("\\\n", " ")
            lines = [line.strip() for line in text.splitlines() if line.strip().startswith("embers ")]
        elif block.language in WORKFLOWS:
            lines = [*QUOTED.findall(block.text), *re.findall(r"^\s+(embers .*)$", block.text, re.MULTILINE)]
        else:
            continue
        for line in lines:
            yield _command(block.page, line)
    for path in pages():
        if path.name != "CHANGELOG.md":
            prose = COMMENT.sub("", BLOCK.sub("", path.read_text(encoding="utf-8")))
            for span in SPAN.findall(prose):
                yield _command(path.relative_to(ROOT).as_posix(), " ".join(span.split()))


def _command(page: str, line: str) -> Command:
    words = shlex.split(line, comments=True)[1:]
    for end in ("|", ">", "&&", ";"):
        words = words[: words.index(end)] if end in words else words
    return Command(page, line, tuple(words))
