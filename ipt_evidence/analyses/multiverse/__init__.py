"""Every reasonable way to analyse the same question: the specification curve."""
