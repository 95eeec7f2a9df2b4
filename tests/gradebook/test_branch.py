"""The gradebook on a branch, in a real bare repository: it comes back, and nothing on it is overwritten."""

from __future__ import annotations

import subprocess

import pytest

from autograding.gradebook.collecting.branch import GradebookBranch
from autograding.gradebook.errors import GradebookError


@pytest.fixture
def origin(tmp_path):
    folder = tmp_path / "origin.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
    return folder


@pytest.fixture
def branch(origin):
    return GradebookBranch(str(origin), "gradebook")


@pytest.fixture
def files(tmp_path):
    """Write files with these contents and return their paths."""

    def files(**contents):
        folder = tmp_path / "kept"
        folder.mkdir(exist_ok=True)
        for name, data in contents.items():
            (folder / name).write_bytes(data)
        return [folder / name for name in contents]

    return files


def commits(origin):
    count = ["git", "--git-dir", str(origin), "rev-list", "--count", "gradebook"]
    return int(subprocess.run(count, check=True, capture_output=True).stdout)


def test_where_there_is_no_branch_yet_there_is_nothing_to_fetch(branch, tmp_path):
    assert branch.fetch(tmp_path) is False


def test_what_was_pushed_comes_back_to_the_byte_and_for_its_owner_alone(branch, files, tmp_path):
    data = bytes(range(256)) * 40 + b"\r\n"
    assert branch.push(files(gradebook=data), "One")
    target = tmp_path / "fetched"
    target.mkdir()
    assert branch.fetch(target) is True
    assert (target / "gradebook").read_bytes() == data
    assert (target / "gradebook").stat().st_mode & 0o777 == 0o600


def test_each_change_is_a_commit_on_top_of_the_one_before(branch, files, origin):
    branch.push(files(gradebook=b"one"), "One")
    branch.push(files(gradebook=b"two"), "Two")
    assert commits(origin) == 2


def test_what_has_not_changed_is_not_pushed_again(branch, files, origin):
    branch.push(files(gradebook=b"one"), "One")
    assert branch.push(files(gradebook=b"one"), "Two") is False
    assert commits(origin) == 1


def test_a_remote_that_cannot_be_reached_is_told_and_is_no_empty_branch(tmp_path):
    with pytest.raises(GradebookError, match="git ls-remote failed"):
        GradebookBranch(str(tmp_path / "nowhere.git"), "gradebook").fetch(tmp_path)


def test_the_token_is_sent_to_github_alone_and_stands_in_no_message(tmp_path):
    with pytest.raises(GradebookError) as caught:
        GradebookBranch(str(tmp_path / "nowhere.git"), "gradebook", "ghs_secret").fetch(tmp_path)
    assert "ghs_secret" not in str(caught.value)
