"""Who wrote alike: what hides a copy, what does not, and what everybody may have in common."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from autograding.regrade.similarity import (
    WINDOW,
    Fingerprints,
    K,
    Work,
    all_kgrams,
    code_tokens,
    compare,
    fingerprints,
    kgrams,
    winnow,
)

MATMUL = '''
def matmul(a, b):
    """The product of two matrices."""
    rows, inner, columns = len(a), len(b), len(b[0])
    if len(a[0]) != inner:
        raise ValueError(f"{len(a[0])} columns do not fit {inner} rows")
    result = np.zeros((rows, columns), dtype=np.float32)
    for i in range(rows):
        for j in range(columns):
            result[i, j] = sum(a[i][k] * b[k][j] for k in range(inner))
    return result
'''
SOFTMAX = """
def softmax(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)  # so that nothing overflows
    powers = np.exp(shifted)
    total = powers.sum(axis=axis, keepdims=True)
    return np.divide(powers, np.where(total > 0, total, 1.0))
"""
# The same functions, the other way round, with other names, values, comments, quotes and line breaks.
DISGUISED = """
def soft(values, dim=-2):
    # I wrote this myself
    moved = values - values.max(axis=dim, keepdims=True)
    e = np.exp(moved)
    s = e.sum(
        axis=dim, keepdims=True
    )
    return np.divide(e, np.where(s > 1, s, 2.5))

def multiply(left, right):
    n, m, p = len(left), len(right), len(right[1])
    if len(left[1]) != m:
        raise TypeError(f'{len(left[1])} against {m}, that is {"wrong"}')
    out = np.zeros((n, p), dtype=np.float64)
    for row in range(n):
        for col in range(p):
            out[row, col] = sum(left[row][t] * right[t][col] for t in range(m))
    return out
"""
INDEPENDENT = """
def matmul(a, b):
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    assert a.shape[1] == b.shape[0], "shapes"
    columns = [[float((row * column).sum()) for column in b.T] for row in a]
    return np.array(columns, dtype=np.float32)

