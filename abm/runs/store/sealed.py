"""Files of results that show when they were damaged: each holds a checksum of all its bytes.

In a Parquet file it stands between the tables and the footer, where other programs do not look, so that any of them
reads the file. Text (JSON) carries it beside its content. Entries of zip files have checksums of their own.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from abm.runs.store.files import atomic

MARK = b"Embers checksum:"
NO_SUM = -1  # which no checksum is
TEXT = re.compile(rb'\{"checksum": "([0-9a-f]{16})",(.*)', re.DOTALL)
FORMAT = b"PAR1"
END = 8  # bytes after the footer of a Parquet file: its length, and what tells the format
PIECE = 1 << 20  # bytes read at a time
# What readers raise at a damaged zip file, which has checksums: at entries that are not there or seem to be encrypted.
ZIP_DAMAGE = (
    OSError, zipfile.BadZipFile, zlib.error, struct.error, KeyError, ValueError, EOFError, RuntimeError, OverflowError,
)  # fmt: skip
MADE_AGAIN = "the command that made it, started again, makes it again"


class DamagedError(Exception):
    """A file of results does not hold what was written to it: `path` is the file, `remedy` what to do."""

    def __init__(self, path: Path, problem: str = "is damaged", remedy: str = MADE_AGAIN) -> None:
        """Keep all."""
        super().__init__(path, problem, remedy)
        self.path, self.problem, self.remedy = path, problem, remedy

    def __str__(self) -> str:
        """The sentence."""
        return f'"{self.path}" {self.problem}; {self.remedy}'


@contextmanager
def sealed(path: Path, lasting: bool = False) -> Iterator[Path]:
    """A path to write a Parquet file to, which becomes `path` at the end, with its checksum.

    Raises:
        OSError: no room, no right to write; nothing is left behind.
    """
    with atomic(path, lasting) as temporary:
        yield temporary
        seal(temporary)


def seal(path: Path) -> None:
    """Put the checksum of a Parquet file into it.

    Raises:
        OSError: no room, no right to write.
    """
    with path.open("rb+") as file:
        begin, _, footer = _parts(file)
        total = zlib.crc32(footer, _sum_of(file, begin))
        file.seek(begin)
        file.write(MARK + total.to_bytes(4, "little") + footer)


def is_whole(path: Path) -> bool:
    """Whether a Parquet file is there and holds what was written to it."""
    try:
        check(path)
    except (OSError, DamagedError):
        return False
    return True


def check(path: Path) -> None:
    """Read a Parquet file once, and again when it has changed, to find out whether it is what was written.

    One without a checksum, of another program, has to be what its reader makes of it.

    Raises:
        DamagedError: it is cut short, or bytes of it have changed.
        OSError: it cannot be read.
    """
    found = path.stat()
    _check(path, found.st_size, found.st_mtime_ns, found.st_ino)


@functools.lru_cache(maxsize=1 << 16)
def _check(path: Path, _size: int, _time: int, _inode: int) -> None:
    with path.open("rb") as file:
        begin, told, footer = _parts(file)
        if footer[-4:] != FORMAT:
            raise DamagedError(path, "is cut short, or no table")
        if told is None and (not _is_table(path) or _has_mark(file)):  # a mark out of its place: bytes are gone or new
            raise DamagedError(path)
        if told is not None and zlib.crc32(footer, _sum_of(file, begin)) != told:
            raise DamagedError(path)


def _is_table(path: Path) -> bool:
    """Whether the footer of a Parquet file can be read."""
    import pyarrow.parquet as pq

    try:
        pq.read_metadata(path)
    except (OSError, ValueError):
        return False
    return True


def _has_mark(file: IO[bytes]) -> bool:
    """Whether the mark of a checksum is anywhere in an open file."""
    file.seek(0)
    before = b""
    while piece := file.read(PIECE):
        if MARK in before + piece:
            return True
        before = piece[-len(MARK) :]
    return False


def _parts(file: IO[bytes]) -> tuple[int, int | None, bytes]:
    """Of an open Parquet file: where its tables end, its checksum, if it has one, and its footer."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END))
    length = int.from_bytes(file.read(4), "little")
    begin = max(0, size - END - length)
    head = len(MARK) + 4
    file.seek(max(0, begin - head))
    before = file.read(min(begin, head))
    footer = file.read()
    if before[:-4] == MARK:
        return begin - head, int.from_bytes(before[-4:], "little"), footer
    if sum(one == other for one, other in zip(before, MARK, strict=False)) > len(MARK) // 2:
        return begin - head, NO_SUM, footer  # the mark itself is damaged
    return begin, None, footer


def _sum_of(file: IO[bytes], end: int) -> int:
    """Checksum of the first `end` bytes of an open file."""
    file.seek(0)
    total, left = 0, end
    while left > 0 and (piece := file.read(min(PIECE, left))):
        total, left = zlib.crc32(piece, total), left - len(piece)
    return total


def as_text(content: dict[str, Any], indent: int | None = None) -> str:
    """JSON that begins with the checksum of what follows; the content has at least one key."""
    rest = json.dumps(content, indent=indent)[1:]
    return f'{{"checksum": "{_digest(rest.encode())}",{rest}'


def read_text(path: Path) -> dict[str, Any]:
    """What `as_text` was given, or JSON without a checksum.

    Raises:
        DamagedError: it is cut short, or bytes of it have changed.
        OSError: it cannot be read.
    """
    whole = path.read_bytes()
    found = TEXT.fullmatch(whole)
    try:
        content = json.loads(whole)
        told = content.pop("checksum", None)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise DamagedError(path) from error
    if told is not None and not (found and found[1].decode() == _digest(found[2])):
        raise DamagedError(path)
    return dict(content)


def sums(folder: Path) -> dict[str, int]:
    """Checksum of each file in a folder, by name."""
    return {path.name: zlib.crc32(path.read_bytes()) for path in sorted(folder.iterdir())}


def holds(folder: Path, told: dict[str, int]) -> bool:
    """Whether a folder holds files with these checksums, others aside."""
    try:
        return all(zlib.crc32((folder / name).read_bytes()) == total for name, total in told.items())
    except OSError:
        return False


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
