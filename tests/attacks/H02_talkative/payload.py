import sys
import time

print("loaded", Tensor)
print("a warning", file=sys.stderr)


class Counter:
    calls = 0


def _talking(function):
    def wrapper(self, *args, **kwargs):
        Counter.calls += 1
        print("::notice::call", Counter.calls)
        print("deprecated", file=sys.stderr)
        time.sleep(0.001)
        return function(self, *args, **kwargs)

    return wrapper


Tensor.author = "a student"
Tensor.sum, Tensor.mean = _talking(Tensor.sum), _talking(Tensor.mean)
