"""An emulated GitHub: the part of its API that the collection uses, on a real port.

Used by the rehearsal, which shows the whole course without an account, and by
the tests. The GraphQL side executes every query against a schema; the state
comes from git repositories on disk or from plain data.

    repository = EmulatedRepository("01-tensor-ada", 1, pushed_at, path=folder, runs=(run,))
    with EmulatedGitHub(organization="demo", repositories=[repository]) as github:
        print(github.url)
"""

from autograding.github.emulator.server import Asked, EmulatedGitHub, Fault
from autograding.github.emulator.state import (
    EmulatedAnnotation,
    EmulatedCommit,
    EmulatedRepository,
    EmulatedRun,
)

__all__ = [
    "Asked",
    "EmulatedAnnotation",
    "EmulatedCommit",
    "EmulatedGitHub",
    "EmulatedRepository",
    "EmulatedRun",
    "Fault",
]
