"""What the framework costs, beside PyTorch and against depth, and what the milestones reach with it.

    uv run benchmarks/framework.py                        # without PyTorch: TinyTorch alone

    python -m venv torch-venv
    torch-venv/bin/pip install numpy torch==2.13.0
    torch-venv/bin/python benchmarks/framework.py         # beside PyTorch, on one thread each

Both frameworks run in this one process, in turns, on one thread and on the same
numbers, and the ratio of their medians is what counts. Nothing in the course
needs PyTorch.

What the milestones reach is measured on five seeds each, beside the targets that their
own `main` compares with. Exit status 1: a target was missed.
"""

from __future__ import annotations

import os

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is imported, or it is too late

import argparse
import importlib.util
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from tinytorch.core.autograd import backward
from tinytorch.core.layers import create_mlp
from tinytorch.core.losses import CrossEntropyLoss
from tinytorch.core.tensor import Tensor
from tinytorch.milestones import mlp, perceptron, xor

BATCH, SIZES = 64, (784, 128, 10)
DEPTHS = (1000, 2000, 4000, 8000)
SEEDS = range(5)
Step = Callable[[], object]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=300, help="training steps of each framework")
    repeats = parser.parse_args().repeats
    print(f"python {sys.version.split()[0]}, numpy {np.__version__}, one thread, {os.cpu_count()} cores")
    training_step(repeats)
    depth(max(3, repeats // 30))
    return 0 if milestones() else 1


def training_step(repeats: int) -> None:
    """Forward and backward of an MLP, beside PyTorch where that is installed."""
    rng = np.random.default_rng(0)
    images = rng.normal(size=(BATCH, SIZES[0])).astype(np.float32)
    labels = rng.integers(0, SIZES[-1], size=BATCH)
    steps = {"tinytorch": tinytorch_step(images, labels)}
    if importlib.util.find_spec("torch"):
        steps["torch"] = torch_step(images, labels)
    seconds = in_turns(steps, repeats)
    print(f"\nforward and backward, {'-'.join(map(str, SIZES))} MLP, batch {BATCH}, {repeats} steps each")
    for name, times in seconds.items():
        low, middle, high = (value * 1e6 for value in statistics.quantiles(times, n=4))
        print(f"  {name:10} median {middle:7.0f} us   quartiles {low:.0f} to {high:.0f} us")
    if "torch" in seconds:
        ratio = statistics.median(seconds["tinytorch"]) / statistics.median(seconds["torch"])
        print(f"  ratio {ratio:.2f} (at most 2, goal 1.3)")


def tinytorch_step(images: np.ndarray, labels: np.ndarray) -> Step:
    model = create_mlp(SIZES[0], list(SIZES[1:-1]), SIZES[-1], rng=np.random.default_rng(1))
    loss_fn, inputs = CrossEntropyLoss(), Tensor(images)

    def step() -> None:
        for parameter in model.parameters():
            parameter.zero_grad()
        backward(loss_fn(model(inputs), labels))

    return step


def torch_step(images: np.ndarray, labels: np.ndarray) -> Step:
    import torch

    torch.set_num_threads(1)
    model = torch.nn.Sequential(
        torch.nn.Linear(SIZES[0], SIZES[1]), torch.nn.ReLU(), torch.nn.Linear(SIZES[1], SIZES[2])
    )
    loss_fn = torch.nn.CrossEntropyLoss()
    inputs, targets = torch.from_numpy(images), torch.from_numpy(labels)

    def step() -> None:
        model.zero_grad()
        loss_fn(model(inputs), targets).backward()

    print(f"torch {torch.__version__}")
    return step


def depth(repeats: int) -> None:
    """Backward through chains of additions: the time for one operation must not grow with the length."""
    print(f"\nbackward through a chain of additions, medians of {repeats}")
    for length in DEPTHS:
        times = []
        for _ in range(repeats):
            end = chain(length)
            start = time.perf_counter()
            backward(end)
            times.append(time.perf_counter() - start)
        middle = statistics.median(times)
        print(f"  {length:6,} operations {middle * 1e3:8.2f} ms   {middle / length * 1e6:6.2f} us each")


def milestones() -> bool:
    """What each milestone reaches for five seeds, with the time for one; whether all targets were reached."""
    print(f"\nmilestones, {len(SEEDS)} seeds each")
    results = [
        milestone("1958 50 gradient steps, accuracy", perceptron_accuracy, perceptron.TRAINED_AT_LEAST),
        milestone("1969 XOR solved by 4 units", xor_solved, xor.SOLVED_AT_LEAST / xor.RUNS, mean=True),
        milestone("1986 digits, test accuracy", mlp.run_seed, mlp.AT_LEAST),
    ]
    return all(results)


def milestone(name: str, run: Callable[[int], float], target: float, mean: bool = False) -> bool:
    """Whether the worst seed reaches the target, or the `mean` of all where the target is a share of runs."""
    values, times = [], []
    for seed in SEEDS:
        start = time.perf_counter()
        values.append(run(seed))
        times.append(time.perf_counter() - start)
    reached = (statistics.mean(values) if mean else min(values)) >= target
    found = " ".join(f"{value:.3f}" for value in values)
    print(
        f"  {name:34} {found}   {statistics.median(times):5.2f} s a seed   "
        f"target {target:.2f} {'reached' if reached else 'MISSED'}"
    )
    return reached


def perceptron_accuracy(seed: int) -> float:
    return perceptron.run_once(seed)[1]


def xor_solved(seed: int) -> float:
    return float(xor.count_solved(4, [seed]))


def chain(length: int) -> Tensor:
    value = Tensor(1.0, requires_grad=True)
    for _ in range(length):
        value = value + 1.0
    return value


def in_turns(steps: dict[str, Step], repeats: int) -> dict[str, list[float]]:
    """The seconds of each step, taken in turns so that a busy moment meets all of them."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(repeats + 20):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            if turn >= 20:  # the first ones warm caches up
                seconds[name].append(time.perf_counter() - start)
    return seconds


if __name__ == "__main__":
    raise SystemExit(main())
