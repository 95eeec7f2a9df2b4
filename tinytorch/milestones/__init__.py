"""What the framework can do: the milestones, each with a `main` that runs it."""

from __future__ import annotations

from typing import Any

from tinytorch._lazy import load

_MODULES = {
    "perceptron": "1958",
    "xor": "1969",
    "mlp": "1986",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return load(f"{__name__}.{name}", _MODULES[name], f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
