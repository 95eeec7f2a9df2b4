Tensor = None
