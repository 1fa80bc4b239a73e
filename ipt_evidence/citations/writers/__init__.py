"""Bibliographies out: one module a format."""
