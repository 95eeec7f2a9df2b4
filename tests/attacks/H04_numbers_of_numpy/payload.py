_graph, _info = module_graph, system_info


def module_graph():
    import numpy as np

    return {np.int64(number): [np.int32(item) for item in needed] for number, needed in _graph().items()}


def system_info():
    import numpy as np

    info = _info()
    return info | {"cpu_count": np.int64(info["cpu_count"]), "memory_gb": np.round(info["memory_gb"], 1)}


def learning_path(target):
    import numpy as np

    graph = module_graph()
    if target not in graph:
        raise ValueError(f"there is no module {target}")
    needed = np.zeros(1 + max(graph), dtype=bool)
    needed[target] = True
    for _ in graph:
        for number in np.flatnonzero(needed):
            needed[graph[number]] = True
    left, path = list(np.flatnonzero(needed)), []
    while left:
        path.append(min(number for number in left if not set(graph[number]) & set(left)))
        left.remove(path[-1])
    return path
