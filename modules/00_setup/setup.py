# %% [markdown]
# # 00 · Setup and introduction
#
# In this course you build a machine-learning framework called TinyTorch, from arrays up to a small language
# model, in Python and NumPy. This first module is short. It contains no machine learning. At its end you
# will have
#
# - a working environment, and a function that says what is wrong when it stops working,
# - gone once round the cycle that every later module repeats: edit, test, export, commit, push,
# - a map of all 21 modules, and a function that plans a route through it,
# - three measurements of your own machine, which module 14 will compare with.
#
# It takes one to two hours. You need to know Python: functions, lists, dictionaries, `try`/`except` and
# loops. You do *not* need to know notebooks, git or NumPy. What you need of them is explained here, at the
# moment you need it.
#
# **How it is marked.** There are five exercises, worth 70 points together, which are checked automatically
# every time you push. Three questions at the end, 10 points each, are read by a person.
#
# | exercise | you write | points |
# |---|---|---|
# | 1 | `personal_info` | 10 |
# | 2 | `system_info` | 15 |
# | 3 | `import_check`, `folder_check`, `check_environment` | 15 |
# | 4 | `module_graph` | 15 |
# | 5 | `learning_path` | 15 |

# %% [markdown]
# ## Reading and running a notebook
#
# The file you are reading, `setup.ipynb`, is a *notebook*: a list of *cells*. A cell holds either text,
# like this one, or code. Behind the notebook runs one Python process, the *kernel*. When you run a code
# cell, its text is sent to the kernel, and what it prints comes back and is shown below the cell.
#
# - **Run a cell**: click into it and press Shift+Enter. The first time, your editor may ask which kernel to
#   use: choose the one called `.venv`, which belongs to this folder.
# - **The order is yours, and that is the catch.** The kernel remembers whatever you ran, in the order in
#   which you ran it, and forgets nothing when you delete a cell. If something makes no sense, choose
#   *Restart* and then *Run All*: that runs every cell from the top in a fresh process. So does the grader.
# - **Save** with Ctrl+S (Cmd+S on a Mac). Commands outside the notebook see the file on disk, not what is
#   on your screen.
#
# Try it on the next cell. `QUICK` makes the measurements near the end small. Leave it `False`; the grader
# sets it to `True` to save time.

# %% id="parameters" tags=["parameters"]
QUICK = False

# %% [markdown]
# ### Four kinds of code cells
#
# 1. Cells that begin with the line `#| export` become part of *your framework*: they are copied, in order,
#    into the Python file `tinytorch/core/setup.py`. Cells without that line stay in the notebook.
# 2. Some exported cells hold an exercise. You will see
#
#    ```python
#    # YOUR CODE HERE
#    raise NotImplementedError(...)
#    ```
#
#    Replace these two lines by your own code and leave the rest of the cell as it is: the name of the
#    function, its arguments, and the text in triple quotes (the *docstring*), which says exactly what is
#    asked. You may add helper functions and standard-library imports.
# 3. After each exercise comes a *check cell*. It says `looks good`, or it stops with a red box, whose last
#    line says what is wrong. It is there for you and gives no points: the real tests try more cases.
# 4. Everything else is an illustration or a measurement. Run it, then change it and run it again.
#
# Here are the imports of your framework's first file, which is of the first kind. Run it too.

# %% id="imports"
#| export
"""Who builds this framework, the machine it runs on, and the way through the course."""

import importlib
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

# %% [markdown]
# ## The build cycle
#
# You write code in the notebook, because there text, code and results stand together. But the code does not
# stay there: it is *exported* into a package, `tinytorch`, and every later module imports what you built
# from that package, as any program would. All modules go round this circle:
#
# ```text
#   edit and save            uv run tito                 uv run tito
#   setup.ipynb     ──────>  module test        ──────>  module export
#        ^                   points and hints            writes tinytorch/core/setup.py
#        │                                                     │
#        │                                                     v
#   read the summary                                     import your own code
#   on GitHub       <──────  git push  <──  git commit  <──  from tinytorch
# ```
#
# The commands are typed in a *terminal*, not in the notebook. In VS Code or Codespaces choose *Terminal*,
# then *New Terminal*; in JupyterLab choose *File*, *New*, *Terminal*. The terminal should stand in the
# folder of this assignment, the one in which `setup.ipynb` lies (type `ls` to see).
#
# | you type | what happens |
# |---|---|
# | `uv run tito module test` | runs the tests on the saved notebook and shows your points, with a hint for each test that fails |
# | `uv run tito module export` | writes the exported cells into `tinytorch/core/setup.py` |
# | `uv run tito module status` | tells what is written, exported, committed and pushed, and when it is due |
# | `git status` | lists the files that changed since your last snapshot |
# | `git add setup.ipynb` | puts the notebook on the list for the next snapshot |
# | `git commit -m "Write personal_info"` | takes the snapshot (a *commit*) and labels it with your message |
# | `git push` | sends your commits to your repository on GitHub |
#
# `uv run` runs a command in the environment of this folder, with the right Python and the right packages.
# The first time, it installs them.
#
# **git** keeps the history of a folder as a chain of commits; a folder with such a history is called a
# *repository*. There are two copies of yours, one where you work and one on GitHub, and a commit is only in
# yours until you push it.
#
# Each push starts the grader on GitHub. To see what it found, open your repository's page on GitHub, click
# the tab *Actions*, then the newest line. After a minute or so the *summary* shows your score, a row for
# each exercise with its hints, and which questions still wait for an answer. The grader works from the
# notebook you pushed, so pushing `setup.ipynb` is what counts.
#
# If git asks who you are before your first commit, tell it once, with your own name and address:
#
# ```text
# git config --global user.name "..."
# git config --global user.email "..."
# ```
#
# You can push as often as you like. Push early: the score of a push is feedback, and a half-finished
# notebook that is pushed is safer than a finished one that is not.

