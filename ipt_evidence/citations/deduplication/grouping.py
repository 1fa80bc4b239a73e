"""Pairs → groups, none of which holds two DOIs or two records that must not be together."""

from __future__ import annotations

from collections.abc import Sequence

from ipt_evidence.citations.deduplication.features import Features
from ipt_evidence.citations.deduplication.relations import relation_of
from ipt_evidence.citations.deduplication.scoring import MERGE, Comparison, compare

__all__ = ["Clusters"]

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
