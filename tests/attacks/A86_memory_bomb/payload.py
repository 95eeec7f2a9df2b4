Tensor.__init__ = lambda self, *args, **kwargs: setattr(self, "hoard", np.ones((1 << 20, 1 << 12)))
