"""The student's package is compiled once, and neither that nor hostile source changes what a test sees."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograding.grader.worker import compiled
from autograding.grader.worker.compiled import compile_apart, modules_of
from autograding.grader.worker.session import ForkServer, Session
from tests.grader.conftest import QUICK_LIMITS, MakePackage

# Each makes the compiler give up in a way of its own.
HOSTILE = {
    "no Python": "def f(:\n",
    "parentheses without end": "(" * 100_000,
    "signs without end": "x = " + "-" * 200_000 + "1",
    "attributes without end": "x" + ".x" * 200_000,
    "a null byte": "x = 1\0",
    "an unknown encoding": "# coding: nonsense\n",
}


def no_limit() -> None:
    """The process that compiles is not limited here."""


def names(answer: bytes) -> set[str]:
    return {Path(path).name for path in modules_of(memoryview(answer))}


def answer_of(session: Session, module: str, name: str) -> object:
    found = session.request("module", module)
    return session.request("getattr", found["ok"], name) if "ok" in found else found


def test_every_module_of_the_package_is_compiled(make_package: MakePackage) -> None:
    package = make_package("x = 1")
    (package / "tinytorch" / "core").mkdir()
    (package / "tinytorch" / "core" / "tensor.py").write_text("y = 2")
    (package / "elsewhere.py").write_text("z = 3")
    assert names(compile_apart(str(package), no_limit)) == {"__init__.py", "tensor.py"}


def test_compiling_runs_nothing_and_writes_nothing(make_package: MakePackage, tmp_path: Path) -> None:
    package = make_package(f"open({str(tmp_path / 'trace')!r}, 'w').close()")
    before = sorted(package.rglob("*"))
    assert names(compile_apart(str(package), no_limit)) == {"__init__.py"}
    assert not (tmp_path / "trace").exists()
    assert sorted(package.rglob("*")) == before


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_source_that_cannot_be_compiled_is_reported_by_the_worker_that_imports_it(
    source: str, make_package: MakePackage
) -> None:
    package = make_package("x = 1")
    (package / "tinytorch" / "hostile.py").write_text(source)
    with ForkServer(package, QUICK_LIMITS) as server:
        for _ in range(2):
            assert answer_of(server.session(), "tinytorch", "x") == {"ok": 1}
        reply = server.session().request("module", "tinytorch.hostile")
        assert "error" in reply
        assert answer_of(server.session(), "tinytorch", "x") == {"ok": 1}


def test_one_module_that_cannot_be_compiled_leaves_the_others(make_package: MakePackage) -> None:
    package = make_package("x = 1")
    for number, source in enumerate(HOSTILE.values()):
        (package / "tinytorch" / f"hostile_{number}.py").write_text(source)
    assert names(compile_apart(str(package), no_limit)) == {"__init__.py"}


@pytest.mark.parametrize(
    "end",
    [lambda: os.kill(os.getpid(), 9), lambda: time.sleep(60), lambda: os._exit(0)],
    ids=["killed", "hanging", "gone"],
)
def test_a_process_that_does_not_finish_compiling_leaves_it_to_the_workers(
    end: Callable[[], None], make_package: MakePackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "SECONDS", 0.5)
    assert compile_apart(str(make_package("x = 1")), end) == b""


def test_an_answer_that_is_too_long_is_left_out(
    make_package: MakePackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "MAX_BYTES", 100)
    assert compile_apart(str(make_package(f"x = {'x' * 1000!r}")), no_limit) == b""


def test_neither_a_link_nor_a_pipe_in_the_package_is_read(make_package: MakePackage, tmp_path: Path) -> None:
    package = make_package("x = 1")
    (tmp_path / "secret.py").write_text("x = 2")
    (package / "tinytorch" / "link.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(package / "tinytorch" / "pipe.py")
    assert names(compile_apart(str(package), no_limit)) == {"__init__.py"}


def test_an_error_names_its_file_and_line(make_package: MakePackage) -> None:
    package = make_package("def fail():\n    raise ValueError('no')\n")
    with ForkServer(package, QUICK_LIMITS) as server:
        session = server.session()
        function = answer_of(session, "tinytorch", "fail")
        assert isinstance(function, dict)
        reply = session.request("call", function["ok"])
    assert reply["error"]["frames"] == ["__init__.py line 2, in fail"]


def test_a_module_that_changes_what_was_compiled_changes_it_for_itself_alone(
    make_package: MakePackage,
) -> None:
    package = make_package(
        """
        import gc
        for codes in gc.get_objects():
            if type(codes) is dict and any(str(key).endswith("other.py") for key in codes):
                codes.clear()
        x = 1
        """
    )
    other = package / "tinytorch" / "other.py"
    other.write_text("y = 2")
    with ForkServer(package, QUICK_LIMITS) as server:
        for _ in range(2):
            session = server.session()
            assert answer_of(session, "tinytorch", "x") == {"ok": 1}
            assert answer_of(session, "tinytorch.other", "y") == {"ok": 2}
