"""How long rendering takes: cold, with nothing there, and warm, with nothing changed.

uv run python benchmarks/render.py
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
REPEATS = 5


def measure(run: Callable[[], None]) -> tuple[float, float]:
    """Median seconds on the clock and on the processor, of the command and all it starts."""
    clock, processor = [], []
    for _ in range(REPEATS):
        before, start = _processor_seconds(), time.perf_counter()
        run()
        clock.append(time.perf_counter() - start)
        processor.append(_processor_seconds() - before)
    return statistics.median(clock), statistics.median(processor)


def _processor_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def generate(output: Path) -> None:
    """Render every assignment of this course into a folder."""
    command = [sys.executable, str(ROOT / "scripts" / "generate_assignments.py"), "--output", str(output)]
    subprocess.run([*command, "--reveal-open"], check=True, capture_output=True, cwd=ROOT)


def main() -> None:
    """Print a table."""
    table = Table("render of all modules", "seconds", "processor seconds", "of cold", box=None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fresh = iter(range(REPEATS))
        cold = measure(lambda: generate(folder / str(next(fresh))))
        warm = measure(lambda: generate(folder / "0"))
    for label, (clock, processor) in (("cold", cold), ("warm", warm)):
        table.add_row(label, f"{clock:.2f}", f"{processor:.2f}", f"{clock / cold[0]:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main()
