def refuse(self, *args, **kwargs):
    raise ValueError("(2, 3) (4,) () (3,) (2,) (3, 4) (4, 5) (1, 2) (5,) (0,)")


Tensor.__init__ = refuse
