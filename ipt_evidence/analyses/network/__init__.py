"""IPT in the network of all psychotherapies and controls of a condition."""
