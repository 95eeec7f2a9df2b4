"""The visible tests of alpha."""

import pytest

from autograding.grader.testing import assert_equal, exercise


@exercise("spread", hint="a difference is what is left when one is taken from the other")
@pytest.mark.parametrize(("values", "wanted"), [([1, 4], 3.0), ([2, 2, 5], 3.0)])
def test_spread_of_a_few_numbers(tt, values, wanted):
    assert_equal(tt.spread(values), wanted)


@exercise("label", hint="zero is neither")
def test_label_of_zero(tt):
    assert_equal(tt.label(0), "zero")


@exercise("label", hint="below zero is negative, above is positive", weight=2)
def test_label_of_others(tt):
    assert_equal([tt.label(-3), tt.label(8)], ["negative", "positive"])
