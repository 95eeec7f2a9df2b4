"""Render the tree of files in `template/`: the parts of a student repository that are the same for all.

A file whose name ends in `.j2` is a Jinja2 template and loses the suffix; every
other file is copied byte for byte. A name that the template uses and nobody
defined is an error that names the template's file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2

from autograding.assignments.sources import source_files
from autograding.grader.errors import ClassroomError, ConfigurationError

SUFFIX = ".j2"


class TemplateError(ClassroomError):
    """A file of the template cannot be rendered."""


def render_tree(template: Path, context: Mapping[str, Any]) -> dict[str, bytes]:
    """The files of the template as `path in the repository → content`."""
    if not template.is_dir():
        raise ConfigurationError(
            "there is no template folder here",
            where=str(template),
            mend="run the command in the root of the course repository, which holds template/",
        )
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(template),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  (the results are Markdown, YAML and TOML, not HTML)
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    files: dict[str, bytes] = {}
    for path in source_files(template):
        name = path.relative_to(template).as_posix()
        target = name.removesuffix(SUFFIX)
        if target in files:
            raise TemplateError(f"two files render to {target}", where=str(path), mend="delete one of them")
        files[target] = (
            _render(environment, name, path, context) if name.endswith(SUFFIX) else path.read_bytes()
        )
    return files


def _render(environment: jinja2.Environment, name: str, path: Path, context: Mapping[str, Any]) -> bytes:
    try:
        return environment.get_template(name).render(context).encode()
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(
            f"not a valid template: {error.message}",
            where=f"{error.filename or path}:{error.lineno}",
            mend="a file that should be copied as it is must not end in .j2",
        ) from error
    except jinja2.UndefinedError as error:
        names = ", ".join(sorted(context))
        raise TemplateError(
            error.message or "an undefined name",
            where=f"{path}:{_line_in(error, path)}",
            mend=f"a template may use: {names}",
        ) from error
    except UnicodeDecodeError as error:
        raise TemplateError("a template must be UTF-8 text", where=str(path)) from error
    except Exception as error:
        raise TemplateError(
            f"{type(error).__name__}: {error}", where=f"{path}:{_line_in(error, path)}"
        ) from error


def _line_in(error: BaseException, path: Path) -> int:
    """The line of the template where it happened: Jinja2 rewrites its tracebacks to show it."""
    line, traceback = 1, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line
