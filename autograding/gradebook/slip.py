"""Slip days: how a student's free late days are spent over the term, in their favour."""

from __future__ import annotations

from collections.abc import Sequence


def spend(gains: Sequence[Sequence[int]], days: int) -> tuple[int, ...]:
    """How many days to spend on each assignment so that the gains together are greatest.

    `gains[a][k]` is what assignment `a` is worth with `k` days; there are at most
    `days` in all. The result is exact. Of several best ways the one that spends
    the fewest days is taken, and of those the one that spends them earliest.
    """
    # For each number of days spent so far, the best way to spend them on the assignments so far.
    best: dict[int, tuple[int, tuple[int, ...]]] = {0: (0, ())}
    for options in gains:
        following: dict[int, tuple[int, tuple[int, ...]]] = {}
        for spent, (gained, ways) in best.items():
            for more, gain in enumerate(options[: days - spent + 1]):
                found = (gained + gain, (*ways, more))
                if spent + more not in following or found > following[spent + more]:
                    following[spent + more] = found
        best = following
    spent = max(best, key=lambda spent: (best[spent][0], -spent))
    return best[spent][1]
