"""Printed reference lists."""

from __future__ import annotations

from ipt_evidence.citations.records import ReadResult


def looks_like_references(text: str) -> bool:
    """Plain text is the last resort: anything goes."""
    return True


def read_plain_text(text: str) -> ReadResult:
    """Not built yet."""
    return ReadResult()
