"""Pairs worth comparing, related pairs, and groups that hold no contradiction."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from ipt_evidence.citations.deduplication.features import Features
from ipt_evidence.citations.deduplication.scoring import MERGE, Comparison, compare
from ipt_evidence.citations.deduplication.titles import numbers_conflict, without_umlauts

__all__ = ["RELATION_KINDS", "Clusters", "block_keys", "candidate_pairs", "relation_of"]

MAX_WHOLE_BLOCK = 12
"""Larger blocks are compared by neighbours only."""
WINDOW = 8
"""How many neighbours each record of a large block meets."""
_KEY_LENGTH = 14
_LONG_START = 25
_MIN_RATIO = 65
"""Pairs that share no identifier and no place must have titles at least so alike (percent)."""


_FAMILIES = ("identifier", "place", "title", "title end", "author")


def block_keys(record: Features) -> list[tuple[object, ...]]:
    """The blocks of a record: only records that share one are compared."""
    return [(family, *key) for family in _FAMILIES for key in _keys(family, record)]


def candidate_pairs(features: Sequence[Features]) -> Iterator[tuple[int, int]]:
    """Pairs of positions, the smaller first, each once."""
    seen: set[int] = set()
    count = len(features)
    for family in _FAMILIES:
        blocks: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
        for position, record in enumerate(features):
            for key in _keys(family, record):
                blocks[key].append(position)
        filtered = family not in ("identifier", "place")
        for members in blocks.values():
            if len(members) < 2:
                continue
            for one, two in _pairs_within(members, features, family):
                code = one * count + two if one < two else two * count + one
                if code in seen:
                    continue
                seen.add(code)
                if filtered and not _worth_comparing(features[one], features[two]):
                    continue
                yield (one, two) if one < two else (two, one)


def _keys(family: str, record: Features) -> list[tuple[object, ...]]:
    title = record.title
    keys: list[tuple[object, ...]] = []
    if family == "identifier":
        for name in ("doi", "pmid"):
            if (identifier := getattr(record, name)) and name not in record.distrusted:
                keys.append((name, identifier))
        keys += [("registry", record.registry)] if record.registry else []
    elif family == "place" and record.pages is not None and record.year:
        places = [record.volume, *map(without_umlauts, record.families[:1])]
        keys = [(record.year, place, record.pages.first) for place in places if place]
    elif family == "title" and title.compact:
        keys = [(title.compact[:_KEY_LENGTH],)]
        if title.core and title.core[:_KEY_LENGTH] != title.compact[:_KEY_LENGTH]:
            keys.append((title.core[:_KEY_LENGTH],))
    elif family == "title end" and len(title.compact) > _KEY_LENGTH:
        keys = [(title.compact[-_KEY_LENGTH:],)]
    elif family == "author" and record.families and record.year and title.words:
        keys = [(without_umlauts(record.families[0]), record.year, max(title.words, key=len))]
    return keys


def _pairs_within(
    members: list[int], features: Sequence[Features], family: str
) -> Iterator[tuple[int, int]]:
    if len(members) <= MAX_WHOLE_BLOCK:
        for place, one in enumerate(members):
            for two in members[place + 1 :]:
                yield one, two
        return
    if family == "title end":
        members = sorted(members, key=lambda item: features[item].title.compact[::-1])
    else:
        members = sorted(members, key=lambda item: features[item].title.core)
    for place, one in enumerate(members):
        for two in members[place + 1 : place + 1 + WINDOW]:
            yield one, two


def _worth_comparing(one: Features, two: Features) -> bool:
    if one.title.compact[:_LONG_START] == two.title.compact[:_LONG_START]:
        return True
    if fuzz.ratio(one.title.compact, two.title.compact, score_cutoff=_MIN_RATIO) > 0:
        return True
    return bool(one.title.core and two.title.core) and (
        fuzz.ratio(one.title.core, two.title.core, score_cutoff=_MIN_RATIO) > 0
    )


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


_CHECKED = 6
"""Members of each group that are compared with the other's before two groups are joined."""
_UNLIKE = 3.0
"""Points below which two records of one group would be a contradiction."""
_OTHER_WORDS = frozenset({"alike", "within"})
_OTHER_PLACE = frozenset({"different volumes", "different pages", "one is a conference abstract"})


class Clusters:
    """Disjoint sets of records that refuse to join what contradicts itself."""

    def __init__(self, features: Sequence[Features]) -> None:
        self._features = features
        self._parent = list(range(len(features)))
        self._members: dict[int, list[int]] = {}
        self._links: dict[int, list[tuple[float, str]]] = {}

    def find(self, position: int) -> int:
        """The record that stands for the set of ``position``."""
        parent = self._parent
        while parent[position] != position:
            parent[position] = parent[parent[position]]
            position = parent[position]
        return position

    def members(self, position: int) -> list[int]:
        """Every record in the set of ``position``."""
        root = self.find(position)
        return self._members.get(root, [root])

    def start(self, positions: list[int], points: float, reason: str) -> None:
        """Make one set of records that are in none yet."""
        leader = positions[0]
        for position in positions:
            self._parent[position] = leader
        self._members[leader] = positions
        self._links[leader] = [(points, reason)]

    def join(self, one: int, two: int, points: float, reason: str) -> str:
        """Join two sets for the reason given. Returns why not, or an empty text when joined."""
        first, second = self.find(one), self.find(two)
        if first == second:
            self._links[first].append((points, reason))
            return ""
        problem = self._contradiction(self.members(first), self.members(second))
        if problem:
            return problem
        self._parent[second] = first
        self._members[first] = self.members(first) + self._members.pop(second, [second])
        self._links.setdefault(first, []).append((points, reason))
        self._links[first] += self._links.pop(second, [])
        return ""

    def links(self, position: int) -> list[tuple[float, str]]:
        """Points and reason of each link within the set of ``position``."""
        return self._links.get(self.find(position), [])

    def groups(self) -> list[list[int]]:
        """The sets of two records and more, each sorted, in the order of their first record."""
        return sorted(sorted(members) for members in self._members.values())

    def _contradiction(self, mine: list[int], yours: list[int]) -> str:
        features = self._features
        for name, words in (("doi", "DOIs"), ("registry", "registry ids")):
            found = {getattr(features[item], name) for item in (*mine, *yours)} - {""}
            if len(found) > 1:
                return f"would join different {words}"
        if len(mine) == len(yours) == 1:
            return ""
        for one in mine[:_CHECKED]:
            for two in yours[:_CHECKED]:
                found_pair = compare(features[one], features[two])
                if _unlike(features[one], features[two], found_pair):
                    return f"a record of the same group says otherwise ({found_pair.reason})"
        return ""


def _unlike(one: Features, two: Features, found: Comparison) -> bool:
    if one.doi and one.doi == two.doi:
        return False
    if found.points < _UNLIKE or relation_of(one, two, found):
        return True
    if found.title in _OTHER_WORDS and found.points < MERGE:
        return True  # a title that was cut off, or a record without pages, would join them
    # A paper and its abstract at a meeting: a record that lacks the journal would join them.
    elsewhere = "different journals" in found.differ and not found.same_place
    return elsewhere and not _OTHER_PLACE.isdisjoint(found.differ) and found.points < MERGE
