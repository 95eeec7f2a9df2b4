class Tensor(Tensor):
    def memory_footprint(self):
        return np.prod(self.shape, dtype=np.int64) * np.int64(self.data.itemsize)

    def item(self):
        if self.size != 1:
            raise ValueError(f"shape {self.shape} is not one element")
        return np.float64(self.data.ravel()[0])


def broadcast_shape(a, b, operation="broadcast"):
    try:
        return tuple(np.array(np.broadcast_shapes(a, b), dtype=np.int64))
    except ValueError:
        raise ValueError(f"{operation}: {a} and {b} do not fit") from None


class Sum(Sum):
    def forward(self, a):
        return np.sum(a, axis=self.params["axis"], keepdims=self.params["keepdims"])
