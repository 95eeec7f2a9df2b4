"""The tests of module 00 that only the final grading has."""

import pytest

from autograding.grader.testing import assert_equal, exercise, expect, raises, show

# A second imaginary course. Taking the smallest ready module gives 2 4 1 9 6 3 for target 3.
OTHER_COURSE = {1: [4], 2: [], 3: [1, 6], 4: [2], 5: [3], 6: [9], 7: [], 9: []}
REAL_COURSE = {
    0: [],
    1: [],
    2: [1],
    3: [1, 2],
    4: [1, 2, 3],
    5: [1],
    6: [1, 2, 3, 4],
    7: [1, 3, 4, 6],
    8: [1, 2, 3, 4, 5, 6, 7],
    9: [1, 2, 3, 4, 5, 6, 7, 8],
    10: [1],
    11: [1, 6, 10],
    12: [1, 2, 3, 6, 11],
    13: [1, 2, 3, 6, 10, 11, 12],
    14: [1, 2, 3, 4, 5, 6, 7, 8, 9, 13],
    15: [1, 3, 14],
    16: [3, 4, 6, 7, 8, 14],
    17: [1, 6, 9, 14],
    18: [12, 13, 14],
    19: [14],
    20: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
}


def line_of(report, name):
    """The check of an environment report that has this name."""
    return next(check for check in report if check.name == name)


@exercise("personal", hint="Some values are the example's with other capitals or spaces.")
@pytest.mark.parametrize(
    ("key", "example"),
    [("developer", "yourname"), ("institution", "youruniversity"), ("system_name", "yourmachine")],
)
def test_personal_info_is_not_the_example_in_disguise(tt, key, example):
    value = tt.personal_info()[key]
    expect("".join(value.lower().split()) != example, f"your own {key}", show(value))


@exercise("personal", hint="There is no space in an address, and none around it.")
def test_personal_info_email_has_no_spaces(tt):
    email = tt.personal_info()["email"]
    expect("".join(email.split()) == email, "an address without spaces", show(email))
    expect(email.count("@") == 1, "an address with one @", show(email))


@exercise("personal", hint="Exactly five keys, and each call gives the same answer.")
def test_personal_info_is_the_same_at_every_call(tt):
    first = tt.personal_info()
    assert_equal(len(first), 5)
    assert_equal(tt.personal_info(), first)


@exercise("system", hint="Divide the bytes by 1024³, then round to one decimal.")
@pytest.mark.parametrize(
    ("count", "gibibytes"),
    [(512 * 1024**2, 0.5), (4 * 1024**3, 4.0), (33_285_996_544, 31.0), (1536 * 1024**3, 1536.0)],
)
def test_memory_of_machines_small_and_large(tt, count, gibibytes):
    tt.patch("tinytorch.core.setup.total_memory_bytes", returns=count)
    assert_equal(tt.system_info()["memory_gb"], gibibytes)


@exercise("system", hint="Every value is asked anew at each call.")
@pytest.mark.parametrize(
    ("key", "function", "answer"),
    [("platform", "platform.system", "Plan 9"), ("architecture", "platform.machine", "sparc64")],
)
def test_record_follows_another_machine(tt, key, function, answer):
    tt.system_info()
    tt.patch(function, returns=answer)
    assert_equal(tt.system_info()[key], answer)


@exercise("system", hint="cpu_count is the number the system gives, and 1 where it gives None.")
@pytest.mark.parametrize(("answer", "count"), [(None, 1), (1, 1), (96, 96)])
def test_processors_of_other_machines(tt, answer, count):
    tt.patch("os.cpu_count", returns=answer)
    assert_equal(tt.system_info()["cpu_count"], count)


@exercise("system", hint="total_memory_bytes is given: where nothing tells it the memory, it raises OSError.")
def test_memory_that_nothing_can_tell_is_an_error_and_no_number(tt):
    assert_equal(type(tt.system_info()["memory_gb"]), float)
    tt.core.setup.os.sysconf_names = {}
    tt.hide("psutil")
    with raises(OSError, mentions=["psutil"]):
        tt.total_memory_bytes()


@exercise("check", hint="Each missing package is a line of the report.")
@pytest.mark.parametrize("package", ["ipykernel", "numpy"])
def test_report_survives_each_missing_package(tt, package):
    tt.hide(package)
    check = line_of(tt.check_environment(), package)
    assert_equal(check.ok, False)
    expect(check.fix.strip() != "", "words on how to mend it", show(check.fix))
    expect(check.detail.strip() != "", "words on what is wrong", show(check.detail))


@exercise("check", hint="Two problems at once are two lines of the report.")
def test_report_collects_several_problems(tt):
    tt.hide("numpy")
    tt.hide("ipykernel")
    tt.patch("tinytorch.core.setup.progress_folder", returns="/dev/null/elsewhere")
    report = tt.check_environment()
    assert_equal(
        [(check.name, check.ok) for check in report],
        [
            ("python", True),
            ("numpy", False),
            ("tinytorch", True),
            ("ipykernel", False),
            ("progress folder", False),
        ],
    )


