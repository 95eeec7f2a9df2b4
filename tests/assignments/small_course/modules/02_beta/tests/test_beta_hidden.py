"""The hidden tests of beta."""

from autograding.grader.testing import assert_equal, exercise


@exercise("relative", hint="a magnitude has no sign")
def test_relative_spread_below_zero(tt):
    assert_equal(tt.relative([-8, -6]), 0.25)
