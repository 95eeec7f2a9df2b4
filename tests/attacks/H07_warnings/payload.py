import warnings


def _warning(function, kind):
    def wrapper(*args, **kwargs):
        warnings.warn(f"{function.__name__} will be another", kind, stacklevel=2)
        return function(*args, **kwargs)

    return wrapper


warnings.simplefilter("always")
warnings.warn("this file is old", DeprecationWarning)
personal_info = _warning(personal_info, UserWarning)
module_graph = _warning(module_graph, FutureWarning)
learning_path = _warning(learning_path, ResourceWarning)
system_info = _warning(system_info, RuntimeWarning)
