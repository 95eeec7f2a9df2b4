"""The trusted side: runs the tests, holds the expected values, never imports student code."""
