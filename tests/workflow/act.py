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
from typing import Any

DOUBLES = Path(__file__).with_name("doubles")
ACTIONS = {
    "astral-sh/setup-uv@20cfd1bf945f4377ade1205e4dbc17946fc9a30d": DOUBLES / "setup-uv",
    "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f": DOUBLES / "upload-artifact",
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
    event: Mapping[str, Any] | None = None,
    options: Sequence[str] = (),
) -> Run:
    """Let something happen to `ref` of a repository, as its workflow sees it: by default a push.

    `folder` takes what act leaves, `event` is added to its payload.
    """
    home, out = folder / "home", folder / "artifacts"
    home.mkdir(parents=True)
    payload = folder / "event.json"
    repository_told = {"default_branch": "main", "full_name": "course/student"}
    payload.write_text(json.dumps({"ref": ref, "repository": repository_told, **(event or {})}))
    command = [
        str(Path(sys.executable).with_name("act")),
        *(event_name, "--json", "--platform", "ubuntu-24.04=-self-hosted", "--eventpath", str(payload)),
        *("--action-offline-mode", "--pull=false", "--no-cache-server"),
        *("--artifact-server-path", str(out), "--artifact-server-addr", "127.0.0.1"),
        *("--artifact-server-port", str(_free_port())),
        *options,
    ]
    for action, double in ACTIONS.items():
        command += ["--local-repository", f"{action}={double}"]
    start = time.monotonic()
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
    seconds = time.monotonic() - start
    entries = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return _read(entries, out, seconds)


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
    if not archives:
        return {}
    with zipfile.ZipFile(io.BytesIO(archives[0].read_bytes())) as archive:
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
