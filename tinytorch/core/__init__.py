"""Tensors, layers and training: what a neural network is made of."""

from __future__ import annotations

from typing import Any

from tinytorch._lazy import load

_MODULES = {
    "setup": "00",
    "tensor": "01",
    "activations": "02",
    "layers": "03",
    "losses": "04",
    "dataloader": "05",
    "autograd": "06",
    "optimizers": "07",
    "training": "08",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return load(f"{__name__}.{name}", _MODULES[name], f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
