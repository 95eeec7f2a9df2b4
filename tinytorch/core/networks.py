"""An older name of `tinytorch.core.layers`."""

from __future__ import annotations

from typing import Any

from tinytorch._lazy import load

_MODULE = load("tinytorch.core.layers", "03", "tinytorch.core.networks")


def __getattr__(name: str) -> Any:
    return getattr(_MODULE, name)
