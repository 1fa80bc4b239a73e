"""Who cites whom: co-citation and shared references, as lists with their reasons.

Two measures, both counted and none learned: a work that many of our papers cite (they build on
it), and a work that cites many of our papers (it reviews or continues them).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

__all__ = ["Suggestion", "linked_reports", "suggestions"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A work that is not ours, with our papers that cite it and that it cites, by key."""

    id: str
    cited_by: tuple[str, ...]
    cites: tuple[str, ...]

    @property
    def score(self) -> int:
        """How many of our papers it is tied to; a paper that counts both ways counts twice."""
        return len(self.cited_by) + len(self.cites)


def suggestions(
    references: Mapping[str, Collection[str]],
    citing: Mapping[str, Collection[str]],
    ours: Mapping[str, str],
    *,
    at_least: int = 2,
    most: int = 20,
) -> list[Suggestion]:
    """Works outside the base that are tied to at least ``at_least`` of its papers.

    Parameters
    ----------
    references : mapping
        Our key → identifiers of works that it cites.
    citing : mapping
        Identifier of a work outside → identifiers that it cites.
    ours : mapping
        Our key → identifier; these are never suggested.
    """
    own = set(ours.values())
    cited_by: dict[str, list[str]] = {}
    for key in sorted(references):
        for name in dict.fromkeys(references[key]):
            if name not in own:
                cited_by.setdefault(name, []).append(key)
    keys = {name: key for key, name in sorted(ours.items(), reverse=True)}
    cites = {
        name: tuple(sorted({keys[one] for one in cited if one in keys}))
        for name, cited in citing.items()
        if name not in own
    }
    found = [
        Suggestion(name, tuple(cited_by.get(name, ())), cites.get(name, ()))
        for name in {*cited_by, *cites}
    ]
    tied = [one for one in found if one.score >= at_least]
    return sorted(tied, key=lambda one: (-one.score, one.id))[:most]


def linked_reports(records: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Registry identifier → keys of the records that name it, where there are several.

    ``records`` maps keys to registry identifiers; such records report one trial.
    """
    found: dict[str, list[str]] = {}
    for key, names in records.items():
        for name in names:
            found.setdefault(name, []).append(key)
    return {name: tuple(keys) for name, keys in sorted(found.items()) if len(keys) > 1}
