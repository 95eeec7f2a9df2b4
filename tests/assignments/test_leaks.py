"""Each place where something confidential can hide: it is planted there, and the search finds it."""

from __future__ import annotations

import base64
import gzip
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from autograding.assignments.confidential import secrets_of
from autograding.assignments.leaks import LeakError, find_leaks
from tests.assignments.conftest import Suspect, Workshop

SOLUTION = "return float(numbers.max() - numbers.min())"
SOURCE = "modules/01_alpha/alpha.py:21 (solution)"


def test_a_clean_render_has_no_leaks(suspect: Suspect) -> None:
    assert suspect.search() == ()


def test_a_solution_line_in_a_document_is_found_with_its_place_and_source(suspect: Suspect) -> None:
    suspect.write("docs/help.md", f"# Help\n\nTry this:\n\n    {SOLUTION}\n")
    (leak,) = suspect.search()
    assert (leak.path, leak.line, leak.text, leak.source) == ("docs/help.md", 5, SOLUTION, SOURCE)


@pytest.mark.parametrize(
    "text",
    [
        "return float( numbers.max()-numbers.min() )",
        "return float(\n    numbers.max()\n    - numbers.min(),\n)",
        "return float(numbers.max() \\\n - numbers.min())",
        "#    return float(numbers.max()\n#        - numbers.min())",
        "x = 'return float(numbers.max() - numbers.min())\\n'",
        "print(&quot;&quot;) return float(numbers.max() - numbers.min())",
        "<pre>return float(numbers.max() &#45; numbers.min())</pre>",
    ],
)
def test_reformatting_a_solution_line_hides_nothing(suspect: Suspect, text: str) -> None:
    suspect.write("notes.txt", text)
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_a_statement_over_several_lines_is_found_on_one(suspect: Suspect) -> None:
    suspect.write("notes.txt", "return {True: 'negative', False: 'positive'}[number < 0]")
    assert "modules/01_alpha/alpha.py:36 (solution)" in [leak.source for leak in suspect.search()]


def test_a_comment_of_a_solution_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", "An array knows its extremes without a loop over it.")
    assert [leak.text for leak in suspect.search()] == ["An array knows its extremes without a loop over it."]


def test_a_solution_line_in_a_cell_is_found(suspect: Suspect) -> None:
    suspect.change_notebook(lambda notebook: notebook["cells"][3]["source"].append("\n    " + SOLUTION))
    (leak,) = suspect.search()
    assert leak.path == "alpha.ipynb, cell 4, source"


def test_a_solution_line_in_an_output_is_found(suspect: Suspect) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ["x\n", SOLUTION]}
    suspect.change_notebook(lambda notebook: notebook["cells"][1]["outputs"].append(output))
    (leak,) = suspect.search()
    assert leak.path == "alpha.ipynb, cell 2, outputs.text"


