class Mismatch(BaseException):
    ends_the_test = True
    expected = got = "the same"

    def __str__(self):
        raise KeyboardInterrupt


ERRORS = [KeyboardInterrupt, GeneratorExit, SystemExit, Mismatch, StopIteration, type("Skipped", (BaseException,), {})]


class Turn:
    number = 0


def make(name, original):
    def answer(*args, **kwargs):
        Turn.number += 1
        raise ERRORS[Turn.number % len(ERRORS)]()

    return answer


replace_everything(make)
