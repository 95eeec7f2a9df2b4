"""The tests of module 00 that come with the assignment."""

import platform

import numpy as np
import pytest

from autograding.grader.testing import assert_equal, exercise, expect, raises, show, type_name

INFO_KEYS = ["developer", "email", "institution", "system_name", "version"]
REPORT_NAMES = ["python", "numpy", "tinytorch", "ipykernel", "progress folder"]
# The numbers of this small course are deliberately not in an order in which it can be taken.
COURSE = {1: [], 2: [5], 3: [], 5: [1], 7: [2, 3], 8: [3]}


def by_name(report):
    """The checks of an environment report, by their names."""
    return {check.name: check for check in report}


# Exercise 1: personal_info


@exercise("personal", hint="The keys are those of EXAMPLE_INFO, spelled in the same way.")
def test_personal_info_has_the_five_keys(tt):
    assert_equal(sorted(tt.personal_info()), INFO_KEYS)


@exercise(
    "personal", hint="Every value is text in quotes, the version too: 0.1 is a number, '0.1.0' is text."
)
@pytest.mark.parametrize("key", INFO_KEYS)
def test_personal_info_values_are_text(tt, key):
    value = tt.personal_info()[key]
    expect(type(value) is str, "a string", f"{show(value)} of type {type_name(value)}")
    expect(value.strip() != "", "a string that is not empty", show(value))


@exercise("personal", hint="Some values have not been changed: these are still the example values.")
@pytest.mark.parametrize(
    ("key", "example"),
    [
        ("developer", "Your Name"),
        ("email", "your.name@your-university.example"),
        ("institution", "Your University"),
        ("system_name", "Your Machine"),
        ("version", "0.0.0"),
    ],
)
def test_personal_info_values_are_your_own(tt, key, example):
    value = tt.personal_info()[key]
    expect(value != example, f"your own {key}", f"the example value {show(value)}")


@exercise("personal", hint="An address is name@domain: exactly one @, and text on both sides of it.")
def test_personal_info_email_is_an_address(tt):
    email = tt.personal_info()["email"]
    expect(email.count("@") == 1, "an address with exactly one @", show(email))
    expect(all(email.split("@")), "text on both sides of the @", show(email))


# Exercise 2: system_info


@exercise("system", hint="The keys are those of the table above the exercise.")
def test_system_info_has_the_five_keys(tt):
    assert_equal(
        sorted(tt.system_info()), ["architecture", "cpu_count", "memory_gb", "platform", "python_version"]
    )


@exercise("system", hint="The module platform has a function for it, which returns text such as '3.11.7'.")
def test_system_info_knows_the_python_version(tt):
    assert_equal(tt.system_info()["python_version"], platform.python_version())


@exercise(
    "system",
    hint="The test pretends to be another machine. Ask at each call, as in platform.machine(): "
    "what you type in stays the same on every machine.",
)
@pytest.mark.parametrize(
    ("key", "function", "answer"),
    [("platform", "platform.system", "Haiku"), ("architecture", "platform.machine", "riscv64")],
)
def test_system_info_follows_the_machine_it_runs_on(tt, key, function, answer):
    tt.patch(function, returns=answer)
    assert_equal(tt.system_info()[key], answer)


@exercise("system", hint="cpu_count is a whole number; os has a function that returns it.")
def test_system_info_counts_processors(tt):
    count = tt.system_info()["cpu_count"]
    expect(type(count) is int, "an int", f"{show(count)} of type {type_name(count)}")
    expect(count >= 1, "at least 1", show(count))


@exercise("system", hint="os.cpu_count() returns None where the system does not say: then answer 1.")
def test_system_info_counts_one_processor_where_the_system_does_not_say(tt):
    tt.patch("os.cpu_count", returns=None)
    assert_equal(tt.system_info()["cpu_count"], 1)