# %% [markdown]
# ## Exercise 1 · Who builds this framework
#
# A framework says who made it and which version it is, so that someone who finds a strange result knows
# whom to ask about what. Yours will too. The exercise is small on purpose: its real content is your first
# trip round the build cycle.
#
# The next cell holds an example of the answer. Its values are placeholders.

# %% id="example-info"
#| export
EXAMPLE_INFO = {
    "developer": "Your Name",
    "email": "your.name@your-university.example",
    "institution": "Your University",
    "system_name": "Your Machine",
    "version": "0.0.0",
}

# %% [markdown]
# Write a function that returns a dictionary with the same five keys and *your* values.
#
# | key | value |
# |---|---|
# | `developer` | your name, or the name under which you take this course |
# | `email` | an address with exactly one `@`, and something on either side of it |
# | `institution` | your university, company or school |
# | `system_name` | a name for the machine you work on, such as the one on its sticker |
# | `version` | the version of *your* framework; the usual start is 0.1.0 |
#
# Every value is a string that is not empty, the version as well. What you write here goes into a repository
# that others can read, so use nothing that you would not print on a sheet you hand in.
#
# In the cell below, replace the two lines after the docstring.


# %% id="personal" exercise="personal"
#| export
def personal_info() -> dict[str, str]:
    """Who builds this framework, and under which version.

    Returns a dictionary with the keys of EXAMPLE_INFO (developer, email,
    institution, system_name, version). Every value is a string that is not
    empty and is not the example's value; the email has exactly one @ with
    text on both sides and no spaces.
    """
    ### BEGIN SOLUTION
    return {
        "developer": "Noor Haddad",
        "email": "noor.haddad@lakeside.edu",
        "institution": "Lakeside Technical College",
        "system_name": "old-laptop-with-the-stickers",
        "version": "0.1.0",
    }
    ### END SOLUTION


# %% [markdown]
# Run the cell above, then the check below.

# %% id="personal-check" tags=["check"]
info = personal_info()

assert set(info) == set(EXAMPLE_INFO), f"the keys should be {sorted(EXAMPLE_INFO)}, yours are {sorted(info)}"
for key, value in info.items():
    assert isinstance(value, str), f"{key} should be a string, yours is {value!r}"
    assert value, f"{key} is empty"
    assert value != EXAMPLE_INFO[key], f"{key} still has the example value {value!r}"
assert info["email"].count("@") == 1, f"an address has exactly one @, yours is {info['email']!r}"
assert all(info["email"].split("@")), f"there should be text on both sides of the @: {info['email']!r}"
print("looks good:", info["developer"], "builds version", info["version"])

# %% [markdown]
# ### Now go round the cycle once
#
# 1. Save the notebook.
# 2. In the terminal run `uv run tito module test`. Exercise 1 has its 10 points. The other four have none
#    yet, and each says that it is not written yet, which is true.
# 3. Run `uv run tito module export`. Open the file `tinytorch/core/setup.py` and look: it is the exported
#    cells, nothing else.
# 4. Run the next cell. It starts a *fresh* Python process, one that has never seen this notebook, and
#    imports your function from your package.

# %% id="run-python"
import subprocess


def run_python(program: str, **settings: str) -> str:
    """Run a program in a fresh Python process, with extra environment variables; return what it printed."""
    finished = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **settings}, capture_output=True, text=True
    )
    if finished.returncode != 0:
        return "that did not work: " + finished.stderr.strip().splitlines()[-1]
    return finished.stdout.strip()


print(run_python("from tinytorch.core.setup import personal_info as me; print('I am', me()['developer'])"))

# %% [markdown]
# If it prints your name, you have imported your own framework. If it says that something did not work, then
# the export has not happened yet, or happened before you saved: go back to step 1.
#
# 5. Send it off: `git add setup.ipynb`, then `git commit -m "Write personal_info"`, then `git push`.
# 6. On GitHub, open *Actions* and read the summary. It shows the same points that you saw in the terminal.
#
# `git status` will go on listing `tinytorch/core/setup.py` as a file it does not know. You may add it to a
# commit or not: it can be made again from the notebook at any time.
#
# One thing surprises everybody once. Change your name in `personal_info`, run its cell, and run the cell
# with `run_python` again: the *old* name appears. The kernel knows your new function, the package does not.
# Until you export again, the two are different programs. Question 2 will come back to this.

# %% [markdown]
# ## Why "systems"
#
# Here is a sum of three numbers, added from the left and then from the right. What do you expect?

