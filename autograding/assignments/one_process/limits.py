"""How long our own code may compute.

In a grade every test has its own limit; in one process they share one, which is for
code that loops, and leaves the rest room on a slow machine.
"""

from __future__ import annotations

SECONDS_AT_LEAST = 5
TIMES_THE_SUITE = 4


def cpu_seconds(suite_seconds: float) -> int:
    """The limit for a package whose tests take this long together where nothing is wrong with it."""
    return SECONDS_AT_LEAST + int(TIMES_THE_SUITE * suite_seconds)
