"""Run a command as an ordinary user with passwordless sudo, in a mount namespace that hides the rest.

`unshare --mount python ordinary_user.py FOLDER KIND COMMAND…` as root; FOLDER is empty.
With KIND `hosted` the machine is like GitHub's hosted runner: the user may not make
namespaces (the system refuses that to whoever has changed their root) and there is no
bubblewrap. With KIND `desktop` they may. Nothing of this machine is changed.
"""

import os
import subprocess
import sys
from pathlib import Path

USER, NAME, HOME = 1001, "runner", Path("/mnt/runner")
LINES = {
    "passwd": f"{NAME}:x:{USER}:{USER}::{HOME}:/bin/sh",
    "group": f"{NAME}:x:{USER}:",
    "shadow": f"{NAME}:*:19000:0:99999:7:::",
    "sudoers": f"{NAME} ALL=(ALL) NOPASSWD:ALL",
}
REPOSITORY = Path(__file__).resolve().parents[3]


def main() -> None:
    folder, kind, *command = sys.argv[1:]
    open_the_way([REPOSITORY, Path(sys.prefix), Path(sys.base_prefix)], Path(folder))
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(HOME.parent))
    HOME.mkdir()
    (HOME / "notes").touch()
    os.chown(HOME, USER, USER)
    for name, line in LINES.items():
        put(Path(folder, name), Path("/etc", name), line)
    if kind == "hosted":
        Path(folder, "bwrap").touch()
        for place in filter(Path.exists, (Path("/usr/bin/bwrap"), Path("/usr/local/bin/bwrap"))):
            mount("--bind", str(Path(folder, "bwrap")), str(place))
        root = Path(folder, "root")
        root.mkdir()
        mount("--rbind", "/", str(root))
        os.chroot(root)
    os.chdir(REPOSITORY)
    os.environ["HOME"] = str(HOME)
    os.execvp("setpriv", ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *command])


def put(copy: Path, place: Path, line: str) -> None:
    """Lay a copy of the file `place` with one more line over it."""
    copy.write_text(place.read_text() + line + "\n")
    copy.chmod(0o644 if place.name in ("passwd", "group") else 0o440)
    mount("--bind", str(copy), str(place))


def open_the_way(places: list[Path], folder: Path) -> None:
    """Lay an empty folder over every one on the way that others may not enter, and what is needed into it."""
    kept = {place: folder / f"kept{number}" for number, place in enumerate(places)}
    for place, copy in kept.items():
        copy.mkdir()
        mount("--bind", str(place), str(copy))
    for place in places:
        closed = next((up for up in reversed(place.parents) if not up.stat().st_mode & 0o001), None)
        if closed is not None:
            mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", str(closed))
    for place, copy in kept.items():
        if not place.exists():
            place.mkdir(parents=True)
            mount("--bind", str(copy), str(place))


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    main()
