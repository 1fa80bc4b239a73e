"""What a glossary holds of each term."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Term", "term"]


@dataclass(frozen=True, slots=True)
class Term:
    """A term: its name, other names it goes by, what it means, and where to read on.

    ``work`` is a key of `lesson.WORKS` where a number or convention is quoted; ``topic`` the id of
    a lesson.
    """

    name: str
    meaning: str
    also: tuple[str, ...] = ()
    work: str = ""
    topic: str = ""


def term(name: str, meaning: str, *also: str, work: str = "", topic: str = "") -> Term:
    """Make a term; ``also`` are its other names."""
    return Term(name, meaning, also, work, topic)
