"""Whether two records have the same authors."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz

from ipt_evidence.citations.deduplication.features import Features
from ipt_evidence.citations.deduplication.tally import Tally

__all__ = ["add_authors", "same_family"]


def add_authors(one: Features, two: Features, tally: Tally) -> bool:
    """Whether the first authors agree, initials and all."""
    if not one.families or not two.families:
        return False
    if same_family(one.families[0], two.families[0]):
        if one.initial and two.initial and one.initial != two.initial:
            tally.add(0.0, "first authors of the same name")
            return False
        tally.add(2.0, "same first author")
        return True
    few, many = sorted((set(one.families), set(two.families)), key=len)
    shared = len(few & many)
    if shared / len(few) < 0.5:
        shared = sum(any(same_family(name, other) for other in many) for name in few)
    if shared / len(few) >= 0.5:
        tally.add(1.0, "shared authors")
    elif one.families[0] in two.given or two.families[0] in one.given:
        tally.add(1.0, "first authors of the same names")
    elif one.by_body != two.by_body:
        tally.add(0.0, "a group of authors")
    else:
        tally.add(-3.0, "different authors")
    return False


@lru_cache(maxsize=100_000)
def same_family(one: str, two: str) -> bool:
    """Equal but for particles, double names, initials in the wrong place and a slip of spelling."""
    if one == two:
        return True
    mine, yours = one.replace(" ", ""), two.replace(" ", "")
    if mine == yours:
        return True
    few, many = sorted((set(one.split()), set(two.split())), key=len)
    if any(len(word) > 2 for word in few & many):
        return True
    return min(len(mine), len(yours)) >= 5 and fuzz.ratio(mine, yours) >= 85