def test_a_solution_line_in_an_html_output_is_found(suspect: Suspect) -> None:
    html = "<code>return float(numbers.max()&nbsp;&minus; numbers.min())</code>".replace("&minus;", "-")
    output = {"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}
    suspect.change_notebook(lambda notebook: notebook["cells"][1]["outputs"].append(output))
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_a_solution_line_in_cell_metadata_is_found(suspect: Suspect) -> None:
    suspect.change_notebook(
        lambda notebook: notebook["cells"][3]["metadata"].update(answer={"code": [SOLUTION]})
    )
    (leak,) = suspect.search()
    assert leak.path == "alpha.ipynb, cell 4, metadata.answer.code"


def test_a_solution_line_in_notebook_metadata_is_found(suspect: Suspect) -> None:
    suspect.change_notebook(lambda notebook: notebook["metadata"].update(solution=SOLUTION))
    (leak,) = suspect.search()
    assert leak.path == "alpha.ipynb, metadata.solution"


def test_a_solution_line_in_an_attachment_is_found(suspect: Suspect) -> None:
    data = base64.b64encode(f"# hint\n{SOLUTION}\n".encode()).decode()
    attachment = {"hint.txt": {"text/plain": data}}
    suspect.change_notebook(lambda notebook: notebook["cells"][0].update(attachments=attachment))
    (leak,) = suspect.search()
    assert leak.path == "alpha.ipynb, cell 1, attachments.hint.txt.text/plain (base64)"


def test_a_solution_line_in_the_text_of_an_image_is_found(suspect: Suspect) -> None:
    image = b"\x89PNG\r\n\x1a\n\0\0\0\x30tEXtComment\0" + SOLUTION.encode()
    suspect.write("docs/plot.png", image)
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_an_archive_in_an_attachment_is_refused(suspect: Suspect) -> None:
    data = base64.b64encode(gzip.compress(SOLUTION.encode() * 3)).decode()
    attachment = {"hint.gz": {"application/gzip": data}}
    suspect.change_notebook(lambda notebook: notebook["cells"][0].update(attachments=attachment))
    (leak,) = suspect.search()
    assert "an archive, which is not searched" in leak.source


def test_a_notebook_in_the_output_of_a_notebook_is_searched(suspect: Suspect) -> None:
    inner = json.dumps({"cells": [{"source": ["def f():\n", f"    {SOLUTION}"]}]})
    output = {"output_type": "stream", "name": "stdout", "text": inner}
    suspect.change_notebook(lambda notebook: notebook["cells"][1]["outputs"].append(output))
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_the_first_of_two_equal_keys_is_searched(suspect: Suspect) -> None:
    suspect.write("data.json", json.dumps({"a": SOLUTION})[:-1] + ', "a": ""}')
    assert [leak.source for leak in suspect.search()] == [SOURCE]


@pytest.mark.parametrize(
    "path",
    ["__pycache__/alpha.cpython-311.pyc", "alpha.pyc", ".ipynb_checkpoints/alpha-checkpoint.ipynb"],
)
def test_caches_are_refused_whatever_they_contain(suspect: Suspect, path: str) -> None:
    suspect.write(path, b"\0")
    assert path.split("/")[0] in {leak.path.split("/")[0] for leak in suspect.search()}


def test_archives_are_refused(suspect: Suspect) -> None:
    with zipfile.ZipFile(suspect.path / "extra.dat", "w") as archive:
        archive.writestr("alpha.py", SOLUTION)
    (leak,) = suspect.search()
    assert (leak.path, leak.source) == ("extra.dat", "an archive, which is not searched")


@pytest.mark.parametrize("content", [b"\x80\x81\x82", SOLUTION.encode("utf-16")])
def test_binary_files_of_unknown_kind_are_refused(suspect: Suspect, content: bytes) -> None:
    suspect.write("data.txt", content)
    (leak,) = suspect.search()
    assert leak.source == "a binary file of unknown kind, which is not searched"


def test_links_are_refused(suspect: Suspect) -> None:
    (suspect.path / "solution.py").symlink_to("/etc/hostname")
    (leak,) = suspect.search()
    assert (leak.path, leak.source) == ("solution.py", "a link, which may lead anywhere")


def test_a_solution_line_that_was_committed_and_removed_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", SOLUTION)
    suspect.git("add", "notes.txt")
    suspect.git("commit", "-m", "add notes")
    suspect.git("rm", "notes.txt")
    suspect.git("commit", "-m", "remove notes")
    (leak,) = suspect.search()
    assert leak.path == "notes.txt"


def test_a_solution_line_in_an_unreachable_object_is_found(suspect: Suspect) -> None:
    suspect.write("../notes.txt", SOLUTION)
    blob = suspect.git("hash-object", "-w", "../notes.txt")
    (leak,) = suspect.search()
    assert leak.path == f".git, blob {blob[:10]}"


def test_a_solution_line_in_a_packed_object_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", SOLUTION)
    suspect.git("add", "notes.txt")
    suspect.git("commit", "-m", "add notes")
    suspect.git("rm", "notes.txt")
    suspect.git("commit", "-m", "remove notes")
    suspect.git("gc", "--quiet")
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_a_solution_line_in_a_stash_is_found(suspect: Suspect) -> None:
    suspect.write("README.md", SOLUTION)
    suspect.git("stash")
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_a_solution_line_in_a_commit_message_is_found(suspect: Suspect) -> None:
    suspect.git("commit", "--allow-empty", "-m", f"Work\n\n{SOLUTION}")
    commit = suspect.git("rev-parse", "HEAD")
    assert f".git, commit {commit[:10]}" in [leak.path for leak in suspect.search()]


def test_a_solution_line_in_a_tag_message_is_found(suspect: Suspect) -> None:
    suspect.git("tag", "-a", "v1", "-m", SOLUTION)
    assert [leak.source for leak in suspect.search()] == [SOURCE]


def test_a_solution_line_in_a_reflog_is_found(suspect: Suspect) -> None:
    suspect.git("config", "core.logAllRefUpdates", "true")
    suspect.git("update-ref", "-m", SOLUTION, "refs/heads/other", "HEAD")
    assert ".git/logs/refs/heads/other" in [leak.path for leak in suspect.search()]


def test_a_solution_line_in_the_configuration_is_found(suspect: Suspect) -> None:
    suspect.git("config", "alias.answer", f"!echo '{SOLUTION}'")
    (leak,) = suspect.search()
    assert leak.path == ".git/config"


def test_objects_borrowed_from_elsewhere_are_refused(suspect: Suspect) -> None:
    suspect.write(".git/objects/info/alternates", "/nowhere/objects\n")
    assert "the repository borrows objects from elsewhere" in [leak.source for leak in suspect.search()]


def test_a_line_of_a_hidden_test_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", "values = [int(value) for value in rng.integers(-50, 50, size=17)]")
    (leak,) = suspect.search()
    assert leak.source == "modules/01_alpha/tests/test_alpha_hidden.py:8 (hidden test)"


def test_the_file_of_hidden_tests_is_found_under_another_name(suspect: Suspect, clean: Workshop) -> None:
    hidden = clean.root / "modules/01_alpha/tests/test_alpha_hidden.py"
    suspect.write("tests/test_more.py", hidden.read_text())
    assert {leak.path for leak in suspect.search()} == {"tests/test_more.py"}


def test_what_hidden_tests_share_with_visible_ones_is_no_leak(suspect: Suspect) -> None:
    suspect.write(
        "notes.py",
        "from autograding.grader.testing import assert_equal, exercise\n"
        '@exercise("spread", hint="a difference is what is left when one is taken from the other")\n',
    )
    assert suspect.search() == ()


def test_a_rubric_sample_is_found_however_it_is_wrapped(suspect: Suspect) -> None:
    suspect.write(
        "docs/grading.md", "> My *spread* grew from two\n> to nine hundred over ten\n> layers, so the"
    )
    assert {leak.source for leak in suspect.search()} == {"modules/01_alpha/rubric.yml:8 (rubric)"}


def test_what_a_grader_looks_for_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", "the answer connects the spread of activations with the size of gradients")
    assert {leak.source.partition(" ")[2] for leak in suspect.search()} == {"(rubric)"}


def test_the_question_itself_is_no_leak(suspect: Suspect) -> None:
    suspect.write("notes.txt", "Why would you look at the spread of your activations?")
    assert suspect.search() == ()


def test_a_line_of_a_known_bug_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", "return float(numbers.max() + numbers.min() + 0.25)")
    (leak,) = suspect.search()
    assert leak.source == "modules/01_alpha/bugs/adds.yml:8 (known bug)"


def test_a_solution_of_another_module_is_found(suspect: Suspect) -> None:
    suspect.write("notes.txt", "largest = max(abs(value) for value in values)")
    (leak,) = suspect.search()
    assert leak.source == "modules/02_beta/beta.py:14 (solution)"


def test_a_line_too_short_to_tell_anything_is_no_leak(suspect: Suspect) -> None:
    suspect.write("notes.txt", 'return "zero"')
    assert suspect.search() == ()


def test_a_solution_line_that_the_lesson_spells_out_in_prose_stops_the_render(workshop: Workshop) -> None:
    workshop.edit("modules/01_alpha/alpha.py", "some numbers?", f"some numbers? `{SOLUTION}`")
    with pytest.raises(LeakError) as caught:
        workshop.render()
    message = str(caught.value)
    assert "1 thing that students must not see" in message
    assert "alpha.ipynb, cell 1, source:3" in message
    assert "from modules/01_alpha/alpha.py:21 (solution)" in message


def test_a_solution_line_that_visible_tests_contain_stops_the_render(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/tests/test_alpha.py",
        '"""The visible tests of alpha."""',
        f'"""The visible tests of alpha: {SOLUTION}"""',
    )
    with pytest.raises(LeakError, match=r"tests/test_alpha\.py:1"):
        workshop.render()


def test_a_telling_line_in_given_code_stops_the_render(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/alpha.py",
        "assert spread([1, 4]) == 3.0",
        "numbers = np.asarray(values, dtype=np.float32)\nassert spread([1, 4]) == 3.0",
    )
    with pytest.raises(LeakError, match=r"numbers = np\.asarray\(values, dtype=np\.float32\)"):
        workshop.render()


def test_a_common_line_of_the_module_is_no_leak(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/alpha.py",
        "assert spread([1, 4]) == 3.0",
        "numbers = np.asarray(values, dtype=np.float32)\nassert spread([1, 4]) == 3.0",
    )
    workshop.edit(
        "modules/01_alpha/module.yml",
        "allowed_imports",
        "common_lines: ['numbers = np.asarray(values, dtype=np.float32)']\nallowed_imports",
    )
    assert workshop.render().fresh


def test_an_ordinary_line_that_is_given_elsewhere_in_the_lesson_is_no_leak(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/alpha.py", "    if number == 0:\n", "    total = number + 0\n    if number == 0:\n"
    )
    workshop.edit(
        "modules/01_alpha/alpha.py",
        "assert spread([1, 4]) == 3.0",
        "number = 1\ntotal = number + 0\nassert spread([1, 4]) == 3.0",
    )
    assert workshop.render().fresh


def test_an_ordinary_line_that_only_prose_has_stops_the_render(workshop: Workshop) -> None:
    workshop.edit(
        "modules/01_alpha/alpha.py", "    if number == 0:\n", "    total = number + 0\n    if number == 0:\n"
    )
    workshop.edit("modules/01_alpha/alpha.py", "some numbers?", "some numbers? `total = number + 0`")
    with pytest.raises(LeakError, match=r"total = number \+ 0"):
        workshop.render()


def test_lines_of_a_shipped_reference_are_no_leak_in_that_file_alone(workshop: Workshop) -> None:
    rendered = workshop.render("beta", reveal_open=True)
    assert SOLUTION in (rendered.path / "tinytorch/core/alpha.py").read_text()


def test_a_solution_line_that_a_shipped_file_has_too_is_a_leak_elsewhere(workshop: Workshop) -> None:
    line = "numbers = np.asarray(values, dtype=np.float32)"
    workshop.edit("modules/02_beta/beta.py", "    largest =", f"    {line}\n    largest =")
    workshop.edit("modules/02_beta/beta.py", "import spread\n", "import spread\nimport numpy as np\n")
    workshop.render("beta", reveal_open=True)
    workshop.edit("modules/02_beta/beta.py", "# # Beta\n", f"# # Beta\n# `{line}`\n")
    with pytest.raises(LeakError, match=r"beta\.ipynb, cell 1"):
        workshop.render("beta", reveal_open=True)


def test_a_folder_without_git_is_searched_too(tmp_path: Path, clean: Workshop) -> None:
    (tmp_path / "a.txt").write_text(SOLUTION)
    (leak,) = find_leaks(tmp_path, secrets_of(clean.course, clean.course.resolve("alpha"), ()))
    assert leak.path == "a.txt"


def test_arrays_that_come_on_purpose_are_no_leak(workshop: Workshop) -> None:
    write_arrays(workshop)
    assert (workshop.render().path / "tinytorch" / "data" / "lengths.npz").is_file()
    assert (workshop.render().path / "tests" / "examples.npz").is_file()


def test_arrays_of_hidden_tests_are_not_rendered(workshop: Workshop) -> None:
    write_arrays(workshop)
    assert not list(workshop.render().path.rglob("*_hidden.npz"))


def test_other_arrays_are_refused(suspect: Suspect) -> None:
    suspect.write("tests/unknown.npz", b"PK\x03\x04")
    (leak,) = suspect.search()
    assert leak.path == "tests/unknown.npz"


def test_arrays_that_were_changed_are_refused(workshop: Workshop) -> None:
    write_arrays(workshop)
    path = workshop.render().path
    files = {"tests/examples.npz": (path / "tests" / "examples.npz").read_bytes()}
    (path / "tests" / "examples.npz").write_bytes(b"PK\x03\x04 something else")
    course = workshop.course
    found = find_leaks(path, secrets_of(course, course.resolve("alpha"), ()), files)
    assert "tests/examples.npz" in {leak.path for leak in found}


def write_arrays(workshop: Workshop) -> None:
    module = workshop.root / "modules" / "01_alpha"
    (module / "data").mkdir()
    for path in ("data/lengths.npz", "tests/examples.npz", "tests/secret_hidden.npz"):
        np.savez(module / path, lengths=np.arange(3))
    workshop.write(
        "modules/01_alpha/module.yml", (module / "module.yml").read_text() + "data: [lengths.npz]\n"
    )
