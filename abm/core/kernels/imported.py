"""What was imported: the source that each module of the package was made from, and what the module held then.

A digest of files shows what is on the disk now, which need not be what this process computes with: a file may be edited
after its module was imported, and an attribute of a module may be replaced. So the bytes of a source file are kept when
the file is first read, by the import of its module or for a digest; a module that is imported later is made from the
kept bytes, whatever the disk says by then. What a module held right after its import is kept too, so that
`abm.core.kernels.replaced` can find what was replaced since.
"""

from __future__ import annotations

import contextlib
import os
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from typing import Any

NAME = __name__.partition(".")[0]
_UP = (os.pardir,) * __name__.count(".")  # from the folder of this file
PACKAGE = os.path.normpath(os.path.join(os.path.abspath(__file__), *_UP))  # noqa: PTH100, PTH118 - pathlib takes longer
RACY = 1_000_000_000  # ns; Python knows a compiled file by the second in which its source was changed
VOLATILE = {"__builtins__", "__warningregistry__", "__doc__", "__annotations__", "__conditional_annotations__"}

_sources: dict[str, bytes] = {}  # by path below the package, with slashes
_held: dict[str, dict[str, Any]] = {}  # by module: what each of its parts was
_hearers: list[Callable[[types.ModuleType, str], None]] = []


def source(relative: str) -> bytes:
    """Bytes of a source file of the package (path below it, with slashes) as this process knows or will import it.

    Raises:
        OSError: it was not read yet and cannot be read.
    """
    if relative not in _sources:
        with open(os.path.join(PACKAGE, relative), "rb") as file:  # noqa: PTH118, PTH123
            _sources.setdefault(relative, file.read())
    return _sources[relative]


def held() -> dict[str, dict[str, Any]]:
    """What each part of each imported module was right after the import; parts as `parts` names them."""
    return _held


def hear(hearer: Callable[[types.ModuleType, str], None]) -> None:
    """Call this with a module and a name whenever an attribute of a module of the package is set or deleted."""
    _hearers.append(hearer)


def parts(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Everything of a module that can be replaced: its names, the code of its functions, attributes of its classes."""
    for name, value in list(vars(module).items()):
        notes = name.startswith("_") and isinstance(value, (dict, list, set))  # a module's own, of what it has read
        if name in VOLATILE or notes or isinstance(value, types.ModuleType):
            continue
        yield name, value
        if getattr(value, "__module__", None) != module.__name__:
            continue
        function = getattr(value, "__wrapped__", value)
        if isinstance(function, types.FunctionType):
            yield f"{name}.__code__", function.__code__
            yield f"{name}.__defaults__", function.__defaults__
            yield f"{name}.__kwdefaults__", function.__kwdefaults__
        elif isinstance(value, type):
            yield from _attributes(name, value)


def _attributes(name: str, kind: type) -> Iterator[tuple[str, Any]]:
    """What a class defines itself, without what Python or a library keeps in it for its own use."""
    for attribute, value in list(vars(kind).items()):
        if isinstance(value, types.FunctionType):
            yield f"{name}.{attribute}", value
            yield f"{name}.{attribute}.__code__", value.__code__
        elif not attribute.startswith("_"):
            yield f"{name}.{attribute}", value


def watch() -> None:
    """Import the package's modules through this one from now on."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__qualname__ != _Finder.__qualname__]
    sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds the modules of this package as Python does, and has them loaded by `_Loader`."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """How a module is loaded; nothing for what lies elsewhere or is not a source file."""
        if not name.startswith(f"{NAME}."):
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    """Loads a module from the bytes that are kept of its source, and keeps them."""

    _bytes: bytes | None = None

    def get_data(self, path: str | bytes) -> bytes:
        """The source as kept; other files as they are."""
        return self._bytes if path == self.path and self._bytes is not None else super().get_data(str(path))

    def get_code(self, fullname: str) -> types.CodeType | None:
        """Code of the kept source; Python's compiled file is used where it is of the same bytes."""
        relative = os.path.relpath(self.path, PACKAGE).replace(os.sep, "/")
        on_disk = super().get_data(self.path)
        again = fullname in _held  # `importlib.reload`: whoever asks for it wants what is on the disk now
        self._bytes = on_disk if again else _sources.setdefault(relative, on_disk)
        if self._bytes != on_disk:
            return self.source_to_code(self._bytes, self.path)
        self._drop_racy()
        return super().get_code(fullname)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module, and keep what it holds."""
        super().exec_module(module)
        if module.__name__ in _held:
            for name in vars(module):
                _tell(module, name)
            return
        _held[module.__name__] = {part: _kept(value) for part, value in parts(module)}
        if not hasattr(module, "__path__"):
            module.__class__ = _Watched

    def _drop_racy(self) -> None:
        """Remove Python's compiled file if the source was changed in the second in which that was made, or later.

        Python compares whole seconds and the size: a number changed in place right after a run would not be seen.
        """
        from importlib.util import cache_from_source

        with contextlib.suppress(OSError, NotImplementedError):
            cached = cache_from_source(self.path)
            if os.stat(self.path).st_mtime_ns > os.stat(cached).st_mtime_ns - RACY:  # noqa: PTH116
                os.unlink(cached)  # noqa: PTH108


class _Watched(types.ModuleType):
    """A module that tells when one of its attributes is set or deleted."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        _tell(self, name)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        _tell(self, name)


def _tell(module: types.ModuleType, name: str) -> None:
    for hearer in _hearers:
        hearer(module, name)


def _kept(value: Any) -> Any:
    """The value, or a copy of what can be changed in place."""
    if isinstance(value, (dict, list, set)) or (hasattr(type(value), "tobytes") and hasattr(type(value), "dtype")):
        return value.copy()
    return value
