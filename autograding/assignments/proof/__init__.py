"""Proving an assignment: what is checked, and the bench on which variants of its notebook are graded."""
