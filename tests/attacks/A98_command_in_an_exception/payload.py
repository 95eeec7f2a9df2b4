def complain(self, *args, **kwargs):
    raise ValueError("x\n::error::from student\n::set-output name=result::AAAA")


Tensor.mean = complain