@exercise("system", hint="The test's machine has 8 GiB, that is 8589934592 bytes, and 1 GiB is 1024³ bytes.")
def test_system_info_counts_memory_in_gibibytes(tt):
    tt.patch("tinytorch.core.setup.total_memory_bytes", returns=8 * 1024**3)
    assert_equal(tt.system_info()["memory_gb"], 8.0)


@exercise("system", hint="The test's machine has 15.483 GiB: round to one decimal, after the division.")
def test_system_info_rounds_memory_to_one_decimal(tt):
    tt.patch("tinytorch.core.setup.total_memory_bytes", returns=16_624_508_928)
    assert_equal(tt.system_info()["memory_gb"], 15.5)


@exercise("system", hint="The test hides psutil and imports your package anew: optional tools may be absent.")
def test_system_info_works_where_psutil_is_absent(tt):
    tt.hide("psutil")
    memory = tt.fresh_import("tinytorch.core.setup").system_info()["memory_gb"]
    expect(type(memory) is float, "a float", f"{show(memory)} of type {type_name(memory)}")
    expect(memory > 0, "more than 0 GiB", show(memory))


# Exercise 3: import_check, folder_check, check_environment


@exercise("check", hint="If the import works, ok is True, the detail has the version and the fix is ''.")
def test_import_check_reports_a_module_that_is_there(tt):
    check = tt.import_check("numpy", "install it")
    assert_equal(check.name, "numpy")
    assert_equal(check.ok, True)
    expect(np.__version__ in check.detail, f"a detail with the version {np.__version__}", show(check.detail))
    assert_equal(check.fix, "")


@exercise(
    "check", hint="A missing module is a result, not an accident: catch ImportError and return a Check."
)
def test_import_check_reports_a_module_that_is_missing(tt):
    check = tt.import_check("a_module_nobody_wrote", "write it")
    assert_equal(check.ok, False)
    assert_equal(check.fix, "write it")
    expect(check.detail != "", "a detail that says what went wrong", show(check.detail))


@exercise("check", hint="Try to write a temporary file there, and return ok True if that works.")
def test_folder_check_accepts_a_folder_that_can_be_written(tt):
    check = tt.folder_check("/tmp")
    assert_equal(check.name, "progress folder")
    assert_equal(check.ok, True)


@exercise(
    "check", hint="Not being allowed to write raises an OSError: catch it, and say in the fix what to do."
)
def test_folder_check_reports_a_folder_that_cannot_exist(tt):
    check = tt.folder_check("/dev/null/progress")
    assert_equal(check.ok, False)
    expect(check.fix != "", "a fix that says what to do", show(check.fix))


@exercise("check", hint="Five lines, named and ordered as in the table above the exercise.")
def test_report_has_five_lines(tt):
    assert_equal([check.name for check in tt.check_environment()], REPORT_NAMES)


@exercise(
    "check",
    hint="The test hides NumPy. A missing package is a line with ok False: collect, do not stop at it.",
)
def test_report_is_complete_when_numpy_is_missing(tt):
    tt.hide("numpy")
    report = tt.check_environment()
    assert_equal([check.name for check in report], REPORT_NAMES)
    assert_equal(by_name(report)["numpy"].ok, False)
    assert_equal(by_name(report)["python"].ok, True)


@exercise(
    "check", hint="The test hides NumPy. What is not ok needs a fix: the reader wants to know what to type."
)
def test_report_says_how_to_mend_a_missing_package(tt):
    tt.hide("numpy")
    fix = by_name(tt.check_environment())["numpy"].fix
    expect(fix.strip() != "", "a fix that says what to do", show(fix))


@exercise(
    "check",
    hint="The test makes progress_folder() return a folder that cannot exist: report on that one.",
)
def test_report_checks_the_progress_folder(tt):
    tt.patch("tinytorch.core.setup.progress_folder", returns="/dev/null/nowhere")
    assert_equal(by_name(tt.check_environment())["progress folder"].ok, False)


