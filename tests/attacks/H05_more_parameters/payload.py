_GRAPH = module_graph()


def module_graph(*, copy: bool = True, **options):
    return {number: list(needed) for number, needed in _GRAPH.items()} if copy else _GRAPH


def learning_path(target, *more, graph=None, verbose=False):
    graph = graph or module_graph(copy=False)
    if target not in graph:
        raise ValueError(f"no module {target}")
    needed = {target}
    while more := {item for number in needed for item in graph[number]} - needed:
        needed |= more
    path = []
    while len(path) < len(needed):
        path.append(min(n for n in needed if n not in path and set(graph[n]) <= set(path)))
        if verbose:
            print(path)
    return path


def import_check(module, fix, attempts=1, *, quiet=True):
    try:
        version = getattr(importlib.import_module(module), "__version__", "unknown")
    except ImportError as error:
        return Check(module, False, str(error), fix)
    return Check(module, True, f"version {version}")