def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)
"""

tokens = st.lists(st.sampled_from(["name", "(", ")", "=", "+", "for", "number"]), max_size=80)
shared_tokens = st.lists(
    st.sampled_from(["name", "(", ")", "=", "+"]), min_size=K + WINDOW - 1, max_size=K + WINDOW + 20
)


def work(student: str, source: str, **changes: bool) -> Work:
    return Work(student, {"all": fingerprints(source)}, **changes)


def noise(seed: int, lines: int = 30) -> str:
    """Code that nobody else has."""
    chance = random.Random(seed)
    operators = [
        chance.choice(["+", "-", "*", "//", "%", "@", "&", "|", "^", "<<"]) for _ in range(6 * lines)
    ]
    return "x = 1 " + " ".join(f"{operator} x" for operator in operators)


NOTHING: Fingerprints = frozenset()


def test_names_values_comments_quotes_and_line_breaks_make_no_difference() -> None:
    again = SOFTMAX.replace("shifted", "s").replace("-1", "-2").replace("# so that", "# why")
    assert code_tokens(again.replace("np.exp(shifted)", "np.exp(\n    shifted\n)")) == code_tokens(SOFTMAX)
    assert code_tokens("a = 'x' # why") == code_tokens('bcd = "other"') == ["name", "=", "text"]


def test_docstrings_and_what_stands_in_an_f_string_make_no_difference() -> None:
    assert code_tokens('def f():\n    """Long."""\n    return f"{x!r:>{w}} {y}"') == code_tokens(
        'def g():\n    return "plain"'
    )


def test_renamed_and_reordered_code_is_found_nearly_whole() -> None:
    [pair] = compare([work("ada", MATMUL + SOFTMAX), work("bob", DISGUISED)], NOTHING)
    assert pair.share > 0.8


def test_independent_solutions_of_the_same_exercises_are_not_alike() -> None:
    works = [work("ada", MATMUL + SOFTMAX), work("eve", INDEPENDENT), work("bob", DISGUISED)]
    assert [(pair.first, pair.second) for pair in compare(works, NOTHING)] == [(0, 2)]


def test_the_most_alike_come_first() -> None:
    half = work("cyd", MATMUL + noise(1, 8))
    works = [half, work("ada", MATMUL + SOFTMAX), work("bob", DISGUISED)]
    first, *others = compare(works, NOTHING)
    assert (first.first, first.second) == (1, 2)
    assert len(others) == 2


def test_a_pair_says_in_which_exercises_it_is_alike() -> None:
    ada = Work("ada", {"matmul": fingerprints(MATMUL), "other": fingerprints(noise(1))})
    [pair] = compare([ada, work("bob", DISGUISED)], NOTHING)
    assert [name for name, _ in pair.exercises] == ["matmul"]
    assert pair.shared == pair.exercises[0][1]


def test_what_is_known_to_everybody_counts_nothing() -> None:
    works = [work("ada", MATMUL), work("bob", MATMUL)]
    assert len(compare(works, NOTHING)) == 1
    assert compare(works, all_kgrams([MATMUL])) == []


def test_what_much_of_the_class_has_counts_nothing() -> None:
    few = [work(f"s{number}", MATMUL + noise(number)) for number in range(3)]
    assert len(compare(few, NOTHING)) == 3
    assert compare([*few, work("s3", MATMUL + noise(3))], NOTHING) == []


def test_a_group_of_a_tenth_of_a_large_class_is_still_found() -> None:
    group = [work(f"g{number}", MATMUL + noise(number)) for number in range(6)]
    others = [work(f"s{number}", noise(number)) for number in range(100, 154)]
    assert len(compare([*group, *others], NOTHING)) == 15


def test_an_earlier_class_is_compared_with_this_one_and_not_with_itself() -> None:
    works = [work("ada", MATMUL), work("old", MATMUL, past=True), work("older", MATMUL, past=True)]
    assert [(pair.first, pair.second) for pair in compare(works, NOTHING)] == [(0, 1), (0, 2)]


def test_nobody_is_compared_with_themselves() -> None:
    assert compare([work("ada", MATMUL), work("Ada", MATMUL, past=True)], NOTHING) == []


def test_a_short_piece_in_common_is_chance() -> None:
    short = "return np.zeros((rows, columns), dtype=np.float32)\n"
    assert compare([work("ada", short + noise(1)), work("bob", short + noise(2))], NOTHING) == []


@given(shared_tokens, tokens, tokens, tokens, tokens)
def test_what_two_texts_share_of_a_window_is_always_found(
    shared: list[str], before: list[str], after: list[str], other: list[str], more: list[str]
) -> None:
    """The guarantee of winnowing: of K + WINDOW - 1 tokens in common at least one fingerprint."""
    first = winnow(kgrams([*before, *shared, *after]))
    second = winnow(kgrams([*other, *shared, *more]))
    assert first & second & frozenset(kgrams(shared))


@given(tokens)
def test_a_rolled_number_is_that_of_its_tokens_alone(text: list[str]) -> None:
    parts = [text[place : place + K] for place in range(len(text) - K + 1)]
    assert kgrams(text) == [number for part in parts for number in kgrams(part)]


@given(st.lists(st.integers(0, 50), max_size=60))
def test_every_window_keeps_one_of_its_own(numbers: list[int]) -> None:
    windows = [set(numbers[place : place + WINDOW]) for place in range(len(numbers) - WINDOW + 1)]
    assert all(window & winnow(numbers) for window in windows)
    assert winnow(numbers) <= set(numbers)


@given(st.text() | st.text(alphabet="\"'\\{}()f\n \tx=#:%!"))
def test_any_text_has_tokens_or_none(source: str) -> None:
    assert isinstance(code_tokens(source), list)
