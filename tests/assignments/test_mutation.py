"""Mutation testing: what counts as dead, which survivors are explained, and one real run."""

from __future__ import annotations

import ast
import importlib.util
import json
import textwrap
from pathlib import Path

import pytest

from autograding.assignments.mutation.explained import (
    Explanation,
    outdated,
    read_explanations,
    unexplained,
)
from autograding.assignments.mutation.mutants import (
    Change,
    Fate,
    Mutant,
    changed_lines,
    only_wording,
    read_mutants,
    readable_name,
)
from autograding.assignments.mutation.report import ModuleResult, markdown, row, share_dead
from autograding.assignments.mutation.workspace import prepare, settings
from autograding.course.mistakes import ConfigurationMistakes
from tests.assignments.conftest import Workshop

MUTATED = """\
class Tensor:
    @_mutmut_mutated(mutants)
    def item(self):
        return self.data + 1
    def xǁTensorǁitem__mutmut_orig(self):
        return self.data + 1
    def xǁTensorǁitem__mutmut_1(self):
        return self.data - 1

def x_relu__mutmut_orig(x, low=0):
    if x is None:
        raise ValueError("nothing to do")
    return max(x, low)
def x_relu__mutmut_1(x, low=0):
    if x is None:
        raise ValueError("NOTHING TO DO")
    return max(x, low)
def x_relu__mutmut_2(x, low=1):
    if x is None:
        raise ValueError("nothing to do")
    return max(x, low)
"""
ITEM = Change("Tensor.item", "return self.data + 1", "return self.data - 1")
REASON = Explanation("equivalent", "data is never asked for")


def mutants(*statuses: int | None) -> tuple[Mutant, ...]:
    names = ["xǁTensorǁitem__mutmut_1", "x_relu__mutmut_1", "x_relu__mutmut_2"]
    results = {f"tinytorch.core.it.{name}": status for name, status in zip(names, statuses, strict=True)}
    return read_mutants(MUTATED, json.dumps({"exit_code_by_key": results}))


def function(source: str) -> ast.FunctionDef:
    node = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (1, Fate.KILLED),
        (-11, Fate.KILLED),
        (-24, Fate.TIMEOUT),
        (-9, Fate.TIMEOUT),
        (0, Fate.SURVIVED),
        (33, Fate.NO_TEST),
        (2, Fate.UNDECIDED),
        (None, Fate.UNDECIDED),
    ],
)
def test_an_exit_status_decides_the_fate_of_a_mutant(status: int | None, fate: Fate) -> None:
    assert mutants(status, 1, 1)[0].fate is fate


def test_only_what_was_seen_to_fail_is_dead() -> None:
    assert [fate for fate in Fate if fate.dead] == [Fate.KILLED, Fate.TIMEOUT]


def test_a_mutant_is_known_by_its_function_and_its_changed_lines() -> None:
    assert mutants(0, 1, 1)[0].change == ITEM


def test_a_changed_default_is_shown_with_the_name_of_the_function() -> None:
    change = mutants(0, 0, 0)[2].change
    assert (change.was, change.now) == ("def relu(x, low=0):", "def relu(x, low=1):")


def test_names_are_those_of_the_source() -> None:
    assert readable_name("xǁTensorǁ__init__") == "Tensor.__init__"
    assert readable_name("x_x_relu") == "x_relu"


def test_a_statement_over_several_lines_is_joined() -> None:
    assert changed_lines(["f(", "    a,", "    b,", ")"], ["f(", "    a,", ")"]) == ("b,", "")


def test_the_text_of_an_error_is_wording() -> None:
    assert [mutant.wording for mutant in mutants(0, 0, 0)] == [False, True, False]


def test_an_error_without_its_text_is_more_than_wording() -> None:
    before = function("def f():\n    raise ValueError('no')")
    assert not only_wording(before, function("def f():\n    raise ValueError(None)"))
    assert not only_wording(before, function("def f():\n    raise TypeError('no')"))


def test_a_text_outside_an_error_is_not_wording() -> None:
    assert not only_wording(function("def f():\n    return 'a'"), function("def f():\n    return 'A'"))


def test_a_survivor_is_explained_by_its_change() -> None:
    assert unexplained(mutants(0, 1, 1), {ITEM: REASON}) == ()
    assert [mutant.change for mutant in unexplained(mutants(0, 1, 1), {})] == [ITEM]


def test_a_function_without_a_test_needs_an_explanation_too() -> None:
    assert [mutant.change for mutant in unexplained(mutants(33, 1, 1), {})] == [ITEM]


