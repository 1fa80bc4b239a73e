"""Records that belong together and are not the same: parts, errata, preprints, protocols, replies.

The paper and its erratum are two publications. Merging them would lose one, so a pair that is
recognised here is named and never merged.
"""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from ipt_evidence.citations.deduplication.features import Features
from ipt_evidence.citations.deduplication.scoring import Comparison
from ipt_evidence.citations.deduplication.titles import numbers_conflict

__all__ = ["RELATION_KINDS", "relation_of"]

RELATION_KINDS = ("part", "erratum", "preprint", "protocol", "reply")
"""Parts of a series; erratum, correction or retraction and its article; preprint and published
version; protocol, design paper or registry entry and trial; reply or comment and its article."""

_ALIKE = frozenset({"same", "spelling", "tongue", "cut", "contained", "within", "alike"})
_ALIKE_CORE = 0.85
_ALIKE_PROTOCOL = 0.7  # a protocol's title is often reworded for the results


def relation_of(one: Features, two: Features, found: Comparison) -> str:
    """The kind of relation between two records, or an empty text when there is none.

    A pair with the same DOI or PMID is one publication, whatever its titles say, unless its pages
    differ too.
    """
    same_id = bool(one.doi and one.doi == two.doi) or bool(one.pmid and one.pmid == two.pmid)
    if same_id and "different pages" not in found.differ:
        return ""
    if not _same_people(found):
        return ""
    for kind, alike in (("erratum", _ALIKE_CORE), ("reply", _ALIKE_CORE)):
        if _one_is(kind, one, two) and _core_ratio(one, two) >= alike:
            return kind
    if found.same_place:
        return ""
    if _is_protocol_pair(one, two, found):
        return "protocol"
    if _are_parts(one, two):
        return "part"
    if one.is_preprint != two.is_preprint and found.title in _ALIKE:
        return "preprint"
    return ""


def _same_people(found: Comparison) -> bool:
    return "different authors" not in found.differ or found.title in ("same", "spelling")


def _one_is(kind: str, one: Features, two: Features) -> bool:
    return (kind in one.title.marks) != (kind in two.title.marks)


def _core_ratio(one: Features, two: Features) -> float:
    mine, yours = one.title.core, two.title.core
    if min(len(mine), len(yours)) < 15:
        return 0.0
    if len(min(mine, yours, key=len)) >= 30 and (mine in yours or yours in mine):
        return 1.0
    return fuzz.ratio(mine, yours) / 100


def _is_protocol_pair(one: Features, two: Features, found: Comparison) -> bool:
    if "different authors" in found.differ:
        return False
    if one.is_registry != two.is_registry:
        return found.title in _ALIKE
    return _one_is("protocol", one, two) and _core_ratio(one, two) >= _ALIKE_PROTOCOL


_NUMERAL = re.compile(r"[ivx]{1,5}|\d{1,4}|[a-d]|one|two|three|four|five|six")
_PARTS = frozenset("part parts teil partie parte deel".split())
_FIRST = frozenset({"i", "1", "a", "one"})
_LEAST_BASE = 15
"""Letters that two parts must share before their numerals."""


def _are_parts(one: Features, two: Features) -> bool:
    """The same words before the first numeral in which the titles differ."""
    mine, yours = one.title.words, two.title.words
    same = 0
    while same < min(len(mine), len(yours)) and mine[same] == yours[same]:
        same += 1
    if sum(map(len, mine[:same])) < _LEAST_BASE:
        return False
    rests = (mine[same : same + 2], yours[same : same + 2])
    if any(len(rest) == 2 and _is_later_part(*rest) for rest in rests):
        return True
    if not numbers_conflict(one.title, two.title) or not all(rests):
        return False
    return all(_NUMERAL.fullmatch(rest[0]) for rest in rests)


def _is_later_part(label: str, numeral: str) -> bool:
    """``part ii`` where the other title has nothing of the kind."""
    return label in _PARTS and bool(_NUMERAL.fullmatch(numeral)) and numeral not in _FIRST
