"""The reference package `tinytorch/`: exported lessons and the lazy files that tie them together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograding.course import Assignment, kind_of
from autograding.grader.errors import LessonError
from autograding.grader.manifest import Manifest
from autograding.grader.notebook.export import export_package
from autograding.grader.notebook.read import Notebook, NotebookCell
from autograding.grader.notebook.syntax import defined_names
from autograding.lesson.cells import Lesson, place
from autograding.lesson.render import manifest_cells
from autograding.lesson.solutions import without_markers
from autograding.lesson.source import read_lesson

_DATA = "tinytorch/data"

_ABOUT = {
    "tinytorch.core": "Tensors, layers and training: what a neural network is made of.",
    "tinytorch.milestones": "What the framework can do: the milestones, each with a `main` that runs it.",
    "tinytorch.perf": "Measuring a network and making it smaller and faster.",
}

# Names under which course documents and older versions of the course know a module.
_OLDER_NAMES = {"tinytorch.core.networks": "tinytorch.core.layers"}

_LAZY = '''\
"""Finds the module that a name comes from, when the name is first used."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

_IMPORT_SYSTEM = ("importlib._bootstrap", "_frozen_importlib")


def load(module: str, number: str, wanted: str) -> ModuleType:
    """Import `module`, or say which module of the course `wanted` comes from and how to get it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
    kind = "milestone" if len(number) == 4 else "module"
    sentence = (
        f"{wanted} comes from {kind} {number}, which is not exported yet: "
        f"finish its notebook, then run `uv run tito module export {number}`"
    )
    # `from tinytorch import Linear` asks through the import system, which would drop the text of an
    # AttributeError. Everybody else, such as hasattr, expects one.
    asked_by = sys._getframe(2).f_globals.get("__name__")
    raise ImportError(sentence) if asked_by in _IMPORT_SYSTEM else AttributeError(sentence)
'''

_TOP = '''\
"""TinyTorch, a machine-learning framework that can be read in a week.

Every public name of its modules can be used from here, `tinytorch.Tensor` for
example. A module is imported when one of its names is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tinytorch._lazy import load

_NAMES = {names}

_MODULES = {modules}

_PACKAGES = {packages}


def __getattr__(name: str) -> Any:
    if name in _PACKAGES:
        return import_module(f"tinytorch.{{name}}")
    if name in _MODULES:
        return load(f"tinytorch.{{name}}", _MODULES[name], f"tinytorch.{{name}}")
    if name not in _NAMES:
        raise AttributeError(f"module 'tinytorch' has no attribute {{name!r}}")
    module, number = _NAMES[name]
    loaded = load(module, number, name)
    if not hasattr(loaded, name):
        raise AttributeError(
            f"{{name}} comes from module {{number}}, but its exported file {{module}} does not define it: "
            f"write it in the notebook, then run `uv run tito module export {{number}}`"
        )
    return getattr(loaded, name)


def __dir__() -> list[str]:
    return sorted({{*globals(), *_NAMES, *_MODULES, *_PACKAGES}})
'''

_SUB = '''\
"""{about}"""

from __future__ import annotations

from typing import Any

from tinytorch._lazy import load

_MODULES = {modules}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
    return load(f"{{__name__}}.{{name}}", _MODULES[name], f"{{__name__}}.{{name}}")


def __dir__() -> list[str]:
    return sorted({{*globals(), *_MODULES}})
'''


_OLDER = '''\
"""An older name of `{module}`."""

from __future__ import annotations

from typing import Any

from tinytorch._lazy import load

_MODULE = load("{module}", "{number}", "{older}")


def __getattr__(name: str) -> Any:
    return getattr(_MODULE, name)
