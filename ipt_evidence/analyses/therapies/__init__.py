"""IPT beside the other psychotherapies: each against control, by the same rules."""
