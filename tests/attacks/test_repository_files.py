"""Hostile files beside the notebook: what is not in the manifest does not exist for the grader."""

from __future__ import annotations

import pytest

from tests.attacks.conftest import HONEST_WORK, Submit
from tests.attacks.test_payloads import HONEST_POINTS

EVERYTHING_PASSES = """
import pytest

@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    report.outcome = "passed"
    report.longrepr = None
"""
PASSING_TESTS = "import pytest\n\n@pytest.mark.parametrize('n', range(500))\ndef test_pass(n):\n    pass\n"
SHADOW = "raise SystemExit(0)\n"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"conftest.py": EVERYTHING_PASSES}, id="A27-conftest"),
        pytest.param({"tests/conftest.py": EVERYTHING_PASSES}, id="A27-conftest-in-tests"),
        pytest.param({"pytest.ini": "[pytest]\naddopts = -k nothing\n"}, id="A28-pytest-ini"),
        pytest.param(
            {"pytest.ini": "[pytest]\naddopts = -p evil\n", "evil.py": EVERYTHING_PASSES}, id="A28-plugin"
        ),
        pytest.param(
            {
                "evil.dist-info/METADATA": "Metadata-Version: 2.1\nName: evil\nVersion: 1\n",
                "evil.dist-info/entry_points.txt": "[pytest11]\nevil = evil\n",
                "evil.py": EVERYTHING_PASSES,
            },
            id="A29-entry-point",
        ),
        pytest.param({"tests/test_more.py": PASSING_TESTS}, id="A09-500-passing-tests"),
        pytest.param({"numpy.py": SHADOW, "json.py": SHADOW, "pytest.py": SHADOW}, id="A18-shadow-modules"),
        pytest.param({"tinytorch/numpy.py": SHADOW, "tinytorch/core/extra.py": SHADOW}, id="A18-in-package"),
        pytest.param({"sitecustomize.py": SHADOW, "usercustomize.py": SHADOW}, id="A17-site-hooks"),
        pytest.param({"tinytorch/core/tensor.py": "Tensor = None\n"}, id="A20-exported-file-replaced"),
    ],
)
def test_files_that_the_manifest_does_not_name_change_nothing(files: dict[str, str], submit: Submit) -> None:
    assert submit(*HONEST_WORK, files=files).score == HONEST_POINTS


def test_replaced_tests_are_flagged_and_unexpected_ones_do_not_count(submit: Submit) -> None:
    grade = submit(files={"tests/test_tensor.py": PASSING_TESTS})
    assert grade.score == 0
    assert ("protected_changed", "tests/test_tensor.py was changed") in {
        (flag.kind, flag.detail) for flag in grade.flags
    }


def test_an_edited_workflow_is_flagged(submit: Submit) -> None:
    grade = submit(files={".github/workflows/autograde.yml": "name: mine\n"})
    assert ("protected_changed", ".github/workflows/autograde.yml was changed") in {
        (flag.kind, flag.detail) for flag in grade.flags
    }
