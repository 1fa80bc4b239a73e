"""Published reviews by the trials that they include: how far they overlap, and ours on theirs."""
