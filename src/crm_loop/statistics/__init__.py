"""Distributions and estimates: pure, on numpy and scipy.special."""
