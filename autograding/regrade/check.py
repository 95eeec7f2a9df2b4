"""Check a result that came from another machine: it is the one asked for, and its numbers can be."""

from __future__ import annotations

from autograding.course import Assignment
from autograding.regrade.files import UnreadableResult
from autograding.regrade.model import Chosen, FinalResult, Origin


def check_result(result: FinalResult, assignment: Assignment, chosen: Chosen, origin: Origin) -> None:
    """Raises UnreadableResult where a result is of another commit or course, or cannot be."""
    if result.chosen != chosen or result.origin != origin:
        raise UnreadableResult("the result is of another commit, or was made with another course or secret")
    points = {item.id: item.points for item in assignment.exercises}
    if result.exercises.keys() != points.keys():
        raise UnreadableResult("the exercises of the result are not those of the assignment")
    for name, score in result.exercises.items():
        if score > points[name]:
            raise UnreadableResult(f"{name} has {score:g} of {points[name]:g} points")
    # Each number is rounded to cents on its own.
    slack = 0.005 * (len(points) + 1) + 1e-9
    if abs(sum(result.exercises.values()) - result.score) > slack:
        raise UnreadableResult(f"the exercises do not add up to the score of {result.score:g}")
    if abs(sum(points.values()) - result.max_score) > slack or result.score > result.max_score:
        raise UnreadableResult(f"{result.score:g} of {result.max_score:g} points cannot be")
    if not set(result.answered) <= {item.id for item in assignment.questions}:
        raise UnreadableResult("the result answers questions that the assignment does not have")