@exercise("check", hint="The module that reports a missing NumPy must itself do without NumPy.")
def test_report_is_available_without_numpy(tt):
    tt.hide("numpy")
    report = tt.fresh_import("tinytorch.core.setup").check_environment()
    assert_equal(line_of(report, "numpy").ok, False)


@exercise("check", hint="The test hides tinytorch itself: that line needs a fix as well.")
def test_report_says_how_to_mend_a_missing_tinytorch(tt):
    check_environment = tt.check_environment
    tt.hide("tinytorch")
    check = line_of(check_environment(), "tinytorch")
    assert_equal(check.ok, False)
    expect(type(check.fix) is str and check.fix.strip() != "", "words on how to mend it", show(check.fix))


@exercise(
    "check", hint="The test asks for a Python that does not exist yet: python_check() has the fix for it."
)
def test_report_says_how_to_mend_an_old_python(tt):
    tt.core.setup.OLDEST_PYTHON = (99, 0)
    check = line_of(tt.check_environment(), "python")
    assert_equal(check.ok, False)
    expect("uv python install" in check.fix, "the fix of python_check()", show(check.fix))
    expect("Python 3." in check.detail, "a detail with the version", show(check.detail))


@exercise("check", hint="The detail names the folder, and what is not ok needs a fix.")
def test_folder_check_names_the_folder_whatever_the_result(tt):
    good, bad = tt.folder_check("/tmp"), tt.folder_check("/dev/null/elsewhere")
    expect("/tmp" in str(good.detail), "a detail with the folder /tmp", show(good.detail))
    expect("/dev/null/elsewhere" in str(bad.detail), "a detail with the folder", show(bad.detail))
    expect(type(bad.fix) is str and bad.fix.strip() != "", "words on how to mend it", show(bad.fix))


@exercise("check", hint="The report is on progress_folder(), which is the folder the program runs in.")
def test_report_names_the_progress_folder(tt):
    folder = tt.progress_folder()
    check = line_of(tt.check_environment(), "progress folder")
    expect(folder.startswith("/"), "an absolute path", show(folder))
    expect(folder in str(check.detail), f"a detail with the folder {folder}", show(check.detail))


@exercise(
    "check", hint="environment_table is given: it prints name and detail, and the fix of what is not ok."
)
def test_a_report_can_be_printed(tt):
    good, bad = tt.import_check("json", "install it"), tt.import_check("a_module_nobody_wrote", "write it")
    lines = tt.environment_table([good, bad]).split("\n")
    assert_equal(lines[0], f"ok       json             {good.detail}")
    assert_equal(lines[1:], [f"problem  a_module_nobody_wrote {bad.detail}; fix: write it"])


@exercise("check", hint="A fix is for what is broken: where all is well it is empty.")
def test_report_has_no_fix_for_what_is_well(tt):
    tt.patch("tinytorch.core.setup.progress_folder", returns="/tmp")
    assert_equal([check.fix for check in tt.check_environment() if check.ok], [""] * 5)


@exercise("check", hint="The names and the fix that are passed in are used, whatever they are.")
@pytest.mark.parametrize("package", ["tomllib", "another_module_nobody_wrote"])
def test_import_check_is_named_after_its_module(tt, package):
    assert_equal(tt.import_check(package, "look for it").name, package)


@exercise("graph", hint="Compare your dictionary with the last column of the table, row by row.")
@pytest.mark.parametrize(
    "modules",
    [(0, 1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11), (12, 13), (14, 15, 16), (17, 18, 19, 20)],
    ids=["0-4", "5-8", "9-11", "12-13", "14-16", "17-20"],
)
def test_graph_agrees_with_the_table(tt, modules):
    graph = tt.module_graph()
    assert_equal([graph[module] for module in modules], [REAL_COURSE[module] for module in modules])


@exercise("path", hint="All that is needed, directly or not, in an order in which it can be taken.")
@pytest.mark.parametrize(
    ("target", "path"),
    [
        (7, [7]),
        (6, [9, 6]),
        (1, [2, 4, 1]),
        (3, [2, 4, 1, 9, 6, 3]),
        (5, [2, 4, 1, 9, 6, 3, 5]),
    ],
)
def test_path_through_another_course(tt, target, path):
    tt.patch("tinytorch.core.setup.module_graph", returns=OTHER_COURSE)
    assert_equal(tt.learning_path(target), path)


@exercise(
    "path",
    hint="On the map of this course every path happens to ascend, if the smallest ready module is taken.",
)
@pytest.mark.parametrize(
    ("target", "path"),
    [
        (0, [0]),
        (9, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (12, [1, 2, 3, 4, 6, 10, 11, 12]),
        (17, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17]),
    ],
)
def test_path_through_this_course(tt, target, path):
    tt.patch("tinytorch.core.setup.module_graph", returns=REAL_COURSE)
    assert_equal(tt.learning_path(target), path)


@exercise("path", hint="A number that is no key of the graph is a ValueError that names it.")
@pytest.mark.parametrize("target", [-1, 21, 100])
def test_path_to_no_module_at_all(tt, target):
    tt.patch("tinytorch.core.setup.module_graph", returns=REAL_COURSE)
    assert_equal(tt.learning_path(3), [1, 2, 3])
    with raises(ValueError, mentions=[str(target)]):
        tt.learning_path(target)