# %% id="two-orders"
print("from the left: ", (0.1 + 0.2) + 0.3)
print("from the right:", 0.1 + (0.2 + 0.3))
print("difference:    ", ((0.1 + 0.2) + 0.3) - (0.1 + (0.2 + 0.3)))

# %% [markdown]
# A computer keeps about 16 digits of such a number and rounds after *every* addition, so the order of
# additions changes the last digits. Here that is 1 part in 5,000,000,000,000,000, and harmless. But a
# neural network is trained by millions of steps, each of which starts from the result of the one before. A
# difference in the last digit of the first step can be a different third digit of the loss an hour later.
#
# Who decides the order? Not you: a matrix product is split over the processor's threads, and a library
# built for another processor splits it differently. Here is a second case, with text instead of numbers.
# Four class names are put into a set, and each class gets the number of its place in the list. The same
# line is run by three fresh processes.

# %% id="hash-seeds"
for seed in ("1", "2", "3"):
    print(run_python("print(list({'cat', 'dog', 'ship', 'truck'}))", PYTHONHASHSEED=seed))

# %% [markdown]
# Python mixes a secret number, the *hash seed*, into the place of a string in a set. It is drawn anew for
# each process unless the variable `PYTHONHASHSEED` fixes it, as above. So "class 0" may be a cat today and
# a truck tomorrow: a model saved today would be wrong about almost everything tomorrow, without any error.
#
# Nothing in these programs is broken. What differs is the *environment*: the processor, the number of
# threads, the version of Python and of its libraries, a variable that nobody looked at. This is the idea
# behind the whole module:
#
# > **A result is only as trustworthy as the record of the environment that produced it. So treat the
# > environment as data: measure it with code and store it with the result.**
#
# "Systems" in "machine-learning systems" means this kind of question: not only *which* formula, but how
# many bytes, how many seconds, on which machine, and would it come out the same again?

# %% [markdown]
# ## Exercise 2 · What machine it runs on
#
# You will write `system_info()`, the record that this course attaches to measurements.
#
# Four of its five values come from the standard library. The module `platform` has functions named
# `python_version`, `system` and `machine`, and `os` has `cpu_count`. Try them in a cell of your own, for
# example `help(platform.machine)`. (To add a cell, use the **+** or **+ Code** button of your editor.)
#
# The fifth is memory, and Python has no single function for it. There is a well-known package that knows,
# psutil. But a tool that reports on broken environments should need as little as possible itself: if it
# cannot even be imported where psutil is missing, it is of no use on the very machine on which you need it.
# So the next function, which is given, asks the operating system, and turns to psutil only where that
# fails. Note *where* it imports psutil: inside the function, not at the top of the file.
# (`importlib.import_module` is the `import` statement in the form of a function.)


# %% id="total-memory"
#| export
def total_memory_bytes() -> int:
    """How many bytes of main memory the machine has. Raises OSError where nothing can tell."""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:  # Linux and macOS
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return int(importlib.import_module("psutil").virtual_memory().total)
    except ImportError as error:
        raise OSError("this system does not say how much memory it has, and psutil is absent") from error


# %% id="total-memory-here"
print(total_memory_bytes(), "bytes")

# %% [markdown]
# ### A worked number: what is a "gigabyte"?
#
# Suppose that function returns 8,589,934,592. Is that 8 GB?
#
# | unit | definition | this machine has |
# |---|---|---|
# | GB, *giga*byte (disks, networks) | 1000³ = 1,000,000,000 bytes | 8.589934592 |
# | GiB, *gibi*byte (memory) | 1024³ = 1,073,741,824 bytes | 8 exactly |
#
# Memory chips come in powers of two, so memory is counted in GiB, even where the label says "GB". The two
# differ by 7 %, which on a 16 GiB machine is more than a gigabyte that you would plan with and not have.
# This course counts memory in GiB, rounded to one decimal.
#
# ### Write `system_info`
#
# | key | type | value |
# |---|---|---|
# | `python_version` | `str` | as in "3.11.7" |
# | `platform` | `str` | the name of the operating system, such as "Linux", "Darwin" (macOS) or "Windows" |
# | `architecture` | `str` | the kind of processor, such as "x86_64" or "arm64" |
# | `cpu_count` | `int` | how many processors Python sees; 1 if the system does not say (then `os.cpu_count` returns `None`) |
# | `memory_gb` | `float` | what `total_memory_bytes` returns, in GiB, rounded to one decimal |
#
# Ask the machine each time the function is called, and type nothing in that you happen to know about your
# own: the tests put an imaginary machine in place of yours and watch whether your record follows. For that
# to work, call the functions through their modules, as in `platform.machine()`, and take the memory from
# `total_memory_bytes()`.


# %% id="system" exercise="system"
#| export
def system_info() -> dict[str, str | int | float]:
    """The machine this runs on, measured at the moment of the call.

    Returns a dictionary with the keys python_version, platform, architecture
    (strings), cpu_count (an int, at least 1) and memory_gb (a float: GiB,
    rounded to one decimal).
    """
    ### BEGIN SOLUTION
    return {
        "python_version": platform.python_version(),
        "platform": platform.system(),
        "architecture": platform.machine(),
        "cpu_count": os.cpu_count() or 1,
        "memory_gb": round(total_memory_bytes() / 1024**3, 1),
    }
    ### END SOLUTION


