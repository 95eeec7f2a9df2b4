# %% [markdown]
# Can your code tell how far apart numbers are, and on which side of zero?

# %%
from autograding.grader.judge.checkpoint import tt

# %%
assert tt.label(tt.spread([3, 9])) == "positive"
