"""Modules that a test makes as if they had been imported with the package."""

import sys
import types
from typing import Any

from abm.core.kernels import imported, replaced


def module_of(name: str, source: str, **outside: Any) -> types.ModuleType:
    """A module of the package that was imported just now."""
    module = types.ModuleType(name)
    file = f"{name.partition('.')[2]}.py"
    module.__file__ = f"{imported.PACKAGE}/{file}"
    vars(module).update(outside)
    exec(source, vars(module))
    for value in list(vars(module).values()):
        if getattr(value, "__module__", None) == "builtins" and isinstance(value, types.FunctionType):
            value.__module__ = name
    sys.modules[name] = module
    imported._held[name] = {part: imported._kept(value) for part, value in imported.parts(module)}
    imported._sources[file] = source.encode()
    return module


def forget(name: str) -> None:
    """Take such a module away again."""
    del sys.modules[name], imported._held[name], imported._sources[f"{name.partition('.')[2]}.py"]
    replaced._quick.pop(name, None)