# Exercise 4: module_graph


@exercise("graph", hint="There are 21 modules, and the keys are the integers 0 to 20.")
def test_graph_has_every_module(tt):
    assert_equal(sorted(tt.module_graph()), list(range(21)))


@exercise("graph", hint="A module that needs no other has an empty list.")
def test_graph_starts_where_nothing_is_needed(tt):
    graph = tt.module_graph()
    assert_equal(graph[0], [])
    assert_equal(graph[1], [])


@exercise("graph", hint="graph[n] lists what n needs, not what needs n.")
def test_graph_lists_prerequisites_and_not_followers(tt):
    graph = tt.module_graph()
    assert_equal(graph[2], [1])
    assert_equal(graph[19], [14])


@exercise("graph", hint="01–03 includes 3, but a range stops before its end.")
def test_graph_includes_both_ends_of_a_run(tt):
    graph = tt.module_graph()
    assert_equal(graph[4], [1, 2, 3])
    assert_equal(graph[8], [1, 2, 3, 4, 5, 6, 7])


@exercise(
    "graph", hint="Direct prerequisites only: copy the last column of the table, and add nothing to it."
)
def test_graph_has_direct_prerequisites_only(tt):
    graph = tt.module_graph()
    assert_equal(graph[11], [1, 6, 10])
    assert_equal(graph[15], [1, 3, 14])


@exercise("graph", hint="No module can need itself or a later one: look for a number that is too large.")
def test_graph_is_acyclic(tt):
    late = [(n, needed) for n, needed in tt.module_graph().items() if max(needed, default=-1) >= n]
    expect(late == [], "every prerequisite before the module that needs it", show(late))


# Exercise 5: learning_path


@exercise(
    "path", hint="In the small course of the notebook 3 needs nothing, so its path has one step: itself."
)
def test_path_to_a_module_without_prerequisites_is_the_module(tt):
    tt.patch("tinytorch.core.setup.module_graph", returns=COURSE)
    assert_equal(tt.learning_path(3), [3])


@exercise(
    "path", hint="In the test's course 9 needs 6, 6 needs 4, and 4 needs 1: prerequisites have prerequisites."
)
def test_path_follows_prerequisites_of_prerequisites(tt):
    tt.patch("tinytorch.core.setup.module_graph", returns={1: [], 4: [1], 6: [4], 9: [6]})
    assert_equal(tt.learning_path(9), [1, 4, 6, 9])


@exercise(
    "path",
    hint="The course is the small one of the notebook. 7 does not need 8, and nothing is on the path twice.",
)
def test_path_contains_what_is_needed_and_nothing_else(tt):
    tt.patch("tinytorch.core.setup.module_graph", returns=COURSE)
    assert_equal(sorted(tt.learning_path(7)), [1, 2, 3, 5, 7])


@exercise(
    "path",
    hint="In the notebook's small course 2 needs 5: the order follows from the graph, not from the numbers.",
)
def test_path_puts_prerequisites_first(tt):
    tt.patch("tinytorch.core.setup.module_graph", returns=COURSE)
    assert_equal(tt.learning_path(2), [1, 5, 2])


@exercise(
    "path",
    hint="The course and the path are those of the notebook: of all that are ready, take the smallest.",
)
def test_path_takes_the_smallest_of_the_modules_that_are_ready(tt):
    tt.patch("tinytorch.core.setup.module_graph", returns=COURSE)
    assert_equal(tt.learning_path(7), [1, 3, 5, 2, 7])


@exercise("path", hint="Look first whether the target is a key of the graph; if not, raise a ValueError.")
def test_path_to_an_unknown_module_is_refused(tt):
    tt.patch("tinytorch.core.setup.module_graph", returns=COURSE)
    assert_equal(tt.learning_path(8), [3, 8])
    with raises(ValueError, mentions=["42"]):
        tt.learning_path(42)
