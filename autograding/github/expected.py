"""What a repository must look like: the rendered assignments that student repositories came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograding.assignments.git import Repository
from autograding.github.queries import PROTECTED
from autograding.grader.errors import ConfigurationError
from autograding.grader.manifest import FILENAME, Manifest, decode_manifest

RENDER_ADVICE = "render it: uv run scripts/generate_assignments.py"


class NamedAssignment(Protocol):
    """The part of a course's assignment that is needed here."""

    @property
    def id(self) -> str: ...
    @property
    def slug(self) -> str: ...


@dataclass(frozen=True)
class Expected:
    """One rendered assignment: the yardstick for every student repository of it.

    `objects` maps each protected path to its git object id. `starter` is the
    commit students start from, where it is known.
    """

    assignment: str
    slug: str
    manifest: Manifest
    manifest_sha256: str
    objects: Mapping[str, str]
    starter: str | None = None


def load_expected(folder: Path, assignments: Iterable[NamedAssignment]) -> tuple[Expected, ...]:
    """The assignments rendered in `folder`, in the course's order.

    An assignment that was not rendered is left out; none at all is an error.
    """
    found = tuple(
        read_expected(folder / item.slug, item)
        for item in assignments
        if (folder / item.slug / FILENAME).is_file()
    )
    if not found:
        raise ConfigurationError(
            "there is no rendered assignment here, so no repository can be checked against one",
            where=str(folder),
            mend=f"{RENDER_ADVICE} (or say where they are: --assignments DIR)",
        )
    return found


def read_expected(repository: Path, assignment: NamedAssignment) -> Expected:
    """Read one rendered repository. Raises ConfigurationError where it is not of this course."""
    path = repository / FILENAME
    try:
        data = path.read_bytes()
        text = data.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            "this manifest cannot be read", where=str(path), mend=RENDER_ADVICE
        ) from error
    manifest = decode_manifest(text, str(path))
    if manifest.assignment != assignment.id:
        raise ConfigurationError(
            f"this folder holds {manifest.assignment}, not {assignment.id}",
            where=str(path),
            mend=RENDER_ADVICE,
        )
    objects = {**manifest.trees, FILENAME: blob_id(data)}
    missing = sorted(set(PROTECTED.values()) - objects.keys())
    if missing:
        raise ConfigurationError(
            f"the manifest has no git object id for {', '.join(missing)}", where=str(path), mend=RENDER_ADVICE
        )
    return Expected(
        assignment=assignment.id,
        slug=assignment.slug,
        manifest=manifest,
        manifest_sha256=hashlib.sha256(data).hexdigest(),
        objects=objects,
        starter=_head(repository),
    )


def blob_id(data: bytes) -> str:
    """The id git gives a file with this content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _head(repository: Path) -> str | None:
    # Without .git of its own it is a plain copy, and the repository around it must not answer instead.
    return Repository(repository).head() if (repository / ".git").exists() else None
