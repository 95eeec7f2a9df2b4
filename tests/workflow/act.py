"""Run a repository's own workflow with the act engine, on this machine and without Docker.

Checkout is act's own. The other actions are replaced by the doubles beside this
file, found by the very commit that the workflow pins: another pin finds no double.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

DOUBLES = Path(__file__).with_name("doubles")
ACTIONS = {
    "astral-sh/setup-uv@20cfd1bf945f4377ade1205e4dbc17946fc9a30d": DOUBLES / "setup-uv",
    "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": DOUBLES / "upload-artifact",
    "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c": DOUBLES / "download-artifact",
}
# What reaching a package index may need on this machine; nothing else is handed on.
NETWORK_VARIABLES = ("SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")


@dataclass(frozen=True)
class Run:
    """What GitHub would show of a run. `result` is None where the job was skipped."""

    result: str | None
    steps: dict[str, str]
    annotations: tuple[tuple[str, str], ...]
    summary: str
    log: str
    artifact: dict[str, bytes]
    seconds: float


def run_workflow(
    repository: Path,
    folder: Path,
    *,
    ref: str = "refs/heads/main",
    event_name: str = "push",
    options: Sequence[str] = (),
) -> Run:
    """Let something happen to `ref` of a repository, as its workflow sees it: by default a push.

    `folder` takes what act leaves.
    """
    event = {"ref": ref, "repository": {"default_branch": "main", "full_name": "course/student"}}
    start = time.monotonic()
    entries = _act(repository, folder, event_name, event, options)
    return _read(entries, folder / "artifacts", time.monotonic() - start)


@dataclass(frozen=True)
class Dispatched:
    """What GitHub would show of a run of several jobs. Artifacts are by name, then by path."""

    results: dict[str, str]
    log: str
    everything: str
    artifacts: dict[str, dict[str, bytes]]


def dispatch_workflow(
    repository: Path,
    folder: Path,
    workflow: str,
    inputs: dict[str, str],
    secrets: dict[str, str],
    *,
    private: bool = True,
    environment: Mapping[str, str] = MappingProxyType({}),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Dispatched:
    """Start a workflow by hand. `environment` is set in every step, `variables` in the repository."""
    (folder / "secrets").parent.mkdir(parents=True, exist_ok=True)
    (folder / "secrets").write_text("".join(f"{name}={value}\n" for name, value in secrets.items()))
    event = {
        "ref": "refs/heads/main",
        "inputs": inputs,
        "repository": {"default_branch": "main", "full_name": "org/course", "private": private},
    }
    chosen = ["--workflows", str(repository / ".github" / "workflows" / workflow)]
    chosen += ["--secret-file", str(folder / "secrets")]
    for name, value in environment.items():
        chosen += ["--env", f"{name}={value}"]
    for name, value in variables.items():
        chosen += ["--var", f"{name}={value}"]
    entries = _act(repository, folder, "workflow_dispatch", event, chosen)
    archives = sorted((folder / "artifacts").rglob("*.zip"))
    return Dispatched(
        results={entry["job"]: entry["jobResult"] for entry in entries if "jobResult" in entry},
        log="".join(entry["msg"] for entry in entries if entry.get("raw_output")),
        everything="\n".join(map(json.dumps, entries)),
        artifacts={path.stem: _unzipped(path) for path in archives},
    )


def _act(
    repository: Path,
    folder: Path,
    event_name: str,
    event: dict[str, Any],
    options: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Run act and return its log, an entry a line."""
    home = folder / "home"
    home.mkdir(parents=True)
    (folder / "event.json").write_text(json.dumps(event))
    command = [
        str(Path(sys.executable).with_name("act")),
        *(event_name, "--json", "--platform", "ubuntu-24.04=-self-hosted"),
        *("--eventpath", str(folder / "event.json")),
        *("--action-offline-mode", "--pull=false", "--no-cache-server"),
        *("--artifact-server-path", str(folder / "artifacts"), "--artifact-server-addr", "127.0.0.1"),
        *("--artifact-server-port", str(_free_port())),
        *options,
    ]
    for action, double in ACTIONS.items():
        command += ["--local-repository", f"{action}={double}"]
    done = subprocess.run(
        command,
        cwd=repository,
        env=runner_environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def _read(entries: list[dict[str, Any]], out: Path, seconds: float) -> Run:
    results = [entry["jobResult"] for entry in entries if "jobResult" in entry]
    mains = [entry for entry in entries if "stepResult" in entry and entry.get("stage") == "Main"]
    notices = [entry for entry in entries if entry.get("command") in ("notice", "warning", "error")]
    return Run(
        result=results[-1] if results else None,
        steps={entry["step"]: entry["stepResult"] for entry in mains},
        annotations=tuple((entry["kvPairs"].get("title", ""), entry["arg"]) for entry in notices),
        summary="".join(entry["content"] for entry in entries if entry.get("command") == "summary"),
        log="".join(entry["msg"] for entry in entries if entry.get("raw_output")),
        artifact=_artifact(out),
        seconds=seconds,
    )


def _artifact(out: Path) -> dict[str, bytes]:
    archives = list(out.rglob("*.zip"))
    return _unzipped(archives[0]) if archives else {}


def _unzipped(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def runner_environment(home: Path) -> dict[str, str]:
    """A runner's environment, not ours: only where Python, uv, git and uv's packages are."""
    uv = Path(os.environ.get("UV") or shutil.which("uv") or "uv")
    cache = os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache" / "uv")
    network = {name: os.environ[name] for name in NETWORK_VARIABLES if name in os.environ}
    path = f"{sys.base_prefix}/bin:{uv.parent}:/usr/local/bin:/usr/bin:/bin"
    return network | {"PATH": path, "HOME": str(home), "UV_CACHE_DIR": cache}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
