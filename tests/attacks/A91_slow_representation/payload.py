class Slow:
    def __repr__(self):
        while True:
            pass

    __str__ = __repr__


Tensor.mean = lambda self, *args, **kwargs: Slow()
