"""Finding studies by words and by what they are, with how many each further choice would leave."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ipt_evidence.analyses.studies.search import StudyIndex, parse_query
from ipt_evidence.analyses.studies.summary import result_level
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase, study_records
from ipt_evidence.evidence.facets import facets

__all__ = ["Catalogue", "Found", "StudyFilter", "catalogue"]


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """What a reader looks for; an empty field restricts nothing.

    ``text`` is read by `search.parse_query`. ``facets`` holds the levels chosen in each facet: a
    study fits a facet when it has one of them. ``usable`` keeps studies with an effect that may be
    pooled.
    """

    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    usable: bool = False


@dataclass(frozen=True)
class Found:
    """Studies that fit, newest first, and what a further choice would find.

    ``studies`` has the columns of the base with ``n_effects`` and ``n_usable``. ``where`` names
    for each study the fields in which words were found, empty without words. ``counts`` gives for
    each facet and level the studies that fit everything but the choice in that facet.
    """

    studies: pd.DataFrame
    where: Mapping[str, tuple[str, ...]]
    counts: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Catalogue:
    """The studies of one base, ready to be searched again and again."""

    studies: pd.DataFrame
    index: StudyIndex
    levels: Mapping[str, Mapping[str, frozenset[str]]]  # facet -> study -> its levels

    @classmethod
    def of(cls, base: EvidenceBase) -> Catalogue:
        """Prepare a base: newest studies first, texts folded, levels gathered."""
        usable = base.effects.groupby("study_id")["include"]
        studies = base.studies.assign(
            n_effects=base.studies["study_id"].map(usable.size()).fillna(0).astype(int),
            n_usable=base.studies["study_id"].map(usable.sum()).fillna(0).astype(int),
        ).sort_values(["year", "label"], ascending=[False, True], kind="stable")
        return cls(studies.reset_index(drop=True), StudyIndex.of(base), _levels(base))

    def find(self, wanted: StudyFilter) -> Found:
        """Studies that fit ``wanted``."""
        query = parse_query(wanted.text)
        where: dict[str, tuple[str, ...]] = {} if query.empty else self.index.find(query)
        fits: dict[str, bool] = {}  # study -> it fits the words and the switch
        for study, usable in zip(self.studies["study_id"], self.studies["n_usable"], strict=True):
            fits[study] = (query.empty or study in where) and (not wanted.usable or usable > 0)
        refused = {study: self._refused(study, wanted) for study, fit in fits.items() if fit}
        keep = [refused.get(study) == () for study in self.studies["study_id"]]
        return Found(
            studies=self.studies.loc[keep].reset_index(drop=True),
            where=where,
            counts={facet.id: self._counted(facet.id, refused) for facet in facets("listed")},
        )

    def _refused(self, study: str, wanted: StudyFilter) -> tuple[str, ...]:
        """Facets whose choice a study does not fit."""
        return tuple(
            facet
            for facet, chosen in wanted.facets.items()
            if chosen and not self.levels[facet].get(study, frozenset()) & set(chosen)
        )

    def _counted(self, facet: str, refused: Mapping[str, tuple[str, ...]]) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for study, unfit in refused.items():
            if unfit in ((), (facet,)):
                counts.update(self.levels[facet].get(study, ()))
        return counts


@cached
def catalogue(base: EvidenceBase) -> Catalogue:
    """The catalogue of a base, made once."""
    return Catalogue.of(base)


def _levels(base: EvidenceBase) -> dict[str, dict[str, frozenset[str]]]:
    top = set(base.taxonomy.top_level)
    records = [
        {
            **study,
            "narrower": [one for one in study["conditions_all"] if one not in top],
            "result": result_level(base, study["study_id"]),
        }
        for study in study_records(base)
    ]
    return {
        facet.id: {
            study["study_id"]: frozenset(level for level in facet.read(study) if pd.notna(level))
            for study in records
        }
        for facet in facets("listed")
    }