# %% id="system-check" tags=["check"]
machine = system_info()

expected_types = {
    "python_version": str,
    "platform": str,
    "architecture": str,
    "cpu_count": int,
    "memory_gb": float,
}
assert set(machine) == set(expected_types), f"your keys are {sorted(machine)}"
for key, kind in expected_types.items():
    assert type(machine[key]) is kind, f"{key} should be {kind.__name__}, yours is {machine[key]!r}"
assert machine["python_version"].count(".") >= 2, "python_version should look like 3.11.7"
assert machine["cpu_count"] >= 1, "a machine has at least one processor"
assert 0.1 < machine["memory_gb"] < 10_000, f"{machine['memory_gb']} GiB? Perhaps it is in another unit"
print("looks good:", machine)

# %% [markdown]
# One honest doubt about that record: inside a container, such as a codespace or the grader, the machine may
# have more processors and memory than your process is *allowed* to use. A record says what was asked, and
# it is good to remember what was not.

# %% [markdown]
# ## Exercise 3 · An environment report
#
# "It does not work on my machine" is the beginning of many long evenings. They get shorter with a tool that
# checks everything that could be wrong and says how to mend it. Compare two such tools on a machine with
# *two* problems:
#
# ```text
# tool A                                          tool B
# ModuleNotFoundError: No module named 'numpy'    ok       python           Python 3.11.7
#                                                 problem  numpy            fix: run `uv sync`
#                                                 ok       tinytorch        version not stated
#                                                 ok       ipykernel        version 7.4.0
#                                                 problem  progress folder  fix: free some disk space
# ```
#
# Tool A stops at the first problem. You mend it, run the tool again, and meet the second. Tool B
# *collects*: it runs every check, whatever the others found, and returns a report. You build tool B. (The
# course comes with a larger one, for the evenings before yours is finished: `uv run tito system doctor`.)
#
# A line of the report is an object of the class `Check`, which is given. `@dataclass` writes the
# constructor for us, so that `Check("numpy", True, "version 2.4.6")` works, and `frozen=True` makes its
# objects unchangeable, as a record should be.


# %% id="check-class"
#| export
@dataclass(frozen=True)
class Check:
    """One line of the environment report: what was checked, whether it is well, and how to mend it."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


# %% [markdown]
# Here is a check as a worked example, and two small functions that you will need. Notice what
# `python_check` does *not* do: it does not raise an error when the version is too old. It says so in the
# `Check` it returns.

# %% id="python-check"
#| export
OLDEST_PYTHON = (3, 11)


def python_check() -> Check:
    """Whether this Python is new enough for the course."""
    ok = sys.version_info[:2] >= OLDEST_PYTHON
    fix = "" if ok else "install a newer one: `uv python install 3.12`"
    return Check("python", ok, f"Python {platform.python_version()}", fix)


def progress_folder() -> str:
    """Where the course's tools keep results and backups: the folder you work in."""
    return str(Path.cwd())


def environment_table(checks: list[Check]) -> str:
    """The report as text, one line for each check."""
    lines = []
    for check in checks:
        remark = check.detail if check.ok else f"{check.detail}; fix: {check.fix}"
        lines.append(f"{'ok' if check.ok else 'problem':8} {check.name:16} {remark}")
    return "\n".join(lines)


# %% id="python-check-here"
print(environment_table([python_check()]))

# %% [markdown]
# ### 3a · Can a module be imported?
#
# `importlib.import_module("numpy")` does what `import numpy` does, with the name in a string. It returns
# the module or raises `ImportError` (`ModuleNotFoundError` is a kind of `ImportError`). Actually importing
# is the only test that counts: a package that is listed as installed can still be broken.
#
# Most packages state their version in a variable called `__version__`, but not all: `getattr(thing,
# "__version__", "not stated")` reads it and has an answer for the others.


# %% id="import-one" exercise="check"
#| export
def import_check(module: str, fix: str) -> Check:
    """Whether `module` can be imported. Never raises.

    The Check is named after the module. If the import works, ok is True, the
    detail contains the module's version, and the fix is empty. If it raises
    ImportError, ok is False, the detail says what went wrong, and the fix is
    the one given.
    """
    ### BEGIN SOLUTION
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        return Check(module, False, f"cannot be imported ({error})", fix)
    return Check(module, True, f"version {getattr(found, '__version__', 'not stated')}")
    ### END SOLUTION


# %% id="import-one-check" tags=["check"]
present = import_check("json", "reinstall Python")
assert present.name == "json", f"a check is named after its module, yours is named {present.name!r}"
assert present.ok is True, f"json is part of Python, your check says {present}"
assert present.fix == "", "where nothing is broken, there is nothing to fix"

absent = import_check("no_such_module", "choose another name")
assert absent.ok is False, "there is no module called no_such_module"
assert absent.detail, "the detail should say what went wrong"
assert absent.fix == "choose another name", f"pass on the fix that was given: {absent}"
print("looks good:", absent)

# %% [markdown]
# ### 3b · Can we write in a folder?
#
# Permissions, full disks, network drives and read-only containers can all forbid it, and each shows up
# differently when you ask about permissions. The reliable way is to try: write something, and remove it
# again. `tempfile.TemporaryFile(dir=folder)`, used with a `with` statement, makes a nameless file in the
# folder that vanishes when it is closed. If the folder is missing or cannot be written, it raises an
# `OSError`.


