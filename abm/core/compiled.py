"""`@compiled`: a plain Python function, compiled by numba and kept on disk.

numba's own cache only sees edits of the file a function stands in. Kernels here call rules of other files, so the
cache folder is named by a digest of the whole package source, numba and Python: any edit makes a new folder.
`NUMBA_DISABLE_JIT=1` runs the same source interpreted and gives the same bits.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numba
import numpy as np
from platformdirs import user_cache_path

PACKAGE = Path(__file__).resolve().parents[1]
COMPILED_FLOORS = ("core", "rules", "processes")
FOLDERS_KEPT = 4

Function = TypeVar("Function", bound=Callable[..., object])


def source_digest() -> str:
    """Digest (hex) of every source file that can end up in compiled code, and of the compiler."""
    digest = hashlib.sha256(f"{numba.__version__} {np.__version__} {platform.python_version()}".encode())
    files = [path for floor in COMPILED_FLOORS for path in sorted((PACKAGE / floor).glob("*.py"))]
    for path in [*files, PACKAGE / "schedule.py"]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def cache_folder() -> Path:
    """Folder of the compiled kernels of this very source."""
    root = os.environ.get("EMBERS_CACHE_DIR")
    base = Path(root) if root else user_cache_path("embers", appauthor=False)
    return base / "kernels" / source_digest()[:16]


def _open_cache() -> Path:
    """The cache folder of this source, made if need be; older ones of other sources go.

    Where it cannot be written, a folder for this process alone: numba's own choice would miss edits in other files.
    """
    folder = cache_folder()
    if folder.exists():
        return folder
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        private = Path(tempfile.mkdtemp(prefix="embers-kernels-"))
        atexit.register(shutil.rmtree, private, ignore_errors=True)
        return private
    others = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[FOLDERS_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return folder


numba.config.CACHE_DIR = str(_open_cache())
# Measured on the whole model: level 1 compiles in two thirds of the time of numba's level 3 and runs as fast (the loops
# are vectorized at either level).
if "NUMBA_OPT" not in os.environ:
    numba.config.OPT = type(numba.config.OPT)(1)


def compiled(function: Function) -> Function:
    """Compile `function` on first use, keep it on disk, release the GIL while it runs."""
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)


def compiled_for(types: str) -> Callable[[Function], Function]:
    """The same, for these types only, to which arguments are converted: `@compiled_for("float64(int64, int64)")`.

    For small functions called with many kinds of integers, each of which would else be compiled for.
    """
    return numba.njit(types, cache=True, nogil=True, error_model="numpy")


def interpreted() -> bool:
    """Whether the kernels run as plain Python (`NUMBA_DISABLE_JIT=1`)."""
    return bool(numba.config.DISABLE_JIT)


if interpreted():
    np.seterr(over="ignore")  # 64-bit hashing wraps around on purpose
