import numpy as np

SMALL = [np.zeros(1, np.float32), np.array(0, np.float32), np.float32(0), 0.0, np.full((1, 1), np.nan)]


class Turn:
    number = 0


def make(name, original):
    def answer(*args, **kwargs):
        Turn.number += 1
        return SMALL[Turn.number % len(SMALL)]

    return answer


replace_everything(make)
