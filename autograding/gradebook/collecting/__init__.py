"""Collecting grades from GitHub into the gradebook, and telling what came of it."""
