"""Finds the module that a name comes from, when the name is first used."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

_IMPORT_SYSTEM = ("importlib._bootstrap", "_frozen_importlib")


def load(module: str, number: str, wanted: str) -> ModuleType:
    """Import `module`, or say which module of the course `wanted` comes from and how to get it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
    kind = "milestone" if len(number) == 4 else "module"
    sentence = (
        f"{wanted} comes from {kind} {number}, which is not exported yet: "
        f"finish its notebook, then run `uv run tito module export {number}`"
    )
    # `from tinytorch import Linear` asks through the import system, which would drop the text of an
    # AttributeError. Everybody else, such as hasattr, expects one.
    asked_by = sys._getframe(2).f_globals.get("__name__")
    raise ImportError(sentence) if asked_by in _IMPORT_SYSTEM else AttributeError(sentence)
