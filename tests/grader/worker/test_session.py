"""The fork server: fresh workers, limits, and what a lost worker costs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograding.grader.worker import sandbox
from autograding.grader.worker.session import MAX_SLOW_IMPORTS, ForkServer, Session, WorkerLost
from autograding.grader.worker.wire import Reference
from tests.grader.conftest import QUICK_LIMITS, MakePackage

STUDENT = """
    import os, sys, time
    seen = []

    def draw():
        import numpy, random
        return [float(numpy.random.rand()), random.random()]

    def half():
        import numpy
        return numpy.float32(0.5)

    def halves():
        return [half()]

    def remember(value):
        seen.append(value)
        return len(seen)

    def loop():
        while True:
            pass

    def stubborn():
        import signal
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(number, lambda *_: None)
        while True:
            try:
                time.sleep(60)
            except BaseException:
                pass

    def leave():
        os._exit(0)

    def polite():
        sys.exit(0)

    def hog():
        return len(bytearray(4 << 30))

    def fork_on():
        while True:
            if os.fork() == 0:
                time.sleep(60)

    def fill():
        number = 0
        while True:
            with open(os.path.join(os.environ["TMPDIR"], f"part{number}"), "wb") as file:
                file.write(bytes(32 << 20))
            number += 1

    def open_many():
        return [open(os.devnull) for _ in range(10_000)]

    def environment():
        return dict(os.environ)

    def own_folder():
        return sorted(os.listdir(os.path.dirname(__file__)))

    def folder(path):
        return sorted(os.listdir(path))

    class Loud(type):
        @property
        def __name__(cls):
            raise RecursionError

        __mro__ = property(lambda cls: 1 / 0)

    class Failure(Exception, metaclass=Loud):
        pass

    def fail():
        raise Failure("loud")

    def kill_parent():
        os.kill(os.getppid(), 9)
        return "done"

    def shout():
        os.write(int(seen[0]), b"garbage")
        return 1

    def descriptors():
        import stat
        return [number for number in range(64) if is_socket(number, stat.S_ISSOCK)]

    def is_socket(number, test):
        try:
            return test(os.fstat(number).st_mode)
        except OSError:
            return False
