"""The yardstick for student repositories: what is read from the rendered assignments."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import replace

import pytest

from autograding.github.expected import load_expected
from autograding.grader.errors import ConfigurationError
from autograding.grader.manifest import encode_manifest

from .conftest import ASSIGNMENTS, MANIFEST


def git(folder, *arguments):
    return subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
        cwd=folder,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull},
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def test_the_manifest_is_known_by_its_sha256_and_by_gits_own_id(rendered):
    path = rendered / "01-tensor" / "assignment.json"
    [expected] = load_expected(rendered, ASSIGNMENTS)
    assert expected.manifest_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert expected.objects["assignment.json"] == git(rendered, "hash-object", "--no-filters", str(path))


def test_the_commit_students_start_from_is_the_rendered_one(rendered):
    folder = rendered / "01-tensor"
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "start")
    assert load_expected(rendered, ASSIGNMENTS)[0].starter == git(folder, "rev-parse", "HEAD")


def test_without_a_git_repository_of_its_own_the_starting_commit_is_unknown(rendered):
    git(rendered, "init", "-q")
    git(rendered, "commit", "-q", "--allow-empty", "-m", "the course around it")
    assert load_expected(rendered, ASSIGNMENTS)[0].starter is None


def test_an_assignment_that_is_not_rendered_is_left_out(rendered):
    assert [item.assignment for item in load_expected(rendered, ASSIGNMENTS)] == ["01_tensor"]


def test_no_rendered_assignment_at_all_is_told_with_the_command_that_renders(tmp_path):
    with pytest.raises(ConfigurationError, match=r"uv run scripts/generate_assignments.py"):
        load_expected(tmp_path, ASSIGNMENTS)


def test_a_manifest_in_the_wrong_folder_is_told(rendered):
    (rendered / "01-tensor").rename(rendered / "02-activations")
    with pytest.raises(ConfigurationError, match="this folder holds 01_tensor, not 02_activations"):
        load_expected(rendered, ASSIGNMENTS)


def test_a_manifest_that_protects_too_little_is_refused(rendered):
    weak = replace(MANIFEST, trees={"tests": "a2" * 20})
    (rendered / "01-tensor" / "assignment.json").write_text(encode_manifest(weak))
    with pytest.raises(ConfigurationError, match=r"no git object id for \.github, autograding"):
        load_expected(rendered, ASSIGNMENTS)


def test_a_manifest_that_is_no_text_is_told(rendered):
    (rendered / "01-tensor" / "assignment.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="this manifest cannot be read"):
        load_expected(rendered, ASSIGNMENTS)
