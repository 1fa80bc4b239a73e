"""One cell of a table with all the authors of a work → persons."""

from __future__ import annotations

import re

from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.records import Person

__all__ = ["people_of_cell"]

_INITIALS = re.compile(r"(?:[^\W\d_a-zß-ÿ]\.?[\s-]?){1,4}")


def people_of_cell(text: str) -> tuple[list[Person], bool]:
    """Authors of one cell: ``A, B; C, D``, ``A B., C D.``, ``A B and C D``, ``A, B.; C, D.``."""
    if not text:
        return [], False
    if re.search(r"[;|\n]|//", text):
        names = re.split(r"\s*(?:[;|\n]|//)\s*", text)
    elif re.search(r"\sand\s", text) and text.count(",") <= text.count(" and ") + 1:
        names = re.split(r"\s+and\s+|\s+&\s+", text)
    else:
        names = _comma_names(re.sub(r",?\s+(?:and|&)\s+", ", ", text))
    return people_of(re.sub(r"\s*\(\d{6,}\)$", "", name) for name in names)


def _comma_names(text: str) -> list[str]:
    """``Gao X., Ni W.`` is two names, ``Gao, X., Ni, W.`` too, ``Gao, Xin`` is one."""
    parts = [part for item in text.split(",") if (part := item.strip())]
    if len(parts) > 1 and all(_INITIALS.fullmatch(part) for part in parts[1::2]):
        return [", ".join(parts[n : n + 2]) for n in range(0, len(parts), 2)]
    if len(parts) == 2 and " " not in parts[0]:
        return [", ".join(parts)]
    return parts
