# %% [markdown]
# # Beta

# %% id="imports"
#| export
from tinytorch.core.alpha import spread


# %% id="relative" exercise="relative"
#| export
def relative(values):
    """The spread, divided by the largest magnitude."""
    ### BEGIN SOLUTION
    largest = max(abs(value) for value in values)
    return spread(values) / largest
    ### END SOLUTION


# %% [markdown] id="q1" question="q1"
# *Your answer here.*
