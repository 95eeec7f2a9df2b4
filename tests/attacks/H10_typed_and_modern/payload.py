from collections import deque
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Final, Generic, NamedTuple, TypeVar

T = TypeVar("T", bound=int)


class State(IntEnum):
    WAITING, READY, TAKEN = range(3)


class Step(NamedTuple):
    number: int
    state: State = State.WAITING


@dataclass(kw_only=True)
class Plan(Generic[T]):
    graph: Mapping[T, list[T]]
    taken: tuple[T, ...] = ()

    def __iter__(self) -> Iterator[T]:
        yield from self.taken


FIRST: Final[int] = 0


def learning_path(target: int) -> list[int]:
    match module_graph():
        case {**graph} if target in graph and target >= FIRST:
            plan: Plan[int] = Plan(graph=graph)
        case _:
            raise ValueError(f"no module {target}")
    waiting, needed = deque([target]), {target}
    while waiting and (number := waiting.popleft()) is not None:
        waiting.extend(new := [item for item in plan.graph[number] if item not in needed])
        needed.update(new)
    while left := sorted(needed - {*plan}):
        ready = (Step(n, State.READY) for n in left if {*plan.graph[n]} <= {*plan})
        plan.taken += (next(ready).number,)
    return [*plan]
