"""Files of compiled kernels: a reader gets all of one or nothing of it.

A file begins with a checksum of what follows. What is empty, cut, noise or of another kind is as good as not there: the
kernel is compiled again and the file replaced. A file gets its name when it is complete, so that processes can write
the same one at once; the checksum finds what a power cut leaves of it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from pathlib import Path

HEAD = b"Embers kernel\n"
LENGTH = len(HEAD) + hashlib.sha256().digest_size


def read_whole(path: Path) -> bytes | None:
    """What a file holds; None where there is no whole one that can be read."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    kept = content[LENGTH:]
    return kept if content[:LENGTH] == HEAD + hashlib.sha256(kept).digest() else None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once.

    Raises:
        OSError: no room, no right to write; nothing is left behind.
    """
    temporary = path.with_name(f".{uuid.uuid4().hex}")
    try:
        temporary.write_bytes(HEAD + hashlib.sha256(content).digest() + content)
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def size_on_disk(path: Path) -> int:
    """Bytes that a file holds, without its checksum; -1 where there is none."""
    try:
        return os.stat(path).st_size - LENGTH  # noqa: PTH116 - quick: there are hundreds of them
    except OSError:
        return -1