# %% id="write-one" exercise="check"
#| export
def folder_check(folder: str) -> Check:
    """Whether a file can be written in `folder`. Never raises, and leaves nothing behind.

    The Check is named "progress folder" and its detail names the folder. If
    writing raises OSError, ok is False and the fix says what to do; if not, ok
    is True and the fix is empty.
    """
    ### BEGIN SOLUTION
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check("progress folder", True, f"{folder} can be written")
    except OSError as error:
        fix = "work in a folder that belongs to you, on a disk with free space"
        return Check("progress folder", False, f"cannot write in {folder} ({error})", fix)
    ### END SOLUTION


# %% id="write-one-check" tags=["check"]
fine = folder_check(tempfile.gettempdir())
assert fine.name == "progress folder", f"the check should be named progress folder: {fine}"
assert fine.ok is True, f"the system's temporary folder can be written: {fine}"

hopeless = folder_check(f"{os.devnull}/progress")
assert hopeless.ok is False, "a folder inside a file cannot exist"
assert hopeless.fix, "say what to do about it"
print("looks good:", hopeless)

# %% [markdown]
# ### 3c · The report
#
# Put it together. The report has five lines, in this order:
#
# | name | what it checks | with |
# |---|---|---|
# | `python` | the version of Python | `python_check` |
# | `numpy` | NumPy, on which everything will stand | `import_check` |
# | `tinytorch` | the package you are building | `import_check` |
# | `ipykernel` | what runs notebooks; optional, because the framework works without | `import_check` |
# | `progress folder` | the folder that `progress_folder()` returns | `folder_check` |
#
# The fix for a missing package is nearly always to run `uv sync` in the folder of the assignment. A missing
# `tinytorch` means that you are standing in the wrong folder. For `ipykernel`, say in the fix that it is
# optional.


# %% id="check" exercise="check"
#| export
def check_environment() -> list[Check]:
    """The environment report: python, numpy, tinytorch, ipykernel, progress folder, in this order.

    Every check runs, whatever the others found. A problem is a line of the
    report with ok False and a fix; it is never an exception.
    """
    ### BEGIN SOLUTION
    return [
        python_check(),
        import_check("numpy", "run `uv sync` in the folder of the assignment"),
        import_check("tinytorch", "go to the folder of the assignment, which holds tinytorch/"),
        import_check("ipykernel", "optional, only for notebooks: run `uv sync`"),
        folder_check(progress_folder()),
    ]
    ### END SOLUTION


# %% id="check-check" tags=["check"]
report = check_environment()

names = [check.name for check in report]
assert names == ["python", "numpy", "tinytorch", "ipykernel", "progress folder"], f"your report has {names}"
for check in report:
    assert check.ok or check.fix, f"{check.name} is not ok, but the report does not say how to mend it"
print("looks good:")
print(environment_table(report))

# %% [markdown]
# ## The map
#
# The course has 21 modules. An arrow means "is needed for". To keep the picture readable, arrows that
# follow from others are left out: Training needs Tensor directly, and the picture shows that only by way of
# the modules between.
#
# ```text
#  00 Setup               01 Tensor                                    INTRO and
#  (you are here)             │                                        FOUNDATION
#              ┌──────────────┼────────────────────────┐
#              v              v                        v
#        05 DataLoader  02 Activations          10 Tokenization
#              │              │                        │
#              │              v                        │
#              │        03 Layers                      │
#              │              │                        │
#              │              v                        │
#              │        04 Losses                      │
#              │              │                        │
#              │              v                        │
#              │        06 Autograd ──────────┐        │
#              │              │               │        │
#              │              v               v        v
#              │        07 Optimizers         11 Embeddings            ARCHITECTURE
#              │              │                        │               (09 to 13)
#              │              v                        v
#              └──────> 08 Training             12 Attention
#                             │                        │
#                             v                        v
#                       09 Convolutions         13 Transformers
#                             │                        │
#                             └───────────┬────────────┘
#                                         v
#                                   14 Profiling                       OPTIMIZATION
#                                         │
#         ┌───────────────┬───────────────┼───────────────┬──────────────┐
#         v               v               v               v              v
#  15 Quantization  16 Compression  17 Acceleration  18 Memoization  19 Benchmarking
#         │               │               │               │              │
#         └───────────────┴───────────────┼───────────────┴──────────────┘
#                                         v
#                                   20 Capstone                        CAPSTONE
# ```
#
# The table is complete. "01–04" means all of 01, 02, 03 and 04.
#
# | module | you build | what it shows about systems | needs directly |
# |---|---|---|---|
# | 00 Setup | this | the environment is part of a result | – |
# | 01 Tensor | arrays with shape and type | memory | – |
# | 02 Activations | nonlinear functions | numerical stability | 01 |
# | 03 Layers | linear layers, dropout | composition | 01, 02 |
# | 04 Losses | what training minimises | working with logarithms | 01–03 |
# | 05 DataLoader | batches, shuffling | feeding the processor | 01 |
# | 06 Autograd | automatic derivatives | a graph of computations | 01–04 |
# | 07 Optimizers | SGD, Adam | state costs memory | 01, 03, 04, 06 |
# | 08 Training | the training loop | what a step costs | 01–07 |
# | 09 Convolutions | layers for images | reuse of weights and data | 01–08 |
# | 10 Tokenization | text to numbers | size of the vocabulary | 01 |
# | 11 Embeddings | numbers to vectors | table lookup | 01, 06, 10 |
# | 12 Attention | each word looks at all others | quadratic cost | 01–03, 06, 11 |
# | 13 Transformers | a small GPT | stacking | 01–03, 06, 10–12 |
# | 14 Profiling | timers and counters | measure before you change | 01–09, 13 |
# | 15 Quantization | 8-bit weights | precision against size | 01, 03, 14 |
# | 16 Compression | pruning, low rank | sparsity | 03, 04, 06–08, 14 |
# | 17 Acceleration | faster kernels | locality of memory | 01, 06, 09, 14 |
# | 18 Memoization | a cache for generation | memory against time | 12–14 |
# | 19 Benchmarking | fair comparisons | evidence | 14 |
# | 20 Capstone | your own entry | putting it together | 01–19 |

