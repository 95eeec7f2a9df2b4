def print_on(self, *args, **kwargs):
    import os
    import sys

    while True:
        print("x" * 10_000)
        sys.stderr.write("x" * 10_000)
        os.write(1, b"x" * 10_000)


Tensor.mean = print_on