"""


NEEDS_A_SANDBOX = pytest.mark.needs(sandbox.kind() != "none", "there are limits alone on this machine")


@pytest.fixture
def server(make_package: MakePackage) -> Iterator[ForkServer]:
    with ForkServer(make_package(STUDENT), QUICK_LIMITS) as running:
        yield running


def call(session: Session, name: str, *args: object) -> object:
    root = session.request("module", "tinytorch")["ok"]
    return session.request("call", session.request("getattr", root, name)["ok"], *args)


def test_each_session_imports_the_package_anew(server: ForkServer) -> None:
    first, second = server.session(), server.session()
    assert call(first, "remember", 1) == {"ok": 1}
    assert call(first, "remember", 2) == {"ok": 2}
    assert call(second, "remember", 1) == {"ok": 1}


def test_a_number_of_numpy_stays_an_object_and_in_a_list_it_is_pythons(server: ForkServer) -> None:
    session = server.session()
    assert type(call(session, "half")["ok"]) is Reference
    assert call(session, "halves") == {"ok": [0.5]}


def test_the_generators_that_all_share_draw_the_same_numbers_in_every_run(
    make_package: MakePackage,
) -> None:
    package = make_package(STUDENT)
    with ForkServer(package, QUICK_LIMITS) as one, ForkServer(package, QUICK_LIMITS) as two:
        assert call(one.session(), "draw") == call(two.session(), "draw")


def test_a_package_that_does_not_finish_importing_is_not_tried_for_every_test(
    make_package: MakePackage,
) -> None:
    folder = make_package("def __getattr__(name):\n    import tinytorch.core\n    raise AttributeError(name)")
    (folder / "tinytorch" / "core.py").write_text("while True:\n    pass\n")
    with ForkServer(folder, QUICK_LIMITS) as server:
        for _test in range(MAX_SLOW_IMPORTS):
            session = server.session()
            root = session.request("module", "tinytorch")["ok"]
            with pytest.raises(WorkerLost, match="took too long"):
                session.request("getattr", root, "Tensor")
        with pytest.raises(WorkerLost, match="does not finish importing"):
            server.session()


@pytest.mark.parametrize("name", ["loop", "stubborn"])
def test_a_call_without_end_is_stopped_and_costs_only_its_session(server: ForkServer, name: str) -> None:
    with pytest.raises(WorkerLost, match="1 seconds for one call"):
        call(server.session(), name)
    assert call(server.session(), "remember", 1) == {"ok": 1}


def test_a_process_that_exits_is_lost_with_a_reason(server: ForkServer) -> None:
    with pytest.raises(WorkerLost, match="ended before it answered"):
        call(server.session(), "leave")


def test_a_lost_session_stays_lost(server: ForkServer) -> None:
    session = server.session()
    with pytest.raises(WorkerLost):
        call(session, "leave")
    with pytest.raises(WorkerLost):
        call(session, "remember", 1)


def test_sys_exit_in_a_call_is_an_answer(server: ForkServer) -> None:
    reply = call(server.session(), "polite")
    assert isinstance(reply, dict)
    assert reply["error"]["type"] == "SystemExit"


def test_an_error_whose_class_lies_about_itself_is_an_answer(server: ForkServer) -> None:
    reply = call(server.session(), "fail")
    assert isinstance(reply, dict)
    assert (reply["error"]["type"], reply["error"]["bases"]) == (
        "Failure",
        ["Exception", "BaseException", "object"],
    )


def test_memory_is_limited(server: ForkServer) -> None:
    reply = call(server.session(), "hog")
    assert isinstance(reply, dict)
    assert reply["error"]["type"] == "MemoryError"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("hog", "used more than 1024 MB"),
        ("open_many", "opened more than 256 files at a time"),
        pytest.param("fork_on", "started more than 128 processes and threads", marks=NEEDS_A_SANDBOX),
        pytest.param("fill", "wrote more than 256 MB or 20,000 files", marks=NEEDS_A_SANDBOX),
    ],
)
def test_an_error_that_a_limit_causes_names_the_limit(
    make_package: MakePackage, name: str, reason: str
) -> None:
    with ForkServer(
        make_package(STUDENT), replace(QUICK_LIMITS, call_seconds=20.0, test_seconds=20.0)
    ) as server:
        reply = call(server.session(), name)
    assert isinstance(reply, dict)
    assert reply["error"]["message"].startswith(reason)


def test_a_killed_fork_server_is_started_again(server: ForkServer) -> None:
    with pytest.raises(WorkerLost):
        call(server.session(), "kill_parent"), call(server.session(), "loop")
    assert call(server.session(), "remember", 1) == {"ok": 1}


def test_garbage_on_the_connection_loses_the_session(server: ForkServer) -> None:
    session = server.session()
    numbers = call(session, "descriptors")
    assert isinstance(numbers, dict)
    call(session, "remember", numbers["ok"][0])
    with pytest.raises(WorkerLost):
        call(session, "shout")


def test_the_environment_holds_no_secrets(make_package: MakePackage, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are there before the server starts, as on a runner."""
    for name in ("GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_RUNTIME_TOKEN", "RUNNER_TEMP"):
        monkeypatch.setenv(name, "secret")
    with ForkServer(make_package(STUDENT), QUICK_LIMITS) as server:
        reply = call(server.session(), "environment")
    assert isinstance(reply, dict)
    assert not [name for name in reply["ok"] if name.startswith(("GITHUB_", "ACTIONS_", "RUNNER_"))]
    assert "secret" not in reply["ok"].values()


def test_numpy_gets_one_thread(server: ForkServer) -> None:
    reply = call(server.session(), "environment")
    assert isinstance(reply, dict)
    assert {reply["ok"][f"{name}_NUM_THREADS"] for name in ("OMP", "OPENBLAS", "MKL")} == {"1"}


def test_only_regular_files_of_the_package_go_in(make_package: MakePackage, tmp_path: Path) -> None:
    package = make_package(STUDENT)
    (tmp_path / "secret").mkdir()
    (package / "tinytorch" / "link.py").symlink_to("/etc/passwd")
    (package / "tinytorch" / "folder").symlink_to(tmp_path / "secret")
    os.mkfifo(package / "tinytorch" / "pipe.py")
    with ForkServer(package, QUICK_LIMITS) as running:
        reply = call(running.session(), "own_folder")
    assert reply == {"ok": ["__init__.py"]}


def test_an_object_stays_in_the_worker_and_comes_back_as_a_reference(server: ForkServer) -> None:
    reply = server.session().request("keep", np.zeros(2))
    assert reply == {"ok": Reference(0, "ndarray")}


@NEEDS_A_SANDBOX
def test_the_sandbox_shows_neither_the_repository_nor_the_judge(server: ForkServer) -> None:
    reply = call(server.session(), "folder", "/")
    assert isinstance(reply, dict)
    assert "home" not in reply["ok"]
    inside = call(server.session(), "folder", str(sandbox.__file__).rpartition("/worker/")[0])
    assert isinstance(inside, dict)
    assert inside["error"]["type"] == "FileNotFoundError"
