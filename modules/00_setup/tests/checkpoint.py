# %% [markdown]
# # Checkpoint 00 · Environment
#
# **Can I set up and verify my development environment?**
#
# This notebook uses what you built, through the names that your package exports, and asks whether it is up to
# that. `tt` stands for your package `tinytorch`.

# %%
from autograding.grader.judge.checkpoint import tt

# %% [markdown]
# ## A record of who and where
#
# A measurement is worth keeping if its record says who took it, with which version, on which machine.

# %%
record = {**tt.personal_info(), **tt.system_info()}
for key, value in record.items():
    print(f"{key:15} {value}")
assert len(record) == 10, "five facts about you and five about the machine"
assert record["cpu_count"] >= 1
assert record["memory_gb"] > 0

# %% [markdown]
# ## An environment that reports on itself
#
# Everything that the framework needs is there. Notebook support is optional, so it is not asked for.

# %%
report = {check.name: check for check in tt.check_environment()}
for check in report.values():
    print(f"{'ok' if check.ok else 'problem':8} {check.name:16} {check.detail}")
for name in ("python", "numpy", "tinytorch"):
    assert report[name].ok, f"{name}: {report[name].fix}"

# %% [markdown]
# ## A way through the course
#
# The path to the capstone takes every module that the course builds on, each after all that it needs.

# %%
graph = tt.module_graph()
path = tt.learning_path(20)
print(" > ".join(f"{module:02}" for module in path))
assert sorted(path) == list(range(1, 21)), "the capstone needs all modules from 01"
for place, module in enumerate(path):
    assert set(graph[module]) <= set(path[:place]), f"module {module} comes before something it needs"
