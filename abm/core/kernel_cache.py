"""Where compiled kernels are kept on disk.

numba's own cache only sees edits of the file a function stands in. Kernels here call rules of other files, so the
cache folder is named by a digest of every file of the model's floors, numba and Python: any edit makes a new folder.
A file above them, such as a check of `embers verify`, may hold kernels too as long as no other file's kernel calls
them: numba sees its edits.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import platform
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

PACKAGE = Path(__file__).resolve().parents[1]
COMPILED_FLOORS = ("core", "rules", "processes")
FOLDERS_KEPT = 4


def source_digest() -> str:
    """Digest (hex) of every source file that can end up in compiled code, and of the compiler."""
    digest = hashlib.sha256(f"{version('numba')} {version('numpy')} {platform.python_version()}".encode())
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


@functools.cache
def open_cache() -> Path:
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
