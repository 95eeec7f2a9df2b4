import builtins as _builtins
import functools as _functools
import types as _types


def replace_everything(make):
    """Put `make(name, original)` in the place of every function, method and property of this module."""
    for name, thing in list(globals().items()):
        if name.startswith("_") or getattr(thing, "__module__", None) != __name__ or thing in (make, replace_everything):
            continue
        if isinstance(thing, type):
            _replace_members(thing, make)
        elif callable(thing):
            globals()[name] = make(name, thing)


def _replace_members(cls, make):
    for name, member in list(vars(cls).items()):
        if isinstance(member, property):
            setattr(cls, name, property(make(name, member.fget), lambda self, value: None))
        elif callable(member) and (not name.startswith("__") or name in ("__call__", "__getitem__", "__len__", "__add__", "__matmul__")):
            setattr(cls, name, make(name, member))
    try:
        cls.__init__ = lambda self, *args, **kwargs: None
        cls.__getattr__ = lambda self, name: make(name, None)(self)
    except TypeError:
        pass
