"""The gradebook: what was observed, kept for good, and the grades that follow from it."""