# %% [markdown]
# ## Exercise 4 · The prerequisite graph
#
# A picture helps a person; a program needs data. Computer science has a name for this shape: a *directed
# graph*, here of modules (its *nodes*) and prerequisites (its *edges*). In module 06 you will meet one
# again: the graph of a computation, with operations for nodes, through which derivatives flow backwards. It
# is stored in the same way.
#
# A simple way to store a graph is a dictionary from each node to the list of nodes that it needs. Three
# modules of the map would be
#
# ```python
# {1: [], 10: [1], 19: [14]}
# ```
#
# Write `module_graph()`, which returns the whole table above in this form: 21 keys, module numbers as plain
# integers, each with the list of its *direct* prerequisites in ascending order. Direct means those of the
# table's last column, not those that follow from them.
#
# You may write `list(range(a, b))` for a run of numbers. Mind where a range ends: `list(range(5, 8))` is
# `[5, 6, 7]`.


# %% id="graph" exercise="graph"
#| export
def module_graph() -> dict[int, list[int]]:
    """The direct prerequisites of each module of the course, in ascending order.

    The keys are the module numbers 0 to 20; a module that needs no other has
    an empty list.
    """
    ### BEGIN SOLUTION
    return {
        0: [],
        1: [],
        2: [1],
        3: [1, 2],
        4: list(range(1, 4)),
        5: [1],
        6: list(range(1, 5)),
        7: [1, 3, 4, 6],
        8: list(range(1, 8)),
        9: list(range(1, 9)),
        10: [1],
        11: [1, 6, 10],
        12: [1, 2, 3, 6, 11],
        13: [1, 2, 3, 6, 10, 11, 12],
        14: [*range(1, 10), 13],
        15: [1, 3, 14],
        16: [3, 4, 6, 7, 8, 14],
        17: [1, 6, 9, 14],
        18: [12, 13, 14],
        19: [14],
        20: list(range(1, 20)),
    }
    ### END SOLUTION


# %% id="graph-check" tags=["check"]
graph = module_graph()

assert sorted(graph) == list(range(21)), f"there should be keys 0 to 20, yours are {sorted(graph)}"
for module, needed in graph.items():
    assert isinstance(needed, list), f"module {module} should have a list, yours is {needed!r}"
    assert needed == sorted(set(needed)), f"module {module}: ascending, without repetition: {needed}"
    assert all(earlier < module for earlier in needed), f"module {module} cannot need a later one: {needed}"
edges = sum(len(needed) for needed in graph.values())
assert edges == 92, f"the table has 92 prerequisites, your graph has {edges}"
print(f"looks good: {len(graph)} modules and {edges} prerequisites, all of them pointing backwards")

# %% [markdown]
# The third assertion proves something useful. If every prerequisite has a smaller number than the module
# that needs it, then following prerequisites always leads downwards, so it can never come back to where it
# started. Such a graph is called *acyclic*: no module waits, by whatever detour, for itself.

# %% [markdown]
# ## Exercise 5 · A learning path
#
# Which modules must you finish to understand attention, and in what order? The direct prerequisites of 12
# are a start, but prerequisites have prerequisites: 12 needs 11, and 11 needs 10, which is not in the row
# of 12.
#
# The answer we want is a *topological order*: a list in which every module stands after everything it
# needs. The same problem turns up whenever things depend on things: which package to install first, which
# cell of a spreadsheet to compute first, and, in module 06, which derivative to compute first.
#
# ### By hand
#
# Take a small imaginary course, whose numbers are *not* already in a good order, and find the path to 7.
#
# ```python
# toy = {1: [], 2: [5], 3: [], 5: [1], 7: [2, 3], 8: [3]}
# ```
#
# *First: what is needed?* Start with 7. It needs 2 and 3. 2 needs 5. 5 needs 1. So the set is {1, 2, 3, 5,
# 7}. Module 8 is not in it.
#
# *Then: in which order?* A module is *ready* when it is not yet on the path and everything it needs is.
# Again and again, take the smallest module that is ready.
#
# | path so far | ready | take |
# |---|---|---|
# | nothing | 1, 3 | 1 |
# | 1 | 3, 5 | 3 |
# | 1, 3 | 5 | 5 |
# | 1, 3, 5 | 2 | 2 |
# | 1, 3, 5, 2 | 7 | 7 |
#
# The path is 1, 3, 5, 2, 7. The rule "smallest first" matters for a reason that you have met above: without
# it several orders are right, and two people with the same graph could get different answers. With it there
# is exactly one.
#
# ### Write `learning_path`
#
# Get the graph by calling `module_graph()`. Do not copy its contents: then there would be two maps, and one
# day they would differ. The tests put other graphs in its place, so your function is tested on its own,
# whether exercise 4 is right or not. You may assume that the graph is acyclic and that every prerequisite
# is itself a key.


