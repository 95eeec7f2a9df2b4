"""Mutation testing of the reference: do a module's tests notice when its code is changed?

mutmut changes the exported reference in one place at a time and runs the module's
visible and hidden tests on each change. What no test notices is a mutant that
survives: a gap in the tests, or a change that makes no difference.
"""
