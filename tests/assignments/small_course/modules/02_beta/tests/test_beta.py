"""The visible tests of beta."""

from autograding.grader.testing import assert_equal, exercise


@exercise("relative", hint="divide by the largest magnitude")
def test_relative_spread(tt):
    assert_equal(tt.relative([1, 4]), 0.75)
