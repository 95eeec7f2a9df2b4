"""The hidden tests of alpha."""

from autograding.grader.testing import assert_equal, exercise


@exercise("spread", hint="a difference is what is left when one is taken from the other")
def test_spread_of_random_numbers(tt, rng):
    values = [int(value) for value in rng.integers(-50, 50, size=17)]
    assert_equal(tt.spread(values), float(max(values) - min(values)))


@exercise("label", hint="zero is neither")
def test_label_of_negative_zero(tt):
    assert_equal(tt.label(-0.0), "zero")
