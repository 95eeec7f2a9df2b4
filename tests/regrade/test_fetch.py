"""Fetching one commit by its id, and nothing that a student could do with it (A11, A116, A133, A142)."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.assignments.final import Submission
from autograding.course import Course, load_course
from autograding.grader.files import MAX_FILE
from autograding.regrade import fetch
from autograding.regrade.fetch import Access, FetchError, address_of, fetch_submission, reason
from tests.assignments.conftest import SMALL_COURSE
from tests.regrade.repositories import NOTEBOOK, commit, git, make_repository
from tests.regrade.server import GitServer, serve

TOKEN = "ghp_theTokenOfTheCourse"
EXPECTED_HEADER = "Basic eC1hY2Nlc3MtdG9rZW46Z2hwX3RoZVRva2VuT2ZUaGVDb3Vyc2U="


def take(course: Course, repository: str | Path, commit: str, access: Access | None = None) -> Submission:
    return fetch_submission(course, course.resolve("alpha"), str(repository), commit, access or Access())


def test_a_commit_is_fetched_by_its_id_also_when_it_is_not_the_newest(small: Course, tmp_path: Path) -> None:
    first = make_repository(tmp_path / "ann", {NOTEBOOK: "first"})
    commit(tmp_path / "ann", {NOTEBOOK: "second"})
    assert take(small, tmp_path / "ann", first) == Submission(first, "01_alpha", b"first")


def test_a_commit_that_a_force_push_took_off_every_branch_is_fetched(small: Course, tmp_path: Path) -> None:
    """A116."""
    make_repository(tmp_path / "ann", {NOTEBOOK: "start"})
    lost = commit(tmp_path / "ann", {NOTEBOOK: "in time"})
    git(tmp_path / "ann", "reset", "--quiet", "--hard", "HEAD~1")
    commit(tmp_path / "ann", {NOTEBOOK: "after the due date"})
    assert take(small, tmp_path / "ann", lost).notebook == b"in time"


def test_with_own_prerequisites_the_modules_brought_along_are_fetched_too(tmp_path: Path) -> None:
    root = tmp_path / "course"
    shutil.copytree(SMALL_COURSE, root)
    with (root / "classroom.yml").open("a") as settings:
        settings.write("prerequisites: own\n")
    files = {"beta.ipynb": "{}", "tinytorch/core/alpha.py": "x = 1\n", "tinytorch/core/other.py": "y = 2\n"}
    head = make_repository(tmp_path / "ann", files)
    course = load_course(root)
    taken = fetch_submission(course, course.resolve("beta"), str(tmp_path / "ann"), head, Access())
    assert (taken.notebook, dict(taken.brought)) == (b"{}", {"tinytorch/core/alpha.py": b"x = 1\n"})


def test_files_that_do_not_count_are_never_transferred(small: Course, tmp_path: Path) -> None:
    files = {NOTEBOOK: "{}", "film.bin": os.urandom(2 * 2**20)}
    head = make_repository(tmp_path / "ann", files)
    assert take(small, tmp_path / "ann", head, Access(pack_mib=1)).notebook == b"{}"


def test_a_fetch_that_brings_too_much_is_stopped(small: Course, tmp_path: Path) -> None:
    head = make_repository(tmp_path / "ann", {NOTEBOOK: os.urandom(2 * 2**20)})
    with pytest.raises(FetchError, match="brought more data than one submission may"):
        take(small, tmp_path / "ann", head, Access(pack_mib=1))


def test_a_notebook_too_large_to_read_is_handed_on_as_too_large(small: Course, tmp_path: Path) -> None:
    """Zeros pack to next to nothing: the limit on what is fetched does not see them (A128)."""
    head = make_repository(tmp_path / "ann", {NOTEBOOK: bytes(3 * MAX_FILE)})
    assert take(small, tmp_path / "ann", head).notebook == bytes(MAX_FILE + 1)


def test_a_fetch_that_hangs_is_ended(small: Course, server: GitServer) -> None:
    head = make_repository(server.folder / "org" / "ann", {NOTEBOOK: "{}"})
    server.delay = 5.0
    with pytest.raises(FetchError, match=r"took more than 0\.5 seconds"):
        take(small, "org/ann", head, Access(server.url, seconds=0.5))


def test_a_repository_that_is_gone_is_said_so(small: Course, server: GitServer) -> None:
    with pytest.raises(FetchError, match="there is no such repository, or the token may not read it"):
        take(small, "org/gone", "1" * 40, Access(server.url))


def test_a_commit_that_is_not_there_is_said_so(small: Course, tmp_path: Path) -> None:
    make_repository(tmp_path / "ann", {NOTEBOOK: "{}"})
    with pytest.raises(FetchError, match="the repository has no such commit"):
        take(small, tmp_path / "ann", "1" * 40)


def test_the_id_of_a_file_is_no_commit(small: Course, tmp_path: Path) -> None:
    make_repository(tmp_path / "ann", {NOTEBOOK: "{}"})
    blob = git(tmp_path / "ann", "rev-parse", f"HEAD:{NOTEBOOK}")
    with pytest.raises(FetchError, match="is not a commit"):
        take(small, tmp_path / "ann", blob)


def test_the_token_goes_to_the_server_in_a_header(small: Course, server: GitServer) -> None:
    head = make_repository(server.folder / "org" / "ann", {NOTEBOOK: "{}"})
    server.token = EXPECTED_HEADER
    assert take(small, "org/ann", head, Access(server.url, TOKEN)).notebook == b"{}"
    assert {given for _, given in server.seen} == {EXPECTED_HEADER}
    assert TOKEN not in "".join(path for path, _ in server.seen)


def test_the_token_goes_to_no_other_server(small: Course, server: GitServer, tmp_path: Path) -> None:
    """A133."""
    with serve(tmp_path / "elsewhere") as other:
        head = make_repository(other.folder / "org" / "ann", {NOTEBOOK: "{}"})
        assert take(small, f"{other.url}/org/ann", head, Access(server.url, TOKEN)).notebook == b"{}"
        assert {given for _, given in other.seen} == {""}


def test_a_redirect_is_not_followed(small: Course, server: GitServer, tmp_path: Path) -> None:
    """A133."""
    with serve(tmp_path / "elsewhere") as other:
        head = make_repository(other.folder / "org" / "ann", {NOTEBOOK: "{}"})
        server.redirect = other.url
        with pytest.raises(FetchError, match="was renamed or moved"):
            take(small, "org/ann", head, Access(server.url, TOKEN))
        assert other.seen == []


def test_the_token_stands_in_no_argument_of_any_process(
    small: Course, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    run = subprocess.Popen.__init__
    monkeypatch.setattr(
        subprocess.Popen, "__init__", lambda self, *a, **k: (started.append(a[0]), run(self, *a, **k))[1]
    )
    head = make_repository(server.folder / "org" / "ann", {NOTEBOOK: "{}"})
    take(small, "org/ann", head, Access(server.url, TOKEN))
    assert any("fetch" in str(command) for command in started)
    assert TOKEN not in str(started)
    assert EXPECTED_HEADER not in str(started)


def test_a_refused_token_is_not_in_the_message(small: Course, server: GitServer) -> None:
    server.token = "another one"
    with pytest.raises(FetchError) as caught:
        take(small, "org/ann", "1" * 40, Access(server.url, TOKEN))
    assert TOKEN not in str(caught.value)


def test_a_submodule_in_place_of_the_notebook_is_not_cloned(small: Course, server: GitServer) -> None:
    """A11."""
    inner = make_repository(server.folder / "inner", {NOTEBOOK: "{}"})
    ann = server.folder / "ann"
    make_repository(ann, {".gitmodules": f"[submodule x]\npath = {NOTEBOOK}\nurl = {server.url}/inner\n"})
    git(ann, "update-index", "--add", "--cacheinfo", f"160000,{inner},{NOTEBOOK}")
    git(ann, "commit", "--quiet", "--message", "Submodule")
    head = git(ann, "rev-parse", "HEAD")
    assert take(small, f"{server.url}/ann", head).notebook is None
    assert [path for path, _ in server.seen if "inner" in path] == []


def test_an_lfs_pointer_stays_a_pointer(small: Course, tmp_path: Path) -> None:
    """A11."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 12\n"
    attributes = "*.ipynb filter=lfs diff=lfs merge=lfs -text\n"
    head = make_repository(tmp_path / "ann", {NOTEBOOK: pointer, ".gitattributes": attributes})
    assert take(small, tmp_path / "ann", head).notebook == pointer.encode()


