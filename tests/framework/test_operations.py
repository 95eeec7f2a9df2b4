"""The reference framework as a whole: its operations, whichever module defines them, and its one engine.

A module's own tests are written for students. These hold for every operation that any
module adds: it has a gradient rule that finite differences confirm, and it stays float32.
"""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

import tinytorch
from tests.assignments.conftest import PROJECT
from tinytorch.core import activations, losses, tensor
from tinytorch.core.autograd import GRADIENT_RULES, Autograd, Freed, Gradients
from tinytorch.core.tensor import Array, Function, Tensor

LABELS = np.array([2, 0, 1])


@dataclass(frozen=True)
class Case:
    """A function of tensors whose last step is `operation`, and the shapes of the tensors."""

    operation: type[Function]
    name: str
    function: Callable[..., Tensor]
    shapes: tuple[tuple[int, ...], ...]
    positive: bool = False
    """Inputs between 0.2 and 0.8, for logarithms, roots and divisors."""


CASES = [
    Case(tensor.Copy, "copy", lambda a: a.contiguous(), ((2, 3),)),
    Case(tensor.Add, "add", lambda a, b: a + b, ((4, 1, 3), (2, 3))),
    Case(tensor.Add, "add to itself", lambda a: a + a, ((2, 3),)),
    Case(tensor.Sub, "sub", lambda a, b: a - b, ((4, 1, 3), (2, 3))),
    Case(tensor.Mul, "mul", lambda a, b: a * b, ((4, 1, 3), ())),
    Case(tensor.Mul, "mul by itself", lambda a: a * a, ((2, 3),)),
    Case(tensor.Div, "div", lambda a, b: a / b, ((4, 1, 3), (2, 3)), positive=True),
    Case(tensor.Div, "div by itself", lambda a: a / a, ((2, 3),), positive=True),
    Case(tensor.Neg, "neg", lambda a: -a, ((2, 3),)),
    Case(tensor.Pow, "pow", lambda a: a**3, ((2, 3),)),
    Case(tensor.Pow, "root", lambda a: a**0.5, ((2, 3),), positive=True),
    Case(tensor.MatMul, "matmul", lambda a, b: a @ b, ((3, 4), (4, 2))),
    Case(tensor.MatMul, "matmul of a batch", lambda a, b: a @ b, ((2, 1, 3, 4), (5, 4, 2))),
    Case(tensor.MatMul, "matmul of vectors", lambda a, b: a @ b, ((4,), (4,))),
    Case(tensor.MatMul, "matmul of a row", lambda a, b: a @ b, ((4,), (5, 4, 2))),
    Case(tensor.MatMul, "matmul of a column", lambda a, b: a @ b, ((5, 3, 4), (4,))),
    Case(tensor.Reshape, "reshape", lambda a: a.reshape(3, 4), ((2, 6),)),
    Case(tensor.Permute, "permute", lambda a: a.permute(2, 0, 1), ((2, 3, 4),)),
    Case(tensor.Slice, "slice", lambda a: a[:, ::-2], ((3, 4),)),
    Case(tensor.Slice, "rows read twice", lambda a: a[[0, 2, 0]], ((3, 4),)),
    Case(tensor.Sum, "sum", lambda a: a.sum(axis=(0, -1)), ((3, 3, 2),)),
    Case(tensor.Mean, "mean", lambda a: a.mean(axis=1), ((3, 3, 2),)),
    Case(tensor.Max, "max", lambda a: a.max(axis=0, keepdims=True), ((3, 4),)),
    Case(tensor.MaskedFill, "masked fill", lambda a: a.masked_fill(np.arange(3) == 1, 9), ((2, 3),)),
    Case(tensor.Concatenate, "concatenate", lambda a, b: tensor.concatenate([a, b], 1), ((2, 1), (2, 3))),
    Case(activations.ReLUFunction, "relu", activations.relu, ((3, 4),)),
    Case(activations.SigmoidFunction, "sigmoid", activations.sigmoid, ((3, 4),)),
    Case(activations.TanhFunction, "tanh", activations.tanh, ((3, 4),)),
    Case(activations.GELUFunction, "gelu", activations.gelu, ((3, 4),)),
    Case(activations.SoftmaxFunction, "softmax", lambda a: activations.softmax(a, 0), ((3, 4),)),
    Case(losses.LogSoftmax, "log softmax", lambda a: losses.log_softmax(a, 0), ((3, 4),)),
    Case(losses.LogSumExp, "log sum exp", lambda a: losses.logsumexp(a, 1), ((3, 4),)),
    Case(losses.MSEFunction, "squared error", losses.MSELoss(), ((3, 4), (3, 4))),
    Case(
        losses.CrossEntropyFunction,
        "cross entropy",
        lambda a: losses.CrossEntropyLoss()(a, LABELS),
        ((3, 4),),
    ),
    Case(
        losses.BinaryCrossEntropyFunction,
        "bce",
        losses.BinaryCrossEntropyLoss(),
        ((3, 4), (3, 4)),
        positive=True,
    ),
    Case(
        losses.BCEWithLogitsFunction,
        "bce of logits",
        losses.BCEWithLogitsLoss(),
        ((3, 4), (3, 4)),
        positive=True,
    ),
]
EVERY_CASE = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def arrays_of(case: Case) -> list[Array]:
    rng = np.random.default_rng(6)
    low, high = (0.2, 0.8) if case.positive else (-2.0, 2.0)
    return [rng.uniform(low, high, size=shape) for shape in case.shapes]