def test_wording_of_an_error_needs_no_explanation() -> None:
    assert unexplained(mutants(1, 0, 1), {}) == ()


def test_an_explanation_of_a_dead_mutant_is_outdated() -> None:
    assert outdated(mutants(1, 1, 1), {ITEM: REASON}) == (ITEM,)
    assert outdated(mutants(0, 1, 1), {ITEM: REASON}) == ()


def test_explanations_are_read_for_each_change(tmp_path: Path) -> None:
    path = tmp_path / "mutants.yml"
    path.write_text(
        "survivors:\n"
        "  - function: Tensor.item\n"
        "    was: return self.data + 1\n"
        "    now: [return self.data - 1, '']\n"
        "    verdict: equivalent\n"
        "    why: data is never asked for\n"
    )
    removed = Change("Tensor.item", "return self.data + 1", "")
    assert read_explanations(path) == {ITEM: REASON, removed: REASON}


def test_a_mutant_explained_twice_is_a_mistake_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mutants.yml"
    entry = "  - {function: f, was: a, now: [b], verdict: wording, why: only text}\n"
    path.write_text("survivors:\n" + entry * 2)
    with pytest.raises(ConfigurationMistakes, match=r"mutants\.yml:3: .*explained already"):
        read_explanations(path)


def test_an_unknown_verdict_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "mutants.yml"
    path.write_text("survivors:\n  - {function: f, was: a, now: [b], verdict: boring, why: it is}\n")
    with pytest.raises(ConfigurationMistakes, match="verdict"):
        read_explanations(path)


def test_the_figures_of_a_module_count_every_fate() -> None:
    result = ModuleResult("01_it", mutants(33, 0, -24), {})
    assert row(result) == ("01_it", "3", "0", "1", "1", "1", "33.3 %", "50.0 %", "1")


def test_no_mutants_are_no_reason_to_complain() -> None:
    assert share_dead([]) == 100.0


def test_a_module_passes_with_enough_dead_and_the_rest_explained() -> None:
    many = mutants(1, 1, 1) * 5 + mutants(0, 1, 1)
    assert ModuleResult("01_it", many, {ITEM: REASON}).passed
    assert not ModuleResult("01_it", many, {}).passed


def test_a_module_with_too_many_explained_survivors_does_not_pass() -> None:
    assert not ModuleResult("01_it", mutants(0, 1, 1), {ITEM: REASON}).passed


def test_a_module_with_an_undecided_mutant_does_not_pass() -> None:
    many = mutants(1, 1, 1) * 5 + mutants(None, 1, 1)
    assert not ModuleResult("01_it", many, {ITEM: REASON}).passed


def test_the_report_shows_each_survivor_with_its_reason() -> None:
    text = markdown([ModuleResult("01_it", mutants(0, 1, 1), {ITEM: REASON})])
    assert "### Equivalent (1)\n\n`Tensor.item`: data is never asked for" in text
    assert "-return self.data + 1\n+return self.data - 1" in text


def test_the_settings_name_the_one_file_to_mutate() -> None:
    assert 'only_mutate = ["tinytorch/core/it.py"]' in settings("tinytorch/core/it.py")


def test_the_arrays_that_tests_read_are_laid_beside_them(workshop: Workshop, tmp_path: Path) -> None:
    for name in ("beta.npz", "beta_hidden.npz"):
        workshop.write(f"modules/02_beta/tests/{name}", "numbers")
    workspace = prepare(workshop.course, workshop.course.resolve("beta"), tmp_path / "workspace")
    names = {path.name for path in (workspace.folder / "tests").iterdir()}
    assert names == {"test_beta.py", "test_beta_hidden.py", "beta.npz", "beta_hidden.npz"}


@pytest.mark.slow
@pytest.mark.needs(
    importlib.util.find_spec("mutmut") is not None,
    "mutmut is not installed; `uv sync --group mutation` installs it",
)
def test_a_real_run_tells_a_change_that_tests_notice_from_one_that_they_do_not(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/alpha.py",
        "return float(numbers.max() - numbers.min())",
        "return float(numbers.max() - numbers.min() + 0)",
    )
    done = workshop.run("mutate_reference.py", "alpha", "--output", str(workshop.output))
    report = (workshop.output / "report.md").read_text(encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "+return float(numbers.max() - numbers.min() - 0)" in report
    assert "+return float(numbers.max() - numbers.min() + 1)" not in report
    assert "+if number != 0:" not in report
