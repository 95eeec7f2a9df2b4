"""TinyTorch, a machine-learning framework that can be read in a week.

Every public name of its modules can be used from here, `tinytorch.Tensor` for
example. A module is imported when one of its names is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tinytorch._lazy import load

_NAMES = {
    "EXAMPLE_INFO": ("tinytorch.core.setup", "00"),
    "personal_info": ("tinytorch.core.setup", "00"),
    "total_memory_bytes": ("tinytorch.core.setup", "00"),
    "system_info": ("tinytorch.core.setup", "00"),
    "Check": ("tinytorch.core.setup", "00"),
    "OLDEST_PYTHON": ("tinytorch.core.setup", "00"),
    "python_check": ("tinytorch.core.setup", "00"),
    "progress_folder": ("tinytorch.core.setup", "00"),
    "environment_table": ("tinytorch.core.setup", "00"),
    "import_check": ("tinytorch.core.setup", "00"),
    "folder_check": ("tinytorch.core.setup", "00"),
    "check_environment": ("tinytorch.core.setup", "00"),
    "module_graph": ("tinytorch.core.setup", "00"),
    "learning_path": ("tinytorch.core.setup", "00"),
    "Array": ("tinytorch.core.tensor", "01"),
    "Operand": ("tinytorch.core.tensor", "01"),
    "Tensor": ("tinytorch.core.tensor", "01"),
    "Engine": ("tinytorch.core.tensor", "01"),
    "Function": ("tinytorch.core.tensor", "01"),
    "Copy": ("tinytorch.core.tensor", "01"),
    "as_tensor": ("tinytorch.core.tensor", "01"),
    "broadcast_shape": ("tinytorch.core.tensor", "01"),
    "Add": ("tinytorch.core.tensor", "01"),
    "Sub": ("tinytorch.core.tensor", "01"),
    "Mul": ("tinytorch.core.tensor", "01"),
    "Div": ("tinytorch.core.tensor", "01"),
    "Neg": ("tinytorch.core.tensor", "01"),
    "Pow": ("tinytorch.core.tensor", "01"),
    "check_matmul": ("tinytorch.core.tensor", "01"),
    "matmul_loops": ("tinytorch.core.tensor", "01"),
    "MatMul": ("tinytorch.core.tensor", "01"),
    "infer_shape": ("tinytorch.core.tensor", "01"),
    "as_shape": ("tinytorch.core.tensor", "01"),
    "check_axis": ("tinytorch.core.tensor", "01"),
    "Reshape": ("tinytorch.core.tensor", "01"),
    "Permute": ("tinytorch.core.tensor", "01"),
    "Slice": ("tinytorch.core.tensor", "01"),
    "Sum": ("tinytorch.core.tensor", "01"),
    "Mean": ("tinytorch.core.tensor", "01"),
    "Max": ("tinytorch.core.tensor", "01"),
    "MaskedFill": ("tinytorch.core.tensor", "01"),
    "Concatenate": ("tinytorch.core.tensor", "01"),
    "concatenate": ("tinytorch.core.tensor", "01"),
    "stack": ("tinytorch.core.tensor", "01"),
    "check_float": ("tinytorch.core.activations", "02"),
    "Activation": ("tinytorch.core.activations", "02"),
    "ReLUFunction": ("tinytorch.core.activations", "02"),
    "relu": ("tinytorch.core.activations", "02"),
    "ReLU": ("tinytorch.core.activations", "02"),
    "SigmoidFunction": ("tinytorch.core.activations", "02"),
    "sigmoid": ("tinytorch.core.activations", "02"),
    "Sigmoid": ("tinytorch.core.activations", "02"),
    "TanhFunction": ("tinytorch.core.activations", "02"),
    "tanh": ("tinytorch.core.activations", "02"),
    "Tanh": ("tinytorch.core.activations", "02"),
    "GELUFunction": ("tinytorch.core.activations", "02"),
    "gelu": ("tinytorch.core.activations", "02"),
    "GELU": ("tinytorch.core.activations", "02"),
    "SoftmaxFunction": ("tinytorch.core.activations", "02"),
    "softmax": ("tinytorch.core.activations", "02"),
    "Softmax": ("tinytorch.core.activations", "02"),
}

_MODULES = dict[str, str]()

_PACKAGES = ("core",)


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"tinytorch.{name}")
    if name in _MODULES:
        return load(f"tinytorch.{name}", _MODULES[name], f"tinytorch.{name}")
    if name not in _NAMES:
        raise AttributeError(f"module 'tinytorch' has no attribute {name!r}")
    module, number = _NAMES[name]
    loaded = load(module, number, name)
    if not hasattr(loaded, name):
        raise AttributeError(
            f"{name} comes from module {number}, but its exported file {module} does not define it: "
            f"write it in the notebook, then run `uv run tito module export {number}`"
        )
    return getattr(loaded, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NAMES, *_MODULES, *_PACKAGES})
