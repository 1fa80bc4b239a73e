"""What de-duplication gives: groups, doubtful pairs, relations, and the merged table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from ipt_evidence.citations.deduplication.merging import unique_records
from ipt_evidence.errors import CitationError

__all__ = ["Deduplication", "DoubtfulPair", "DuplicateGroup", "Relation"]


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Records of one publication: their row positions, ascending, at least two.

    ``score`` (0 to 1) and ``reason`` are those of the weakest link that holds the group together.
    """

    rows: tuple[int, ...]
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class DoubtfulPair:
    """Two records that a person should look at: row positions, score (0 to 1), reason."""

    rows: tuple[int, int]
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Two records that belong together and are not the same; ``kind`` as `RELATION_KINDS`."""

    rows: tuple[int, int]
    kind: str
    reason: str


@dataclass(frozen=True)
class Deduplication:
    """Duplicates found in a table of citations. Nothing is lost: ``citations`` is the input.

    Attributes
    ----------
    citations : DataFrame
        The table that was searched, unchanged; rows are meant by position.
    groups : tuple of DuplicateGroup
        What was merged, in the order of the first record of each.
    review : tuple of DoubtfulPair
        Pairs that were not merged and are likely enough to be shown, the likeliest first.
    relations : tuple of Relation
        Pairs that are never merged: parts, errata, preprints, protocols, replies.
    """

    citations: pd.DataFrame
    groups: tuple[DuplicateGroup, ...]
    review: tuple[DoubtfulPair, ...]
    relations: tuple[Relation, ...]

    @cached_property
    def unique(self) -> pd.DataFrame:
        """One row a publication, with columns ``sources`` and ``rows`` after those of the input."""
        return unique_records(self.citations, [group.rows for group in self.groups])

    @property
    def merged(self) -> int:
        """How many records went into others."""
        return sum(len(group.rows) - 1 for group in self.groups)

    def undo(self, group: int) -> Deduplication:
        """The same result without the merge of ``groups[group]``, which becomes single records.

        Raises CitationError when there is no such group.
        """
        return self.split(group, self._group(group).rows)

    def split(self, group: int, rows: Iterable[int]) -> Deduplication:
        """The same result with ``rows`` taken out of ``groups[group]`` as single records.

        Raises CitationError when the group does not exist or does not hold all of ``rows``.
        """
        old = self._group(group)
        out = set(rows)
        if not out <= set(old.rows):
            strange = ", ".join(map(str, sorted(out - set(old.rows))))
            raise CitationError(f"group {group} holds the rows {old.rows}, not {strange}.")
        kept = tuple(row for row in old.rows if row not in out)
        groups = list(self.groups)
        groups[group : group + 1] = [replace(old, rows=kept)] if len(kept) > 1 else []
        return replace(self, groups=tuple(groups))

    def join(self, rows: Iterable[int], reason: str = "merged by hand") -> Deduplication:
        """The same result with ``rows``, and the groups that they are in, merged into one.

        This is a person's decision: it may join what is never joined automatically. Raises
        CitationError when a row does not exist or fewer than two are named.
        """
        wanted = set(rows)
        if len(wanted) < 2 or not wanted <= set(range(len(self.citations))):
            raise CitationError(
                f"name two or more rows from 0 to {len(self.citations) - 1} to merge them."
            )
        touched = [group for group in self.groups if wanted & set(group.rows)]
        everything = wanted.union(*(group.rows for group in touched))
        joined = DuplicateGroup(tuple(sorted(everything)), 1.0, reason)
        groups = [group for group in self.groups if group not in touched] + [joined]
        return replace(
            self,
            groups=tuple(sorted(groups, key=lambda group: group.rows)),
            review=tuple(pair for pair in self.review if not set(pair.rows) <= everything),
        )

    def _group(self, number: int) -> DuplicateGroup:
        if not 0 <= number < len(self.groups):
            raise CitationError(
                f"there is no group {number}; {len(self.groups)} groups were merged, from 0."
            )
        return self.groups[number]
