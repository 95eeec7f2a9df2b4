"""What each assignment counts in the course grade."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

CHECKPOINTS: Final = "checkpoints"


class WeightedAssignment(Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def id(self) -> str: ...
    @property
    def part(self) -> str: ...
    @property
    def weight(self) -> float: ...


@dataclass(frozen=True)
class Stake:
    """What full points and a passed checkpoint of an assignment add to the course grade, in percent."""

    points: float
    checkpoint: float


def stakes(assignments: Iterable[WeightedAssignment], weights: Mapping[str, float]) -> dict[str, Stake]:
    """The stake of each assignment by id; together 100 where anything counts at all.

    A part's weight is divided among its assignments by their weight, and that of
    the checkpoints equally among all assignments that have a weight. A part
    without an assignment leaves its weight to the others, in proportion: so what a
    student is excused from neither helps nor hurts.
    """
    counted = [item for item in assignments if item.weight > 0]
    parts = weights.keys() - {CHECKPOINTS}
    totals = {part: sum(item.weight for item in counted if item.part == part) for part in parts}
    present = sum(weights[part] for part, total in totals.items() if total > 0)
    present += weights.get(CHECKPOINTS, 0.0) if counted else 0.0
    if present <= 0:
        return {item.id: Stake(0.0, 0.0) for item in counted}
    return {
        item.id: Stake(
            points=weights[item.part] * 100 / present * item.weight / totals[item.part]
            if item.part in totals
            else 0.0,
            checkpoint=weights.get(CHECKPOINTS, 0.0) * 100 / present / len(counted),
        )
        for item in counted
    }
