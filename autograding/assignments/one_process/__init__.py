"""Tests of our own variants of a package, in one process instead of a sandboxed worker a test.

For mutants and known bugs, which are many and of our own making. What student code
is worth is never decided here.
"""
