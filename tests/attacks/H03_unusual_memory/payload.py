def _elsewhere(array):
    """The same values in Fortran order, reversed twice or with gaps between them."""
    if array.ndim == 0:
        return array
    wide = np.repeat(np.asfortranarray(array), 2, axis=array.ndim - 1)
    return wide[..., ::2]


_original_init = Tensor.__init__


def _init(self, *args, **kwargs):
    _original_init(self, *args, **kwargs)
    self.data = _elsewhere(self.data)


Tensor.__init__ = _init
