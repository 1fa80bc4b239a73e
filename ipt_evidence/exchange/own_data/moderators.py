"""Columns by which trials are compared: numbers, or words; a mix of both is refused in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ipt_evidence.errors import DataError
from ipt_evidence.wording.phrases import first_of

__all__ = ["same_but_for_case", "typed"]

LISTED = 5  # words of a column, or rows of a word, that an error names
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf")
_NUMBER_LIKE = re.compile(r"[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)? ?%?|[+-]?\d{1,3}(?:,\d{3})+")


def typed(name: str, texts: list[str], labels: Sequence[str], *, grouping: bool) -> list[Any]:
    """A column as numbers, or as words where it is no column of numbers.

    ``labels`` name the rows; ``grouping`` takes numbers and words alike as names of groups. Where
    every cell is a percentage, 30% is 30.

    Raises
    ------
    DataError
        When a column of numbers holds a few words, which would make it a category.
    """
    shares = all(text.endswith("%") for text in texts)  # 30% as 30, where all are percentages
    plain = [text[:-1].rstrip() for text in texts] if shares else texts
    words = [i for i, text in enumerate(plain) if not _NUMBER.fullmatch(text)]
    if not words:
        return [float(text) for text in plain]
    numbers = len(texts) - sum(not _NUMBER_LIKE.fullmatch(texts[i]) for i in words)
    if grouping or 2 * numbers < len(texts):
        return list(texts)
    listed: dict[str, list[str]] = {}
    for i in words:
        listed.setdefault(texts[i], []).append(labels[i])
    shown = [f"{word!r} ({first_of(where, LISTED)})" for word, where in listed.items()]
    raise DataError(
        f"{name} is mostly numbers, but holds {first_of(shown, LISTED)}: leave a cell empty or "
        "write NA where the value is missing, write numbers with a decimal point, or give each "
        "level a word if these are categories"
    )


def same_but_for_case(name: str, values: Sequence[Any]) -> tuple[str, ...]:
    """Note on words that differ only in upper and lower case or in spaces, and so count twice."""
    spellings: dict[str, list[str]] = {}
    for value in dict.fromkeys(value for value in values if isinstance(value, str)):
        spellings.setdefault(" ".join(value.casefold().split()), []).append(value)
    return tuple(
        f"{name}: {first_of([repr(word) for word in words], LISTED)} differ only in case or "
        "spaces and are taken as different: write them alike if they are one"
        for words in spellings.values()
        if len(words) > 1
    )
