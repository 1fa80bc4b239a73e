"""Whether two journal names mean the same journal: abbreviations, articles, places, acronyms."""

from __future__ import annotations

import re
from functools import lru_cache

from ipt_evidence.citations.records import normal_title

__all__ = ["compare_journals"]

_FILLERS = frozenset(
    "the of and in for on a an to de la le les des du et der die das und y e i del da do dos das "
    "di della dello per für fur van voor".split()
)
_ASIDE = re.compile(r"\s*[(\[][^()\[\]]{0,200}[)\]]")
_SUBTITLE = re.compile(
    r"\s*(?:[:=/]|\s[-–—]\s|(?:(?<=[a-z]{6})|(?<=[A-Z]{4}))\. (?=[A-Z])).*$", re.DOTALL
)


@lru_cache(maxsize=100_000)
def _words(name: str, *, whole: bool) -> tuple[str, ...]:
    text = _ASIDE.sub("", name)
    if not whole:
        text = _SUBTITLE.sub("", text)
    found = tuple(word for word in normal_title(text).split() if word not in _FILLERS)
    return found or tuple(normal_title(name).split())


@lru_cache(maxsize=200_000)
def compare_journals(one: str | None, two: str | None) -> int:
    """1 the same journal, -1 another one, 0 when a name is missing or one is a part of the other.

    ``Am J Trop Med Hyg``, ``American Journal of Tropical Medicine and Hygiene`` and ``American
    journal of tropical medicine & hygiene (Baltimore)`` agree. A subtitle does not count.
    """
    if not one or not two:
        return 0
    for whole in (False, True):
        mine, yours = _words(one, whole=whole), _words(two, whole=whole)
        if not mine or not yours:
            return 0
        if _agree(mine, yours):
            return 1
    mine, yours = sorted((mine, yours), key=len)
    if _agree(mine, yours[: len(mine)]):
        return 0  # a series, a section or an edition of it
    return -1


def _agree(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    if one == two:
        return True
    if len(one) == len(two):
        return all(_abbreviates(a, b) for a, b in zip(one, two, strict=True))
    return _acronym(one, two) or _acronym(two, one)


def _abbreviates(one: str, two: str) -> bool:
    """Whether one word shortens the other: its beginning, or letters of it in order (Natl)."""
    if len(one) > len(two):
        one, two = two, one
    if two.startswith(one):
        return True
    if len(one) < 3 or one[0] != two[0]:
        return False
    rest = iter(two)
    return all(letter in rest for letter in one) and len(two) - len(one) >= 2


def _acronym(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """``jama`` for ``journal american medical association``; at least three letters."""
    return (
        len(short) == 1
        and len(short[0]) >= 3
        and short[0] == "".join(word[0] for word in long)[: len(short[0])]
        and len(long) == len(short[0])
    )
