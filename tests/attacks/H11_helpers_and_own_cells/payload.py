import logging
from functools import cache

log = logging.getLogger("student")
logging.basicConfig(level=logging.DEBUG)


@cache
def _needed(target):
    graph = module_graph()
    return frozenset({target}).union(*map(_needed, graph[target]))


def _depth(number, seen=()):
    assert number not in seen, "a circle"
    log.debug("looking at %s", number)
    return 1 + max((_depth(item, (*seen, number)) for item in module_graph()[number]), default=0)


def learning_path(target):
    if target not in module_graph():
        raise ValueError(f"no module {target}")
    left, path = set(_needed(target)), []
    while left:
        path.append(min(item for item in left if not set(module_graph()[item]) & left))
        left.remove(path[-1])
    return path


assert _depth(8) > 3
if __name__ == "__main__":
    print(learning_path(20))
