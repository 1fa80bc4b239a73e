"""Why trials differ: groups of trials, and meta-regression on a number of the trials."""
