class Loud(type):
    @property
    def __name__(cls):
        raise RecursionError


class Endless(metaclass=Loud):
    def __repr__(self):
        return repr([self, "x" * 10**6]) if len(__import__("inspect").stack(0)) < 50 else "\x1b[2J::error::\n" * 10**5

    __str__ = __repr__

    def __del__(self):
        raise SystemExit


class Quiet:
    def __repr__(self):
        return "\ud800 array([1., 2.])" * 10**4


Quiet.__name__ = "ndarray\n::notice::\x00"


class Turn:
    number = 0


def make(name, original):
    def answer(*args, **kwargs):
        Turn.number += 1
        return Endless() if Turn.number % 2 else Quiet()

    return answer


replace_everything(make)
