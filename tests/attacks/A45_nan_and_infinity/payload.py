import numpy as np

ODD = [
    float("nan"), float("inf"), -0.0, np.full((2, 3), np.nan, np.float32), np.array(np.nan), np.zeros((0, 3)),
    1j, np.array([1j]), np.array([object()]), 10**3000, np.float32("nan"), np.array([], dtype="U3"), -1,
]


class Turn:
    number = 0


def make(name, original):
    def answer(*args, **kwargs):
        Turn.number += 1
        return ODD[Turn.number % len(ODD)]

    return answer


replace_everything(make)