def test_attributes_of_the_student_change_no_byte(small: Course, tmp_path: Path) -> None:
    """A11: export-ignore, working-tree-encoding, line endings, ident."""
    attributes = "*.ipynb export-ignore ident text eol=crlf working-tree-encoding=UTF-16\n"
    text = b"$Id$\none\ntwo\n"
    ann = tmp_path / "ann"
    make_repository(ann, {".gitattributes": attributes})
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--no-filters", "--stdin"], input=text, cwd=ann, capture_output=True
    ).stdout.decode()
    git(ann, "update-index", "--add", "--cacheinfo", f"100644,{blob.strip()},{NOTEBOOK}")
    git(ann, "commit", "--quiet", "--message", "Notebook")
    assert take(small, ann, git(ann, "rev-parse", "HEAD")).notebook == text


def test_nothing_of_the_students_configuration_runs_here(small: Course, tmp_path: Path) -> None:
    """A142: hooks, fsmonitor, filters, alternate upload-pack hooks, also in a clone on this disk."""
    ann, trace = tmp_path / "ann", tmp_path / "trace"
    head = make_repository(ann, {NOTEBOOK: "{}", ".gitattributes": "*.ipynb filter=evil\n"})
    script = f"#!/bin/sh\ntouch {trace}\ncat\n"
    program = tmp_path / "evil.sh"
    program.write_text(script)
    program.chmod(0o755)
    for key in (
        "filter.evil.smudge",
        "filter.evil.process",
        "core.fsmonitor",
        "core.sshCommand",
        "uploadpack.packObjectsHook",
        "core.alternateRefsCommand",
        "credential.helper",
        "core.askPass",
    ):
        git(ann, "config", key, str(program))
    hooks = ann / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        (hooks / name).write_text(script)
        (hooks / name).chmod(0o755)
    assert take(small, ann, head).notebook == b"{}"
    assert not trace.exists()