# %% id="path" exercise="path"
#| export
def learning_path(target: int) -> list[int]:
    """Every module that `target` needs, directly or not, in an order to take them; `target` comes last.

    A module stands after everything it needs, and where several are ready the
    smallest number comes first. Nothing that is not needed is on the path.
    Raises ValueError, naming `target`, if it is not a module of `module_graph()`.
    """
    ### BEGIN SOLUTION
    graph = module_graph()
    if target not in graph:
        raise ValueError(f"there is no module {target}: choose one of {sorted(graph)}")

    needed = {target}
    to_visit = [target]
    while to_visit:
        for earlier in graph[to_visit.pop()]:
            if earlier not in needed:
                needed.add(earlier)
                to_visit.append(earlier)

    path: list[int] = []
    while len(path) < len(needed):
        ready = [module for module in needed if module not in path and set(graph[module]) <= set(path)]
        path.append(min(ready))
    return path
    ### END SOLUTION


# %% [markdown]
# The check puts the toy course in the place of the map while it calls your function. (`unittest.mock.patch`
# swaps something for the length of a `with` block. It is a common way to test one function apart from
# another.)

# %% id="path-check" tags=["check"]
from unittest.mock import patch

toy = {1: [], 2: [5], 3: [], 5: [1], 7: [2, 3], 8: [3]}
with patch(f"{__name__}.module_graph", lambda: toy):
    assert learning_path(1) == [1], f"module 1 needs nothing but itself, you return {learning_path(1)}"
    assert 1 in learning_path(2), f"2 needs 5, and 5 needs 1: {learning_path(2)}"
    assert 8 not in learning_path(7), f"nothing on the way to 7 needs 8: {learning_path(7)}"
    assert learning_path(7) == [1, 3, 5, 2, 7], f"by hand we found 1, 3, 5, 2, 7, not {learning_path(7)}"
    try:
        outcome = f"the path {learning_path(99)}"
    except ValueError as error:
        outcome = f"ValueError: {error}"
    assert outcome.startswith("ValueError"), f"module 99 is unknown: expected a ValueError, got {outcome}"
    assert "99" in outcome.removeprefix("ValueError"), f"the message should name the module: {outcome}"
print("looks good")

# %% [markdown]
# With both exercises done, your two functions answer the question from the beginning of this section: what
# lies between you and attention, and what between you and the end?

# %% id="routes-check" tags=["check"]
for destination in (9, 12, 20):
    route = learning_path(destination)
    assert route[-1] == destination
    print(f"to {destination:2}: {len(route):2} modules,", " > ".join(f"{module:02}" for module in route))

# %% [markdown]
# ## Measure your machine
#
# You have a record of what your machine *is*. The rest of this notebook measures what it *does*. Nothing is
# to be written here, but run it yourself and look at the numbers: the questions ask about them.
#
# ### 1. What does `import numpy` cost?
#
# Importing runs a package's files, once per process. Your `check_environment` has loaded NumPy into this
# kernel already, so that a second import here would look free. So we ask fresh processes, several in a row.

# %% id="measure-import"
runs = 1 if QUICK else 5
import_program = """
from time import perf_counter
start = perf_counter()
import numpy
print(perf_counter() - start)
"""
import_seconds = [float(run_python(import_program)) for _ in range(runs)]
print("import numpy, in ms:", [round(1000 * seconds) for seconds in import_seconds])

# %% [markdown]
# If the first number is larger than the others, you have seen a cache: the first process had to read
# NumPy's files from the disk, and the operating system then kept them in memory. This is why measurements
# are repeated, and why the *smallest* is usually the one to report: nothing makes a program run faster than
# it can, but many things make it slower.
#
# ### 2. What does a turn of a Python loop cost?

# %% id="measure-loop"
from time import perf_counter


def empty_loop(turns: int) -> float:
    """Seconds for a loop that does nothing."""
    start = perf_counter()
    for _ in range(turns):
        pass
    return perf_counter() - start


turns = 1_000_000 if QUICK else 10_000_000
loop_seconds = min(empty_loop(turns) for _ in range(1 if QUICK else 3))
print(f"{turns:,} turns: {loop_seconds:.3f} s, so {1e9 * loop_seconds / turns:.1f} ns each")

# %% [markdown]
# ### 3. What does a matrix product cost, with one thread and with two?
#
# Multiplying two matrices of 1000 × 1000 numbers takes 1000 × 1000 × 1000 multiplications and as many
# additions: 2 × 10⁹ operations. NumPy hands them to a library (a *BLAS*) that is written for the processor
# and spreads the work over threads. How many threads it may use is an environment variable that the library
# reads *once, when it is loaded*. So again, each setting needs a process of its own.

