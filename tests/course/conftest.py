"""A small course in a folder of its own, for each test to break."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).parent

# A busy machine is no reason to fail.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course of three modules, of which the third builds on the second and the second on the first."""
    (tmp_path / "classroom.yml").write_bytes((HERE / "valid" / "classroom.yml").read_bytes())
    add_module(tmp_path, "01_alpha", "[]")
    add_module(tmp_path, "02_beta", "[01_alpha]")
    add_module(tmp_path, "03_gamma", "[02_beta]")
    return tmp_path


def add_module(root: Path, id: str, prerequisites: str) -> None:
    """Add a module that is as small as a module can be."""
    name = id[3:]
    folder = root / "modules" / id
    (folder / "tests").mkdir(parents=True)
    (folder / f"{name}.py").write_text("# %%\n", encoding="utf-8")
    (folder / "tests" / f"test_{name}.py").write_text("", encoding="utf-8")
    text = (HERE / "valid" / "module.yml").read_text(encoding="utf-8")
    (folder / "module.yml").write_text(
        text.replace("beta", name).replace("[01_alpha]", prerequisites), encoding="utf-8"
    )
