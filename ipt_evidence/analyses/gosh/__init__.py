"""The pooled effect of every subset of the trials."""
