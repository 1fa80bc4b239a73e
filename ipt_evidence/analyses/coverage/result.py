"""What the studies have in common and what not: when, where, whom, how, with what, how long.

A facet is one such question. Each study has a level in it, sometimes several, or none: what nobody
reports is a row of its own, so that the rows of a facet always account for every study.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase, study_records
from ipt_evidence.evidence.facets import FACETS, YEARS, Facet, facets, years
from ipt_evidence.evidence.schema import RANDOMISED

__all__ = ["OTHERS", "growth", "people_randomised", "profile", "studies_of", "whole_profile"]

FOLD_ABOVE = 25  # levels; more bars than this are no longer read but scrolled past
OTHERS = "others"

Row = dict[str, Any]


def studies_of(base: EvidenceBase, conditions: Iterable[str] = ()) -> pd.DataFrame:
    """Studies with one of these conditions or of their children; all studies when none is named."""
    wanted = set(conditions)
    if not wanted:
        return base.studies
    return base.studies.loc[[bool(wanted & set(tags)) for tags in base.studies["conditions_all"]]]


def people_randomised(studies: Iterable[Row]) -> tuple[int | None, int]:
    """People randomised in ``studies`` (records), and in how many of them that number is known.

    Where two studies share people, the larger number counts and the smaller is left out. None when
    there are studies but no number.
    """
    rows = list(studies)
    known = [study for study in rows if not pd.isna(study["n_randomised"])]
    if not known:
        return (None if rows else 0), 0
    counted: set[str] = set()
    total = 0
    for study in sorted(known, key=lambda row: -int(row["n_randomised"])):
        if not counted & set(study["overlaps_with"]):
            counted.add(study["study_id"])
            total += int(study["n_randomised"])
    return total, len(known)


def profile(
    base: EvidenceBase, facet: str, conditions: Iterable[str] = (), *, fold: bool = False
) -> pd.DataFrame:
    """Count studies and people at each level of one facet.

    Parameters
    ----------
    base
        The evidence base.
    facet
        Id of a facet that Coverage shows.
    conditions
        Only studies with one of these conditions; all when empty.
    fold
        Gather levels of a single study in one row `OTHERS` where there are too many to draw.

    Returns
    -------
    pd.DataFrame
        One row a level: facet, level (missing in the last row, which counts the studies for which
        nothing is reported), levels (how many the row stands for), studies, people (randomised, all
        arms; missing when it is known of no study), people_known (studies whose number is known)
        and general_knowledge (studies whose country no source was seen to name; missing in facets
        that have no such basis). Rows of facets with several levels a study add up to more than the
        studies.

    Raises
    ------
    QuestionError
        When there is no such facet.
    """
    shown = {one.id for one in facets("chart")}
    if facet not in shown:
        raise QuestionError(f"No facet {facet!r}. There are {', '.join(sorted(shown))}")
    return _profile(FACETS[facet], *_asked(base, tuple(conditions)), fold)


def _profile(facet: Facet, studies: list[Row], tops: list[str], fold: bool) -> pd.DataFrame:
    members = _members(studies, facet)
    if facet.id == "condition":  # narrower conditions would count a study twice
        members = {name: ids for name, ids in members.items() if name in tops}
    names = _ordered(members, facet)
    rare = [name for name in names if len(members.get(name, ())) == 1]
    folded = fold and len(names) > FOLD_ABOVE and len(rare) > 1
    rows: list[tuple[str | None, int, set[str]]] = [
        (name, 1, members.get(name, set())) for name in names if not (folded and name in rare)
    ]
    if folded:
        rows.append((OTHERS, len(rare), set().union(*(members[name] for name in rare))))
    everybody = {str(study["study_id"]) for study in studies}
    rows.append((None, 1, everybody.difference(*members.values())))
    return _counted(facet, studies, rows)


def _asked(base: EvidenceBase, conditions: tuple[str, ...]) -> tuple[list[Row], list[str]]:
    """Records of the studies with one of these conditions, and the conditions above them."""
    wanted = set(conditions)
    records = study_records(base)
    studies = [row for row in records if not wanted or wanted & set(row["conditions_all"])]
    return studies, _tops(base, conditions)


def _tops(base: EvidenceBase, conditions: Iterable[str]) -> list[str]:
    """Top-level conditions of ``conditions``, in the order of the taxonomy; all when none named."""
    wanted = set(base.taxonomy.with_parents(conditions))
    return [top for top in base.taxonomy.top_level if top in wanted or not wanted]


def _members(studies: list[Row], facet: Facet) -> dict[str, set[str]]:
    """Studies at each level that occurs."""
    members: dict[str, set[str]] = {}
    for study in studies:
        for level in facet.read(study):
            if level is not None and not pd.isna(level):
                members.setdefault(str(level), set()).add(study["study_id"])
    return members


def _ordered(members: dict[str, set[str]], facet: Facet) -> list[str]:
    if facet.levels:
        return [*facet.levels, *sorted(set(members) - set(facet.levels))]
    if facet.id == "year" and members:
        first, last = (int(name[:4]) for name in (min(members), max(members)))
        return [years(year) for year in range(first, last + 1, YEARS)]
    return sorted(members, key=lambda name: (-len(members[name]), name))


def _counted(
    facet: Facet, studies: list[Row], rows: list[tuple[str | None, int, set[str]]]
) -> pd.DataFrame:
    records = []
    for level, levels, ids in rows:
        own = [study for study in studies if study["study_id"] in ids]
        people, known = people_randomised(own)
        guessed: Any = pd.NA
        if facet.id in ("country", "continent") and level is not None:
            guessed = sum(study["country_basis"] != "seen" for study in own)
        records.append((facet.id, level, levels, len(own), people, known, guessed))
    columns = "facet level levels studies people people_known general_knowledge".split()
    types = {"people": "Int64", "general_knowledge": "Int64"}
    return pd.DataFrame(records, columns=columns).astype(types)


def whole_profile(base: EvidenceBase, conditions: Iterable[str] = ()) -> pd.DataFrame:
    """Every facet, one below the other; columns as `profile` gives them."""
    studies, tops = _asked(base, tuple(conditions))
    parts = [_profile(facet, studies, tops, fold=False) for facet in facets("chart")]
    return pd.concat(parts, ignore_index=True)


def growth(base: EvidenceBase, conditions: Iterable[str] = ()) -> pd.DataFrame:
    """Randomised trials with year and top-level condition, as a timeline takes them.

    A trial of two conditions has two rows.
    """
    named = tuple(conditions)
    trials = studies_of(base, named)
    trials = trials.loc[trials["design"].isin(RANDOMISED)]
    tops = _tops(base, named)
    rows = pd.DataFrame(
        {
            "study_id": trials["study_id"],
            "year": trials["year"],
            "condition": [
                [tag for tag in tags if tag in tops] for tags in trials["conditions_all"]
            ],
        }
    )
    return rows.explode("condition", ignore_index=True).dropna(subset=["condition"])
