"""Imports on the way to the first paint: of numpy, PIL and some others only the names.

An import of a library that was put off gives a module that loads itself when it is first used, what
PEP 810 makes of ``lazy import``. (`importlib.util.LazyLoader` loads at a module's second import.)
"""

from __future__ import annotations

import builtins
import gc
import importlib.util
import sys
import threading
from types import ModuleType
from typing import Any

import PySide6.QtCore  # noqa: F401  # hooks itself into `import`

LIBRARIES = (
    "numpy", "PIL.Image", "PIL.ImageCms", "PIL.ImageOps", "safetensors.numpy",
    "difflib", "hashlib", "platform", "statistics",
)  # fmt: skip
"""What would take a quarter of the time until the window is painted."""


_lock = threading.RLock()
_loading: set[str] = set()


class _PutOff(ModuleType):
    """A module of which not everything is known yet: nothing but its name and place, at first."""

    def __getattr__(self, name: str) -> Any:
        with _lock:  # another thread waits until all is known
            if self.__name__ in _loading:
                own = vars(self).get("__getattr__")
                if own is None:
                    raise AttributeError(f"{self.__name__} is still loading and has no {name} yet.")
                return own(name)
            _load(self)
        return getattr(self, name)


def _load(module: ModuleType) -> None:
    with _lock:
        if not isinstance(module, _PutOff) or module.__name__ in _loading:
            return
        spec = module.__spec__
        assert spec is not None
        assert spec.loader is not None
        if spec.submodule_search_locations is not None:
            module.__path__ = spec.submodule_search_locations
        _loading.add(module.__name__)
        try:
            spec.loader.exec_module(module)
        finally:
            _loading.remove(module.__name__)
        module.__class__ = ModuleType  # type: ignore[assignment]  # it is a plain one from here on


def put_off() -> None:
    """Have each of the libraries wait for its first use; call it before the window is imported."""
    # Nearly all that is made until then stays, so that looking for what does not is for nothing.
    gc.disable()
    _import_plainly()
    for name in LIBRARIES:
        spec = importlib.util.find_spec(name)
        if name in sys.modules or spec is None:
            continue  # loaded already, or the import will tell that it is not there
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        # Whoever imports a module within asks for this first, and has the whole loaded.
        vars(module).pop("__path__", None)
        module.__class__ = _PutOff
        package, _, own = name.rpartition(".")
        if package:
            setattr(sys.modules[package], own, module)


def _import_plainly() -> None:
    """Take PySide6's hook off ``import``.

    It reads the source of whatever is imported, and keeps it, to find modules that use its
    ``__feature__``. None of ours does.
    """
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def load() -> None:
    """Load what was put off; call it before other threads run.

    They wait for what they use of a library that is loading, but import what lies in it half made.
    """
    for name in LIBRARIES:
        if name in sys.modules:
            _load(sys.modules[name])
    if not gc.isenabled():
        # Never looked through again: it would hold the window up every now and then.
        gc.freeze()
        gc.enable()
