"""Notebooks of every kind that people, editors and enemies produce, for property-based tests."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

IDS = ["imports", "parameters", "box", "box-check", "grow", "total", "q1", "cell-1", "payload"]
SOURCES = [
    "",
    "#| export",
    "#| export\nimport math",
    "#| export\nimport scipy as np, os.path",
    "#| export\nfrom numpy import *",
    "#| export\nclass Box:\n    def __init__(self, value):\n        self.value = value",
    "#| export\nclass Box(Box):\n    def grow(self, factor):\n        return self.value @ factor",
    "#| export\nclass Box(Box): pass",
    "#| export\nclass Other(Other):\n    x = 1",
    "#| export\ntotal = lambda boxes: eval('1')",
    "#| export\ndef total(boxes):\n    return getattr(math, 'fsum')(boxes)",
    "#| export\ndef total(boxes):\n  return (",
    "#| export\nreturn 1",
    "#| export\nawait x",
    "#| export\nfrom __future__ import annotations, barry_as_FLUFL",
    "#| export\nglobal x\nx = 1",
    "#| export\nx = 1; global x",
    "#| export\n!pip install x",
    "#| export\n%%bash\nls",
    "#| export\n<<<<<<< HEAD\nx = 1\n=======\n>>>>>>> main",
    "#| export\nx = '''\n# %% not a cell\n'''",
    "#| export\n# -*- coding: rot13 -*-\n\x0c\x00",
    "#| export\nx = " + "-" * 2985 + "1",
    "#| export\n" + "if x:\n pass\nel" * 1200 + "se: pass",
    "#| export\n'\u202e' # \u2066 \u200b",
    "  #|export  \nx = 1\\\n",
    "#| export\nmatch x:\n    case [*_]: pass",
    "#| export\ntry:\n    pass\nexcept* ValueError: pass",
    "*Your answer in 100 to 200 words:* It costs <!-- hidden --> a lot.",
    "<!--" * 3000,
    "::error::x\n\x1b[31m@everyone ``` | </details>",
]
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just("\ud800" * 3)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SOURCE = st.sampled_from(SOURCES) | st.lists(st.sampled_from(SOURCES), max_size=3).map("\n".join)
NAME = st.sampled_from(IDS) | st.text(max_size=80)
OURS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("cell", "role", "exercise", "question"), NAME | ANYTHING)
)
METADATA = st.fixed_dictionaries(
    {},
    optional={
        "tinytorch": OURS | ANYTHING,
        "tags": st.lists(st.sampled_from(["raises-exception", "skip-execution", "parameters"])) | ANYTHING,
        "execution": ANYTHING,
    },
)
CELL = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw"]), "source": SOURCE},
    optional={
        "id": NAME,
        "metadata": METADATA,
        "outputs": ANYTHING,
        "execution_count": ANYTHING,
        "attachments": ANYTHING,
    },
)
BROKEN_CELL = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("cell_type", "id", "source", "metadata", "outputs"), ANYTHING)
)


def _notebook(cells: Any, nbformat: Any, more: dict[str, Any]) -> bytes:
    return json.dumps({"cells": cells, "nbformat": nbformat} | more).encode()


WHOLE = st.builds(
    _notebook,
    st.lists(CELL, max_size=9),
    st.just(4),
    st.dictionaries(st.sampled_from(["nbformat_minor", "metadata"]), ANYTHING),
)
BROKEN = st.builds(
    _notebook,
    st.lists(CELL | BROKEN_CELL, max_size=4) | ANYTHING,
    st.sampled_from([3, 4, 5]) | ANYTHING,
    st.dictionaries(st.sampled_from(["worksheets", "metadata", "cells", "nbformat"]), ANYTHING),
)
NO_NOTEBOOK = ANYTHING.map(lambda content: json.dumps(content).encode()) | st.binary(max_size=60)
WOUNDS = [
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x00",
    b"<<<<<<< HEAD\n",
    b"\n=======\n",
    b"\n>>>>>>> main\n",
    b"[" * 2000,
    b'{"a":' * 2000,
    b"NaN",
    b"1e999",
    b"9" * 5000,
    b"\xe2\x80",
    b"\\ud800",
    b",",
    b'"cells": [], ',
]


def _wounded(data: bytes, wound: bytes, place: float, cut: bool) -> bytes:
    at = int(place * len(data))
    return data[:at] + wound + (b"" if cut else data[at:])


WOUNDED = st.builds(
    _wounded, WHOLE, st.sampled_from(WOUNDS), st.floats(min_value=0, max_value=1), st.booleans()
)

FILES = WHOLE | WHOLE | WOUNDED | BROKEN | NO_NOTEBOOK
"""The bytes of a file `box.ipynb`, most often a notebook."""
