"""The whole course without a GitHub account: a small class, its pushes, its grades."""
