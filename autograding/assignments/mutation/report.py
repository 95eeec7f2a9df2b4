"""The result of mutation testing as figures, and as a Markdown text that lists every survivor."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograding.assignments.mutation.explained import Explanation, outdated, unexplained
from autograding.assignments.mutation.mutants import Change, Fate, Mutant

GOAL = 85.0
# Short, so that the table fits a terminal of 80 columns. `slow`: ended by the time limit; `code only`: what
# died without counting changes of an error's wording; `open`: survivors without an explanation.
HEADINGS = ("module", "mutants", "killed", "slow", "alive", "no test", "died", "code only", "open")


@dataclass(frozen=True)
class ModuleResult:
    """The mutants of one module, and the explanations its authors wrote down."""

    module: str
    mutants: tuple[Mutant, ...]
    explanations: Mapping[Change, Explanation]

    @property
    def unexplained(self) -> tuple[Mutant, ...]:
        """Survivors that nobody has looked at."""
        return unexplained(self.mutants, self.explanations)

    @property
    def percent(self) -> float:
        """How many of all mutants died."""
        return share_dead(self.mutants)

    @property
    def passed(self) -> bool:
        """Enough mutants died, every survivor is explained, and none was left undecided."""
        decided = all(mutant.fate is not Fate.UNDECIDED for mutant in self.mutants)
        return decided and self.percent >= GOAL and not self.unexplained


def share_dead(mutants: Iterable[Mutant]) -> float:
    """The percentage that died; 100 where there are none."""
    dead = [mutant.fate.dead for mutant in mutants]
    return 100 * sum(dead) / len(dead) if dead else 100.0


def row(result: ModuleResult) -> tuple[str, ...]:
    """The figures of a module in the order of HEADINGS."""
    return (result.module, *_figures(result.mutants), str(len(result.unexplained)))


def total_row(results: Sequence[ModuleResult]) -> tuple[str, ...]:
    """The figures of all modules together."""
    mutants = [mutant for result in results for mutant in result.mutants]
    return ("together", *_figures(mutants), str(sum(len(result.unexplained) for result in results)))


def _figures(mutants: Sequence[Mutant]) -> Iterator[str]:
    fates = Counter(mutant.fate for mutant in mutants)
    # An undecided mutant is shown among the survivors: nobody has seen it die.
    alive = fates[Fate.SURVIVED] + fates[Fate.UNDECIDED]
    numbers = (len(mutants), fates[Fate.KILLED], fates[Fate.TIMEOUT], alive, fates[Fate.NO_TEST])
    yield from map(str, numbers)
    yield f"{share_dead(mutants):.1f} %"
    yield f"{share_dead([mutant for mutant in mutants if not mutant.wording]):.1f} %"


def markdown(results: Sequence[ModuleResult]) -> str:
    """The whole report: the table, then each module's survivors by what is known of them."""
    rows = [row(result) for result in results] + ([total_row(results)] if len(results) > 1 else [])
    lines = ["# Mutants of the reference", "", *_table(HEADINGS, rows)]
    for result in results:
        lines += ["", f"## {result.module}", *_survivors(result)]
    return "\n".join(lines) + "\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|---|{'---:|' * (len(headings) - 1)}"
    yield from (f"| {' | '.join(cells)} |" for cells in rows)


def _survivors(result: ModuleResult) -> Iterator[str]:
    left = [mutant for mutant in result.mutants if not mutant.fate.dead]
    wording = [item for item in left if item.wording and item.change not in result.explanations]
    explained = [item for item in left if item.change in result.explanations]
    yield from _section("Unexplained", result.unexplained)
    for verdict in ("unspecified", "wording", "equivalent"):
        chosen = [item for item in explained if result.explanations[item.change].verdict == verdict]
        yield from _section(verdict.capitalize(), chosen, result.explanations)
    yield from _section("Wording of an error message", wording)
    # Shown so that somebody can see whether they loop for ever or the machine was busy.
    yield from _section(
        "Dead by the time limit", [item for item in result.mutants if item.fate is Fate.TIMEOUT]
    )
    stale = outdated(result.mutants, result.explanations)
    if stale:
        yield from ("", f"### Explained, but no survivor ({len(stale)})", "")
        yield from (f"- `{change.function}`: `{change.now}`" for change in stale)


def _section(
    title: str, mutants: Sequence[Mutant], explanations: Mapping[Change, Explanation] | None = None
) -> Iterator[str]:
    if not mutants:
        return
    yield from ("", f"### {title} ({len(mutants)})")
    for (function, why), group in _groups(mutants, explanations or {}).items():
        yield from ("", f"`{function}`" + (f": {why}" if why else ""), "", "```diff")
        yield from (line for mutant in group for line in _diff(mutant))
        yield "```"


def _groups(
    mutants: Iterable[Mutant], explanations: Mapping[Change, Explanation]
) -> dict[tuple[str, str], list[Mutant]]:
    """Mutants of one function with the same reason, in the order of the source."""
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in mutants:
        explanation = explanations.get(mutant.change)
        groups.setdefault((mutant.change.function, explanation.why if explanation else ""), []).append(mutant)
    return groups


def _diff(mutant: Mutant) -> Iterator[str]:
    note = f"  # {mutant.fate}" if mutant.fate in (Fate.NO_TEST, Fate.UNDECIDED) else ""
    yield f"-{mutant.change.was}"
    yield f"+{mutant.change.now}{note}"
