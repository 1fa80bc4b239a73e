"""The trials of an estimate: forest plot and drapery plot."""
