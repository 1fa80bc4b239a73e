"""Conditions against comparisons (or another dimension): the answer of each cell, or why none."""
