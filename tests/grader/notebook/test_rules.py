"""What is found of a rule that code breaks, and what honest code is spared."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograding.grader.grade import Flag
from autograding.grader.manifest import Cell, Forbidden, Manifest
from autograding.grader.notebook.read import NotebookCell
from autograding.grader.notebook.rules import MAX_FLAGS, is_construct, source_flags

BECAUSE = "it is written with loops"
NO_DOT = Forbidden(("numpy.dot",), BECAUSE)


@pytest.fixture
def check(manifest: Manifest):
    """The flags of some cells: of `source` in the cell `total`, unless they come as (id, source) pairs."""
    cells = (*manifest.cells, Cell("other", "export", "01.grow", ("other",)))
    ruled = replace(manifest, cells=cells, allowed_imports=("numpy", "math", "tinytorch"))

    def flags(cells: str | list[tuple[str, str]], *rules: Forbidden, **changes: object) -> tuple[Flag, ...]:
        pairs = [("total", cells)] if isinstance(cells, str) else cells
        sources = [NotebookCell(place, "code", id, text) for place, (id, text) in enumerate(pairs, 3)]
        return source_flags(sources, replace(ruled, forbidden=rules, **changes))

    return flags


def found(flags: tuple[Flag, ...]) -> list[tuple[str, str]]:
    """The kind of each flag, and the line it names."""
    return [(flag.kind, flag.detail.partition(" line ")[2].partition(" ")[0]) for flag in flags]


def test_a_breach_names_cell_line_construct_and_reason(check):
    source = "#| export\nimport numpy as np\n\ndef total(a, b):\n    return np.dot(a, b)"
    assert check(source, NO_DOT) == (
        Flag(
            "construct_not_allowed",
            "cell 3 (total), line 5 uses numpy.dot, but it is written with loops",
        ),
    )


def test_an_import_that_is_not_allowed_names_those_that_are(check):
    assert check("import math\nimport scipy.signal") == (
        Flag(
            "import_not_allowed",
            "cell 3 (total), line 2 imports scipy.signal; allowed are numpy, math, tinytorch",
        ),
    )


@pytest.mark.parametrize(
    "source",
    [
        "import scipy",
        "import math, scipy",
        "import scipy.linalg as numpy",
        "from scipy import signal",
        "from scipy.signal import convolve as dot",
        "def f():\n    import scipy",
        "__import__('scipy')",
        "__import__(name='scipy')",
        "__builtins__.__import__('scipy')",
        "load = __import__\nload('sci' + 'py')",
        "try:\n    import scipy\nexcept ImportError:\n    scipy = None",
    ],
)
def test_every_plain_way_to_import_is_seen(source, check):
    assert "import_not_allowed" in {flag.kind for flag in check(source)}


@pytest.mark.parametrize(
    "source",
    [
        "import numpy.linalg as x",
        "from numpy import dot",
        "from . import tensor",
        "from .tensor import Tensor",
        "from tinytorch.core.tensor import Tensor",
        "importlib = 3",
        "def scipy(): pass",
    ],
)
def test_an_allowed_import_is_no_breach(source, check):
    assert check(source) == ()


def test_importlib_is_followed_where_it_is_allowed(check):
    source = "from importlib import import_module as load\nload('scipy')\nload(name)"
    allowed = ("importlib", "numpy")
    assert found(check(source, allowed_imports=allowed)) == [("import_not_allowed", "2")]


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.dot(a, b)",
        "import numpy as n\nn.dot",
        "import numpy\nnumpy.dot(a, b)",
        "from numpy import dot\ndot(a, b)",
        "from numpy import dot as sum_up\nsum_up(a, b)",
        "from numpy import *\ndot(a, b)",
        "import numpy as np\nmultiply = np.dot\nmultiply(a, b)",
        "import numpy as np\nm, s = np, 3\nm.dot(a, b)",
        "import numpy as np\n(m := np).dot(a, b)",
        "import numpy as np\n(np if fast else None).dot(a, b)",
        "import numpy as np\ngetattr(np, 'dot')(a, b)",
        "import numpy as np\ngetattr(np, 'd' + 'ot')(a, b)",
        "import numpy as np\nNAME = 'dot'\ngetattr(np, NAME)(a, b)",
        "import numpy as np\nnp.__dict__['dot'](a, b)",
        "import numpy as np\nvars(np)['dot'](a, b)",
        "import sys\nsys.modules['numpy'].dot(a, b)",
        "import numpy as np\nglobals()['np'].dot(a, b)",
        "import numpy as np\nfrom operator import attrgetter\nattrgetter('dot')(np)(a, b)",
        "__import__('numpy').dot(a, b)",
        "import importlib\nimportlib.import_module('numpy').dot(a, b)",
        "import numpy as np\nnp.core.multiarray.dot(a, b)",
        "import numpy as np\ndef total(a, b, multiply=np.dot):\n    return multiply(a, b)",
        "import numpy as np\nclass Box:\n    def grow(self):\n        return np.dot(self, self)",
        "import numpy as np\ntotal = lambda a, b: np.dot(a, b)",
        "import numpy as np\n@np.dot\ndef total(): pass",
        "import numpy as np\nf'{np.dot(a, b)}'",
    ],
)
def test_a_forbidden_function_is_seen_through_its_aliases(source, check):
    assert "construct_not_allowed" in {flag.kind for flag in check(source, NO_DOT)}


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.dotted(a)",
        "import math as np\nnp.dot(a)",
        "def total(np):\n    return np.dot",
        "dot = 3\ndot + 1",
        "text = 'numpy.dot'  # np.dot(a, b)",
        "import numpy as np\ndef total(a: np.dot) -> np.dot:\n    x: np.dot = 3\n    return x",
        "import numpy as np\ndef other():\n    np = Box()\n    return np.dot(3)",
        "import numpy as np\nnp.add(1, 2).dot(3)",
    ],
)
def test_what_only_looks_like_it_is_no_breach(source, check):
    assert check(source, NO_DOT) == ()


@pytest.mark.parametrize(
    ("construct", "source"),
    [
        (".dot", "a.dot(b)"),
        (".dot", "getattr(a, 'dot')(b)"),
        (".dot", "from operator import methodcaller\nmethodcaller('dot', b)(a)"),
        ("@", "a @ b"),
        ("@", "a @= b"),
        ("@", "import operator\noperator.matmul(a, b)"),
        ("@", "a.__matmul__(b)"),
        ("**", "a ** 2"),
        ("**", "pow(a, 2)"),
        ("for", "for a in b: pass"),
        ("while", "while True: pass"),
        ("comprehension", "[a for a in b]"),
        ("comprehension", "sum(a for a in b)"),
        ("map", "map(f, a)"),
        ("map", "import builtins\nbuiltins.map(f, a)"),
        ("numpy.linalg", "import numpy.linalg as l\nl.norm(a)"),
        ("numpy.linalg", "from numpy.linalg import norm"),
        ("numpy.matmul", "import numpy as np\nnp.linalg.matmul(a, b)"),
        ("tinytorch.core.box.Box", "class Box: pass\nBox()"),
        ("tinytorch.core.box.Box", "from tinytorch.core.box import Box as B\nB()"),
    ],
)
def test_each_kind_of_construct_is_found(construct, source, check):
    allowed = ("numpy", "operator", "builtins", "tinytorch")
    flags = check(source, Forbidden((construct,), BECAUSE), allowed_imports=allowed)
    assert {flag.kind for flag in flags} == {"construct_not_allowed"}


@pytest.mark.parametrize(
    ("construct", "source"),
    [
        ("for", "[a for a in b]"),
        ("comprehension", "for a in b: pass"),
        ("map", "def map(f, a): pass\nmap(1, 2)"),
        ("map", "a.map(f)"),
        ("**", "f(**options)\na * a"),
        (".dot", "dot(a)"),
        ("@", "@decorated\ndef f(): pass"),
    ],
)
def test_a_construct_is_nothing_but_itself(construct, source, check):
    assert check(source, Forbidden((construct,), BECAUSE)) == ()


@pytest.mark.parametrize(
    "source",
    ["eval('1')", "exec(text)", "compile(text, '', 'exec')", "run = eval", "__builtins__['eval'](text)"],
)
def test_code_made_from_text_is_flagged(source, check):
    assert {flag.kind for flag in check(source)} == {"code_from_text"}


@pytest.mark.parametrize(
    "source", ["import numpy as np\ngetattr(np, name)", "__import__(name)", "__import__('a' + name)"]
)
def test_a_name_that_is_not_spelled_out_is_flagged(source, check):
    assert {flag.kind for flag in check(source)} == {"code_from_text"}


@pytest.mark.parametrize(
    "source", ["model.eval()", "re.compile('a')", "def f(x):\n    return getattr(x, name)", "self.exec = 3"]
)
def test_methods_of_these_names_and_attributes_of_values_are_no_breach(source, check):
    assert check(source) == ()


def test_a_rule_of_one_exercise_holds_in_its_cells_only(check):
    cells = [("total", "import numpy as np\nnp.dot"), ("other", "np.dot")]
    flags = check(cells, replace(NO_DOT, exercises=("01.grow",)))
    assert [flag.detail.partition(" uses")[0] for flag in flags] == ["cell 4 (other), line 1"]


def test_a_rule_of_one_exercise_follows_its_functions_into_other_cells(check):
    cells = [("unknown", "import numpy as np\ndef other(a):\n    return np.dot(a, a)")]
    assert found(check(cells, replace(NO_DOT, exercises=("01.grow",)))) == [("construct_not_allowed", "3")]


def test_a_rule_of_one_function_holds_in_it_only(check):
    source = "import numpy as np\ndef total(a):\n    return np.dot\nnp.dot\ndef free():\n    return np.dot"
    assert found(check(source, replace(NO_DOT, functions=("total",)))) == [("construct_not_allowed", "3")]


def test_a_rule_of_one_method_holds_in_it_only(check):
    source = (
        "import numpy as np\nclass Box:\n    def a(self):\n        np.dot\n    def b(self):\n        np.dot"
    )
    assert found(check(source, replace(NO_DOT, functions=("Box.b",)))) == [("construct_not_allowed", "6")]


def test_a_rule_of_one_function_reaches_the_helpers_a_student_added(check):
    source = (
        "import numpy as np\ndef total(a):\n    return step(a)\ndef step(a):\n    return last(a)\n"
        "last = lambda a: np.dot(a, a)"
    )
    assert found(check(source, replace(NO_DOT, functions=("total",)))) == [("construct_not_allowed", "6")]


def test_a_rule_of_one_method_reaches_the_methods_a_student_added(check):
    source = (
        "import numpy as np\nclass Box:\n    def grow(self):\n        return self.step()\n"
        "    def step(self):\n        return np.dot(1, 2)"
    )
    assert found(check(source, replace(NO_DOT, functions=("Box.grow",)))) == [("construct_not_allowed", "6")]


def test_a_rule_of_one_function_leaves_given_functions_alone(check):
    source = "import numpy as np\ndef total(a):\n    return other(a)\ndef other(a):\n    return np.dot(a, a)"
    assert check(source, replace(NO_DOT, functions=("total",))) == ()


def test_a_function_that_is_replaced_by_a_forbidden_one_is_a_breach(check):
    source = "import numpy as np\ntotal = np.dot"
    assert found(check(source, replace(NO_DOT, functions=("total",)))) == [("construct_not_allowed", "2")]


def test_without_rules_nothing_is_looked_for(check):
    assert check("import os\neval('1')", allowed_imports=()) == ()


def test_a_flood_of_breaches_is_counted(check):
    flags = check("import numpy as np\n" + "np.dot\n" * 1000, NO_DOT)
    assert (len(flags), flags[-1].detail) == (MAX_FLAGS + 1, f"and {1000 - MAX_FLAGS} more like these")


@pytest.mark.parametrize(
    "source",
    [
        "a = b\n" * 3000 + "b = a\na.dot",
        "x = " + ".".join("a" * 2500),
        "x = " + "+".join("a" * 2500),
        "".join(f"a{number} = a{number - 1} or a{number - 1}\n" for number in range(1, 2000)) + "a1999.dot",
        "x = " + "(" * 90 + "np" + ")" * 90,
    ],
    ids=["cycle", "long chain", "deep tree", "growing choices", "brackets"],
)
def test_hostile_source_is_looked_through_in_the_end(source, check):
    assert check(source, NO_DOT) == ()


@pytest.mark.parametrize("text", ["numpy.dot", ".dot", "@", "**", "for", "map", "numpy.linalg.norm", "_x"])
def test_a_construct_is_one_of_these(text):
    assert is_construct(text)


@pytest.mark.parametrize(
    "text", ["", "np.", "..", ".a.b", "+", "lambda", "a.for", "a b", "1", "ü", "numpy.*"]
)
def test_anything_else_is_no_construct(text):
    assert not is_construct(text)


@given(st.text(max_size=40))
def test_any_text_is_a_construct_or_not(text):
    assert is_construct(text) in (True, False)
