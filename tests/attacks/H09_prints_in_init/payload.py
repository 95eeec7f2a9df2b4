class Tensor(Tensor):
    made = 0

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        Tensor.made += 1
        print("new tensor", Tensor.made, repr(self), end="\r", flush=True)
