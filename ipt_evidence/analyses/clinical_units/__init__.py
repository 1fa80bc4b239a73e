"""An effect as shares of people, numbers needed to treat and points of an instrument."""
