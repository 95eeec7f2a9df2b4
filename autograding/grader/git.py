"""Run git cut off from the configuration of the machine, of its user and of whoever made the repository."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

SETTINGS = {
    "core.autocrlf": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.logAllRefUpdates": "false",
    "core.quotePath": "false",
    "gc.auto": "0",
    "protocol.allow": "never",
    "safe.directory": "*",
}
SECONDS = 120


def isolated_environment(
    extra: Mapping[str, str] | None = None, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """An environment in which git reads no configuration but SETTINGS, `settings` and a repository's own.

    Settings travel in the environment: unlike arguments, other users cannot list it.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    chosen = SETTINGS | dict(settings or {})
    configuration = {
        "GIT_CONFIG_COUNT": str(len(chosen)),
        **{f"GIT_CONFIG_KEY_{index}": key for index, key in enumerate(chosen)},
        **{f"GIT_CONFIG_VALUE_{index}": value for index, value in enumerate(chosen.values())},
    }
    isolation = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        # Git also reads attributes and ignore rules from there when no setting names another file.
        "XDG_CONFIG_HOME": os.devnull,
        "HOME": os.devnull,
    }
    return kept | configuration | isolation | dict(extra or {})


def run_git(
    folder: Path,
    arguments: Iterable[str],
    *,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run git in `folder`, whose own `.git` it finds, never one further up.

    `extra` adds to the environment, `settings` to the configuration.

    Raises OSError where git is not installed, and subprocess.TimeoutExpired.
    """
    ceiling = {"GIT_CEILING_DIRECTORIES": str(folder.absolute().parent)}
    return subprocess.run(
        ["git", *arguments],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env=isolated_environment(ceiling | dict(extra or {}), settings),
        timeout=SECONDS,
        check=False,
    )


def git_line(folder: Path, *arguments: str) -> str:
    """The text git prints, stripped; empty where it fails or is not installed."""
    try:
        done = run_git(folder, arguments)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode("utf-8", errors="replace").strip() if done.returncode == 0 else ""