def test_the_configuration_of_this_machine_is_not_read(
    small: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = make_repository(tmp_path / "ann", {NOTEBOOK: "{}"})
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text('[url "file:///nowhere/"]\n\tinsteadOf = file:///\n')
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "home" / ".gitconfig"))
    assert take(small, tmp_path / "ann", head).notebook == b"{}"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("org/01-tensor-ada", "https://github.com/org/01-tensor-ada"),
        ("https://example.org/a/b.git", "https://example.org/a/b.git"),
        ("http://127.0.0.1:8080/a", "http://127.0.0.1:8080/a"),
    ],
)
def test_addresses_are_names_on_the_server_or_https(text: str, url: str) -> None:
    assert address_of(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "http://example.org/a",
        "https://user:password@example.org/a",
        "https://example.org/a?x=1",
        "https://example.org/a#b",
        "https://example.org/a/../../b",
        "https://example.org:0x1/a",
        "ssh://git@example.org/a",
        "git@github.com:org/a",
        "ext::sh -c touch% /tmp/x",
        "file:///etc",
        "--upload-pack=touch /tmp/x",
        "https://example.org/\u202ea",
        "a",
        "",
        "./nowhere/at/all",
    ],
)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected a repository|there is no folder"):
        address_of(text)


@given(st.text())
def test_whatever_an_address_is_git_gets_an_allowed_one(text: str) -> None:
    try:
        address = address_of(text)
    except ValueError:
        return
    assert address.url.startswith((f"{address.protocol}://", "https://github.com/"))
    assert address.protocol in ("https", "http", "file")
    assert address.url.isprintable()


def test_what_git_says_of_its_own_is_quoted_without_control_characters() -> None:
    said = "warning: x\nfatal: remote said \x1b[2J::error::boo\x07\nmore"
    assert reason(said) == "git could not fetch it: fatal: remote said ::error::boo\\u{7}"


def test_a_server_that_stumbles_is_asked_again(small: Course, server: GitServer) -> None:
    head = make_repository(server.folder / "org" / "ann", {NOTEBOOK: "{}"})
    server.failures = 2
    assert take(small, "org/ann", head, Access(server.url, first_wait=0)).notebook == b"{}"


def test_a_server_that_keeps_stumbling_is_given_up(small: Course, server: GitServer) -> None:
    server.failures = 10
    with pytest.raises(FetchError, match="returned error: 502"):
        take(small, "org/ann", "1" * 40, Access(server.url, first_wait=0))
    assert len(server.seen) == fetch.ATTEMPTS
