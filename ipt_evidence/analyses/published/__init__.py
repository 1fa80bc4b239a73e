"""Pooled effects of published meta-analyses beside our own."""