def leaves(case: Case, dtype: str) -> list[Tensor]:
    return [Tensor(array, requires_grad=True, dtype=dtype) for array in arrays_of(case)]


def weights_for(shape: tuple[int, ...]) -> Array:
    """A gradient from outside with other numbers everywhere, so that ignoring it is noticed."""
    return np.random.default_rng(7).uniform(0.5, 1.5, size=shape)


def slope(case: Case, number: int, index: tuple[int, ...], step: float = 1e-6) -> float:
    """How fast the weighted output grows with one element of one input, by a central difference."""
    ends = []
    for move in (step, -step):
        moved = arrays_of(case)
        moved[number][index] += move
        out = case.function(*(Tensor(array, dtype="float64") for array in moved)).data
        ends.append(float(np.sum(out * weights_for(out.shape))))
    return (ends[0] - ends[1]) / (2 * step)


def operations() -> set[type[Function]]:
    """Every operation that a module of the framework defines."""
    for module in pkgutil.walk_packages(tinytorch.__path__, "tinytorch."):
        importlib.import_module(module.name)
    own = {kind for kind in Function.__subclasses__() if kind.__module__.startswith("tinytorch.")}
    return own - {Freed}


def test_every_operation_stands_in_the_cases_of_this_file() -> None:
    names = {kind.__qualname__ for kind in operations()}
    assert names == {case.operation.__qualname__ for case in CASES}


def test_every_operation_has_a_gradient_rule() -> None:
    assert operations() == set(GRADIENT_RULES)


@EVERY_CASE
def test_the_last_step_of_a_case_is_its_operation(case: Case) -> None:
    assert type(case.function(*leaves(case, "float64")).grad_fn) is case.operation


@EVERY_CASE
def test_gradients_agree_with_finite_differences(case: Case) -> None:
    inputs = leaves(case, "float64")
    out = case.function(*inputs)
    out.backward(weights_for(out.shape))
    for number, given in enumerate(inputs):
        expected = [slope(case, number, index) for index in np.ndindex(given.shape)]
        np.testing.assert_allclose(np.ravel(given.grad), expected, rtol=1e-6, atol=1e-8)


@EVERY_CASE
def test_float32_stays_float32_forwards_and_backwards(case: Case) -> None:
    inputs = leaves(case, "float32")
    out = case.function(*inputs)
    out.backward(weights_for(out.shape))
    assert [out.dtype, *(given.grad.dtype for given in inputs)] == [np.float32] * (1 + len(inputs))


@pytest.mark.parametrize("blocks", [1, 10, 100])
def test_backward_asks_each_operation_once(blocks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With two ways through each block, walking every path would ask 2**blocks times."""
    asked: list[int] = []
    derivative = Autograd.derivative

    def counted(engine: Autograd, operation: Function, grad: Array) -> Gradients:
        asked.append(id(operation))
        return derivative(engine, operation, grad)

    monkeypatch.setattr(Autograd, "derivative", counted)
    x = h = Tensor(1.0, requires_grad=True)
    for _ in range(blocks):
        h = h + h * 0.01
    h.backward(retain_graph=True)
    assert len(asked) == len(set(asked)) == 2 * blocks
    np.testing.assert_allclose(x.grad, 1.01**blocks, rtol=1e-5)


def test_a_graph_of_ten_thousand_operations_needs_no_recursion() -> None:
    x = h = Tensor(1.0, requires_grad=True)
    for _ in range(10_000):
        h = h + 1.0
    h.backward()
    assert x.grad == 1


def test_later_modules_change_nothing_in_the_classes_of_earlier_ones_but_the_engine() -> None:
    """One dispatch point: whoever reads module 01 has read what a Tensor does."""
    script = """
import importlib, inspect, tinytorch
members, changed = {}, []
for name in dict.fromkeys(module for module, _ in tinytorch._NAMES.values()):  # in the order of the course
    module = importlib.import_module(name)
    for kind, before in members.items():
        now = members[kind] = dict(vars(kind))
        differing = [key for key in before | now if before.get(key) is not now.get(key)]
        changed += [f"{name}: {kind.__name__}.{key}" for key in differing]
    for _, kind in inspect.getmembers(module, inspect.isclass):
        if kind.__module__ == module.__name__:
            members[kind] = dict(vars(kind))
print(len(members) > 40, changed)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "True ['tinytorch.core.autograd: Function.engine']"
