"""How much of the list a collection reads, and in pages of what size: pure, without a server."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from autograding.github.pages import SLOW, Pace, Page
from autograding.gradebook.collecting.progress import Progress

from .conftest import DUE

QUICK_ANSWER = SLOW / 10


def test_a_slow_answer_halves_the_next_page():
    pace = Pace(100)
    pace.answered(SLOW)
    assert pace.size == 50


def test_a_page_never_gets_smaller_than_one_repository():
    pace = Pace(2)
    for _ in range(5):
        pace.struggled()
    assert pace.size == 1


def test_a_smaller_page_grows_after_two_quick_answers_and_not_above_where_it_began():
    pace = Pace(100)
    pace.struggled()
    sizes = []
    for _ in range(5):
        pace.answered(QUICK_ANSWER)
        sizes.append(pace.size)
    assert sizes == [50, 100, 100, 100, 100]


class List:
    """Repositories in the order of their last push, as GitHub lists them."""

    def __init__(self, size: int) -> None:
        self.pushed = {number: DUE + timedelta(minutes=number) for number in range(size)}
        self.now = DUE + timedelta(minutes=size)

    def push(self, number: int, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.pushed[number % len(self.pushed)] = self.now

    def page(self, cursor: str | None, size: int) -> Page:
        keys = sorted(((time.isoformat(), number) for number, time in self.pushed.items()), reverse=True)
        rest = [key for key in keys if cursor is None or f"{key[0]}/{key[1]:03}" < cursor]
        nodes = tuple({"number": number, "pushedAt": time} for time, number in rest[:size])
        more = len(rest) > size
        end = f"{rest[size - 1][0]}/{rest[size - 1][1]:03}" if more else None
        return Page(nodes, {}, end, len(keys), 1, 5000)


def collect(listed: List, saved: Progress | None, seen: dict, size: int, pages: int) -> Progress | None:
    """Read at most so many pages, and record the time of the push that was seen of each repository."""
    progress = Progress.begin(saved, "course")
    for _ in range(pages):
        if not progress.gaps:
            break
        page = listed.page(progress.gaps[0].cursor, size)
        seen.update({node["number"]: node["pushedAt"] for node in page.nodes})
        progress = saved = progress.after(page)
    return saved


PUSH = st.tuples(st.just("push"), st.integers(0, 30), st.integers(0, 20))
COLLECT = st.tuples(st.just("collect"), st.integers(1, 7), st.integers(0, 5))


@settings(deadline=None)
@given(size=st.integers(1, 30), steps=st.lists(st.one_of(PUSH, COLLECT), max_size=40))
def test_whatever_is_interrupted_and_pushed_in_between_the_next_whole_collection_has_seen_everything(
    size, steps
):
    listed, seen, saved = List(size), {}, None
    for what, first, second in steps:
        if what == "push":
            listed.push(first, second)
        else:
            saved = collect(listed, saved, seen, first, second)
    collect(listed, saved, seen, 7, 1000)
    assert seen == {number: time.isoformat() for number, time in listed.pushed.items()}
