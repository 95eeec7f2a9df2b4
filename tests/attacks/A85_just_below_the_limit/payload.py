import time as _time

_make = Tensor.__init__


def slowly(self, *args, **kwargs):
    _time.sleep(1.2)
    _make(self, *args, **kwargs)


Tensor.__init__ = slowly