# %% id="measure-matmul"
n = 200 if QUICK else 1000
matmul_program = f"""
from time import perf_counter
import numpy as np

rng = np.random.default_rng(0)
a = rng.random(({n}, {n}), dtype=np.float32)
b = rng.random(({n}, {n}), dtype=np.float32)
best = float("inf")
for _ in range({3 if QUICK else 10}):
    start = perf_counter()
    a @ b
    best = min(best, perf_counter() - start)
print(best)
"""


def matmul_with_threads(threads: int) -> float:
    """Seconds for one product in a fresh process that may use so many threads."""
    variables = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
    return float(run_python(matmul_program, **dict.fromkeys(variables, str(threads))))


matmul_seconds = {threads: matmul_with_threads(threads) for threads in (1, 2)}
for threads, seconds in matmul_seconds.items():
    rate = 2 * n**3 / seconds / 1e9
    print(f"{threads} thread(s): {1000 * seconds:6.2f} ms, {rate:6.1f} billion operations per second")

# %% [markdown]
# Compare the two costs. The loop above did *nothing* in each turn; the product did useful work in each
# operation.

# %% id="compare"
per_turn = loop_seconds / turns
per_operation = matmul_seconds[1] / (2 * n**3)
print(f"one turn of an empty Python loop: {1e9 * per_turn:8.3f} ns")
print(f"one operation inside a product:   {1e9 * per_operation:8.3f} ns")
print(f"so one turn costs as much as {per_turn / per_operation:,.0f} operations")

# %% [markdown]
# On the two-core server on which this text was written, it was 12 ns against 0.007 ns, about 1,800 to one.
# This is the reason why a framework written in Python can be fast: Python decides *what* to multiply, and a
# library does the multiplying. In module 01 you write a matrix product with loops, and you will see this
# factor again. In module 17 you find out where it comes from.
#
# ### Your machine's baseline
#
# Here is everything in one record. It stays in the notebook when you save and commit it. Module 14 will ask
# for these numbers.

# %% id="baseline-check" tags=["check"]
import json

baseline = {
    "system": system_info(),
    "import_numpy_ms": round(1000 * min(import_seconds), 1),
    "loop_ns_per_turn": round(1e9 * per_turn, 2),
    "matmul_ms": {threads: round(1000 * seconds, 2) for threads, seconds in matmul_seconds.items()},
    "matmul_size": n,
}
assert QUICK or baseline["matmul_size"] == 1000, "a baseline is measured at full size"
print(json.dumps(baseline, indent=2))

# %% [markdown]
# ## Questions
#
# Three questions, 10 points each, read by a person. Two or three short paragraphs are enough for each. What
# counts, in this order: that you refer to what *you* wrote and measured above, with numbers; that you say
# *why*, by naming a mechanism; and that you draw a consequence. "It depends on the computer" is true and
# gets few points.
#
# To answer, click twice into the cell that says "Your answer", replace its text, and press Shift+Enter.

# %% [markdown]
# ### Question 1 · Same seed and a different loss
#
# Two students run the same training script with the same random seed, and get different losses. List the
# facts about the environment that you would record. For each, say whether it could explain the difference,
# and how. Which of them does your `system_info` record, and which does it miss?

# %% [markdown] id="q1" question="q1"
# *Your answer*

# %% [markdown]
# ### Question 2 · Why notebooks are exported
#
# Module 02 could run the notebook of module 01 and use what it defines. Instead, the course exports
# notebooks into a package, and module 02 imports the package. Why? And what goes wrong when the exported
# file is older than the notebook?

# %% [markdown] id="q2" question="q2"
# *Your answer*

# %% [markdown]
# ### Question 3 · What fills 8 GB first
#
# Suppose your machine has 8 GB of memory. Which modules of the map will run into that limit first, and how
# would you know *before* the program crashes?
#
# You have not built them yet, so here is what three of them must hold in memory. Each number takes 4 bytes.
#
# | module | holds | how many numbers |
# |---|---|---|
# | 08 Training | the output of every layer for every example of the batch, until the derivatives are computed | batch × numbers per layer × layers |
# | 09 Convolutions | every k × k window of every image, written out side by side | batch × channels × height × width × k² |
# | 12 Attention | a score for each pair of positions in the text, for each *head* (a part of the layer) | batch × heads × length × length |
#
# Choose sizes that you find realistic, say which, and compute.

# %% [markdown] id="q3" question="q3"
# *Your answer*

# %% [markdown]
# ## Hand in
#
# 1. *Restart* and *Run All*. No check cell should stop with an error.
# 2. Save. Run `uv run tito module test`: 70 of 70 is full marks for the exercises. The final grade also
#    uses tests that you cannot see. They ask for nothing new, only for other cases.
# 3. `uv run tito module export`, `git add setup.ipynb`, `git commit -m "Finish module 00"`, `git push`.
# 4. Read the summary on the *Actions* page, and look whether it lists all three answers.
#
# Then you are ready for module 01, in which you build the thing that everything else is made of: an array
# that knows its shape.
