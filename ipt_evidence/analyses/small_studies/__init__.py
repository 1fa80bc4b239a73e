"""Small-study effects: the funnel, and what may be concluded from it."""
