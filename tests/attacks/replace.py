"""At the end of a module under attack: replaces what it defines. Runs in the worker, as student code.

`builtins.ATTACK` holds the source of the payload that a test is tried with.
"""


def _replace_everything(make):
    """Put `make(name, original)` in the place of every function, method and property of this module."""
    for name, thing in list(globals().items()):
        if getattr(thing, "__module__", None) != __name__ or name.startswith("_"):
            continue
        if isinstance(thing, type):
            _replace_members(thing, make)
        elif callable(thing):
            globals()[name] = make(name, thing)


def _replace_members(cls, make):
    for name, member in list(vars(cls).items()):
        if isinstance(member, property):
            setattr(cls, name, property(make(name, member.fget), lambda self, value: None))
        elif isinstance(member, (staticmethod, classmethod)):
            setattr(cls, name, staticmethod(make(name, member.__func__)))
        elif callable(member) and name not in (
            "__init__",
            "__new__",
            "__init_subclass__",
            "__class_getitem__",
        ):
            setattr(cls, name, make(name, member))
    cls.__init__ = lambda self, *args, **kwargs: None
    cls.__getattr__ = lambda self, name: make(name, None)(self)


def _attack():
    import builtins

    namespace = {"replace_everything": _replace_everything, "__name__": "payload", "module": globals()}
    exec(getattr(builtins, "ATTACK", ""), namespace)


_attack()
