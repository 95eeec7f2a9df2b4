# %% [markdown]
# # Alpha
#
# How far apart are the largest and the smallest of some numbers?

# %% id="imports"
#| export
import numpy as np

# %% id="parameters" tags=["parameters"]
QUICK = False


# %% id="spread" exercise="spread"
#| export
def spread(values):
    """The difference between the largest and the smallest value."""
    ### BEGIN SOLUTION
    numbers = np.asarray(values, dtype=np.float32)
    # An array knows its extremes without a loop over it.
    return float(numbers.max() - numbers.min())
    ### END SOLUTION


# %% id="spread-check" tags=["check"]
assert spread([1, 4]) == 3.0, "from 1 to 4 is 3"


# %% id="label" exercise="label"
#| export
def label(number):
    """`negative`, `zero` or `positive`."""
    ### BEGIN SOLUTION
    if number == 0:
        return "zero"
    return {
        True: "negative",
        False: "positive",
    }[number < 0]
    ### END SOLUTION


# %% [markdown] id="q1" question="q1"
# *Your answer here.*

# %% [markdown] id="q2" question="q2"
# *Your answer here.*