'''


@dataclass(frozen=True)
class OutOfStep:
    """A file of the package that is not what the lessons export to, and what is wrong with it."""

    path: str
    problem: str


@lru_cache(maxsize=64)
def export_lesson(lesson: Lesson, origin: str | None = None) -> str:
    """The package source of a lesson as it stands, through the exporter that students use.

    Solutions stay, their markers go. `origin` is what the file's first line names as
    its source. Raises LessonError.
    """
    where = origin or lesson.where
    cells = [
        NotebookCell(position, cell.kind, cell.id, cell.source, cell.role, cell.exercise)
        for position, cell in enumerate(without_markers(lesson).cells, 1)
    ]
    manifest = Manifest("", "", "", Path(where).name, "", (), (), (), manifest_cells(lesson, "00"))
    result = export_package(Notebook(where, tuple(cells)), manifest, origin=where)
    for failure in result.broken:
        line = next(cell.line for cell in lesson.cells if cell.id == failure.cell)
        raise LessonError(
            f"the cell {failure.cell} cannot be exported: {failure.message.partition('. ')[0]}",
            where=place(lesson.where, line),
            mend="make it compile together with the cells before it",
        )
    return result.source


def reference_package(
    assignments: Iterable[Assignment], only: Collection[str] | None = None
) -> dict[str, str]:
    """The files of `tinytorch/`: path to source.

    With `only`, a collection of assignment ids, just these modules' files are there;
    the lazy `__init__` files know the names of all assignments all the same, so that
    a missing module explains itself.
    """
    assignments = tuple(assignments)
    sources = {
        assignment.id: export_lesson(read_lesson(assignment.lesson), _origin(assignment))
        for assignment in assignments
    }
    files = {
        assignment.package.replace(".", "/") + ".py": sources[assignment.id]
        for assignment in assignments
        if only is None or assignment.id in only
    }
    return dict(sorted((files | _initial_files(assignments, sources)).items()))


def package_data(assignments: Iterable[Assignment]) -> dict[str, bytes]:
    """The files of `tinytorch/data/` that these assignments bring: path to content."""
    return {
        f"{_DATA}/{name}": (assignment.folder / "data" / name).read_bytes()
        for assignment in assignments
        for name in assignment.data
    }


def reference_files(assignments: Iterable[Assignment]) -> dict[str, bytes]:
    """Everything in `tinytorch/`, sources and data: path to content."""
    assignments = tuple(assignments)
    sources = {path: text.encode() for path, text in reference_package(assignments).items()}
    return sources | package_data(assignments)


def write_reference(files: Mapping[str, bytes], root: Path) -> None:
    """Make `root/tinytorch/` hold these files and no others."""
    for stale in _package_files(root) - files.keys():
        (root / stale).unlink()
    for path, data in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def reference_differences(files: Mapping[str, bytes], root: Path) -> tuple[OutOfStep, ...]:
    """The files below `root/tinytorch/` that are not what these sources say."""
    found = _package_files(root)
    problems = []
    for path in sorted(found | files.keys()):
        if path not in files:
            problems.append(OutOfStep(path, "no lesson exports to it"))
        elif path not in found:
            problems.append(OutOfStep(path, "it is missing"))
        elif (root / path).read_bytes() != files[path]:
            problems.append(OutOfStep(path, "it differs from what its lesson exports to"))
    return tuple(problems)


def _package_files(root: Path) -> set[str]:
    found = [*(root / "tinytorch").rglob("*.py"), *(root / _DATA).glob("*.*")]
    return {path.relative_to(root).as_posix() for path in found}


def _origin(assignment: Assignment) -> str:
    return f"{kind_of(assignment.id).folder}/{assignment.id}/{assignment.lesson.name}"


def _initial_files(assignments: Sequence[Assignment], sources: dict[str, str]) -> dict[str, str]:
    modules: dict[str, dict[str, str]] = {"tinytorch": {}}
    for assignment in assignments:
        package, _, name = assignment.package.rpartition(".")
        modules.setdefault(package, {})[name] = assignment.number
    numbers = {assignment.package: assignment.number for assignment in assignments}
    packages = sorted(package.rpartition(".")[2] for package in modules if package != "tinytorch")
    top = _TOP.format(
        names=_table(_names(assignments, sources)),
        modules=_table(modules["tinytorch"]),
        packages=_sequence(packages),
    )
    files = {"tinytorch/__init__.py": top, "tinytorch/_lazy.py": _LAZY} | {
        older.replace(".", "/") + ".py": _OLDER.format(older=older, module=module, number=numbers[module])
        for older, module in _OLDER_NAMES.items()
        if module in numbers
    }
    for package, entries in modules.items():
        if package != "tinytorch":
            about = _ABOUT.get(package, f"The modules of {package}.")
            text = _SUB.format(about=about, modules=_table(entries))
            files[package.replace(".", "/") + "/__init__.py"] = text
    return files


def _names(assignments: Sequence[Assignment], sources: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Every public name with its module and the module's number. Raises LessonError for a name in two."""
    names: dict[str, tuple[str, str]] = {}
    # A milestone is run, not built upon: its names stay in its own module.
    for assignment in (item for item in assignments if item.kind == "module"):
        for name in defined_names(sources[assignment.id]):
            if name.startswith("_") or "." in name:
                continue
            if name in names:
                raise LessonError(
                    f"the public name {name} is defined in module {names[name][1]} already",
                    where=str(assignment.lesson),
                    mend="import it from there, or begin the name with _ if it is not for users",
                )
            names[name] = (assignment.package, assignment.number)
    return names


def _table(entries: dict[str, str] | dict[str, tuple[str, str]]) -> str:
    if not entries:
        return "dict[str, str]()"
    return (
        "{\n" + "".join(f"    {_literal(key)}: {_literal(value)},\n" for key, value in entries.items()) + "}"
    )


def _sequence(items: Sequence[str]) -> str:
    return "(" + ", ".join(map(_literal, items)) + ("," if len(items) == 1 else "") + ")"


def _literal(value: str | tuple[str, str]) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_literal, value)) + ")"
    return f'"{value}"'
