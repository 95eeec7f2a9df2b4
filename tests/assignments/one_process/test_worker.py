"""The worker that mutants run in: in this process, and as strict as the one behind the judge's border."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from autograding.assignments.one_process.worker import ForgetfulWorker, LocalSession
from autograding.grader.judge.in_process import like_a_fresh_process
from autograding.grader.judge.proxy import Border, Package, StudentError
from autograding.grader.testing import raises, type_name
from autograding.grader.worker.session import WorkerLost

PACKAGE = """
import numpy as np
import os

class Box:
    def __init__(self, data):
        self.data = np.array(data, dtype=float)

def refuse(shape):
    raise ValueError(f"no {shape}")

def leave():
    raise SystemExit(3)

def interrupt():
    raise KeyboardInterrupt

def processors():
    return os.cpu_count()

def forever():
    while True:
        pass
"""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the package, from which it is imported."""
    (tmp_path / "tinytorch").mkdir()
    (tmp_path / "tinytorch" / "__init__.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.fixture
def tt(box: Path) -> Iterator[Package]:
    with like_a_fresh_process():
        yield Package(Border(LocalSession(ForgetfulWorker(), "tinytorch")))


def test_an_array_comes_back_as_a_copy(tt: Package) -> None:
    box = tt.Box([1, 2])
    box.data[0] = 9
    assert box.data.tolist() == [1, 2]


def test_an_array_goes_in_as_a_copy(tt: Package) -> None:
    source = np.ones(2)
    box = tt.Box([0, 0])
    box.data = source
    source[0] = 9
    assert box.data.tolist() == [1, 1]


def test_an_object_stays_behind_a_handle(tt: Package) -> None:
    assert type_name(tt.Box([1])) == "Box"
    assert type(tt.Box([1])).__name__ == "Handle"


def test_an_exception_arrives_as_its_builtin_class(tt: Package) -> None:
    with raises(ValueError, mentions=["(2, 3)"]):
        tt.refuse((2, 3))


def test_leaving_the_program_ends_the_call_and_not_the_tests(tt: Package) -> None:
    with pytest.raises(StudentError):
        tt.leave()


def test_an_interrupt_that_a_test_simulates_does_not_end_the_tests(tt: Package) -> None:
    tt.patch("os.cpu_count", raises="KeyboardInterrupt")
    with raises(Exception, mentions=["simulated"]):
        tt.processors()


def test_ctrl_c_ends_the_tests(tt: Package) -> None:
    with pytest.raises(KeyboardInterrupt):
        tt.interrupt()


def test_a_call_that_computes_too_long_ends_the_test(box: Path) -> None:
    with like_a_fresh_process():
        tt = Package(Border(LocalSession(ForgetfulWorker(), "tinytorch", call_seconds=0.2)))
        with pytest.raises(WorkerLost, match=r"took too long: stopped after 0\.2 seconds for one call"):
            tt.forever()
        with pytest.raises(WorkerLost):
            tt.processors()


def test_numpy_settings_of_the_code_do_not_reach_the_test(tt: Package) -> None:
    tt.np.seterr(all="raise")
    assert np.geterr()["invalid"] != "raise"
    assert tt.np.geterr()["invalid"] == "raise"


def test_a_forgetful_worker_puts_back_what_was_replaced() -> None:
    worker, before = ForgetfulWorker(), os.cpu_count
    worker.op_patch("os.cpu_count", 96)
    worker.op_setattr(os, "cpu_count", None)
    worker.forget()
    assert os.cpu_count is before
