def forever(self, *args, **kwargs):
    while True:
        pass


Tensor.mean = forever
