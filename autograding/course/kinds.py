"""The two kinds of assignments, and where each stands in the course repository."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograding.course.document import Document
from autograding.course.fields import ASSIGNMENT_ID
from autograding.course.mistakes import Mistake
from autograding.course.module import Milestone, Module, examine_milestone, examine_module


@dataclass(frozen=True)
class Kind:
    """A kind of assignment. `digits` is how many its number has: 01_tensor, 1986_mlp."""

    name: str
    folder: str
    configuration: str
    digits: int
    examine: Callable[[Document], tuple[Module | Milestone | None, list[Mistake]]]


MODULE = Kind("module", "modules", "module.yml", 2, examine_module)
MILESTONE = Kind("milestone", "milestones", "milestone.yml", 4, examine_milestone)
KINDS = (MODULE, MILESTONE)


def kind_of(id: str) -> Kind:
    """The kind that an assignment id belongs to."""
    return MILESTONE if len(id.partition("_")[0]) == MILESTONE.digits else MODULE


def assignment_folders(root: Path) -> dict[str, Path]:
    """Every folder of the course that is named like an assignment of its kind, by id."""
    found = {path.name: path for kind in KINDS for path in (root / kind.folder).glob("*/")}
    return {
        id: path
        for id, path in sorted(found.items())
        if re.fullmatch(ASSIGNMENT_ID, id) and path.parent.name == kind_of(id).folder
    }
