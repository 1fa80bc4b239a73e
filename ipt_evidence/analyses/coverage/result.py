"""What the studies have in common and what not: when, where, whom, how, with what, how long.

A facet is one such question. Each study has a level in it, sometimes several, or none: what nobody
reports is a row of its own, so that the rows of a facet always account for every study.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.continents import continent
from ipt_evidence.evidence.schema import (
    AGE_GROUPS,
    COMPARATOR_TYPES,
    DESIGNS,
    FORMATS,
    RATERS,
    ROB_LEVELS,
    VARIANTS,
)

__all__ = [
    "FACETS",
    "NO_COMPARISON",
    "OTHERS",
    "RANDOMISED",
    "Facet",
    "growth",
    "people_randomised",
    "profile",
    "studies_of",
    "whole_profile",
]

YEARS = 5  # years in one bar
SESSION_BANDS = ((8, "up_to_8"), (12, "9_to_12"), (16, "13_to_16"), (float("inf"), "over_16"))
FOLD_ABOVE = 25  # levels; more bars than this are no longer read but scrolled past
RANDOMISED = ("rct", "cluster_rct")
NO_COMPARISON = "no_comparison_arm"
OTHERS = "others"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facet:
    """One question about the studies.

    ``levels`` in their order, also those that no study has; empty when the levels are whatever the
    base holds, most studies first. ``several`` where a study may have more than one level.
    """

    id: str
    read: Callable[[Row], Iterable[Any]]
    levels: tuple[str, ...] = ()
    several: bool = False


def _one(column: str) -> Callable[[Row], Iterable[Any]]:
    return lambda study: (study[column],)


def _period(study: Row) -> Iterable[Any]:
    if pd.isna(study["year"]):
        return ()
    first = int(study["year"]) // YEARS * YEARS
    return (f"{first}-{first + YEARS - 1}",)


def _continent(study: Row) -> Iterable[Any]:
    return () if pd.isna(study["country"]) else (continent(study["country"]),)


def _women(study: Row) -> Iterable[Any]:
    share = study["percent_women"]
    if pd.isna(share):
        return ()
    if share >= 100:
        return ("only_women",)
    if share >= 50:
        return ("half_or_more_women",)
    return ("fewer_women",) if share > 0 else ("only_men",)


def _sessions(study: Row) -> Iterable[Any]:
    number = study["n_sessions"]
    if pd.isna(number):
        return ()
    # averages of sessions received have decimals
    return (next(band for limit, band in SESSION_BANDS if round(number) <= limit),)


def _later(study: Row) -> Iterable[Any]:
    times = study["time"]
    if "follow_up" in times:
        return ("follow_up",)
    return ("post",) if times else ()


def _compared(study: Row) -> Iterable[Any]:
    return study["comparator_type"] or (() if study["comparisons"] else (NO_COMPARISON,))


FACETS = {
    facet.id: facet
    for facet in (
        Facet("year", _period),
        Facet("country", _one("country")),
        Facet("continent", _continent),
        Facet("condition", lambda study: study["top_conditions"], several=True),
        Facet("age_group", _one("age_group"), AGE_GROUPS),
        Facet("women", _women, ("only_women", "half_or_more_women", "fewer_women", "only_men")),
        Facet("format", _one("format"), FORMATS),
        Facet("ipt_variant", _one("ipt_variant"), VARIANTS),
        Facet("comparator_type", _compared, (*COMPARATOR_TYPES, NO_COMPARISON), several=True),
        Facet("instrument", lambda study: study["instrument"], several=True),
        Facet("rater", lambda study: study["rater"], RATERS, several=True),
        Facet("sessions", _sessions, tuple(band for _, band in SESSION_BANDS)),
        Facet("follow_up", _later, ("follow_up", "post")),
        Facet("design", _one("design"), DESIGNS),
        Facet("rob", _one("rob"), ROB_LEVELS),
    )
}
_OF_EFFECTS = ("comparator_type", "instrument", "rater", "time")


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
        Id of the facet, one of `FACETS`.
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
    if facet not in FACETS:
        raise QuestionError(f"No facet {facet!r}. There are {', '.join(FACETS)}")
    return _profile(FACETS[facet], _described(base, tuple(conditions)), fold)


def _profile(facet: Facet, studies: list[Row], fold: bool) -> pd.DataFrame:
    members = _members(studies, facet)
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


def _described(base: EvidenceBase, conditions: tuple[str, ...]) -> list[Row]:
    """Studies as records, with what their effects say and their top-level conditions."""
    told: dict[str, dict[str, list[Any]]] = {column: {} for column in _OF_EFFECTS}
    for column, by_study in told.items():
        known = base.effects[["study_id", column]].dropna().drop_duplicates()
        for study_id, value in known.itertuples(index=False, name=None):
            by_study.setdefault(study_id, []).append(value)
    tops = _tops(base, conditions)
    return [
        {
            **{str(name): value for name, value in study.items()},
            **{column: told[column].get(study["study_id"], []) for column in _OF_EFFECTS},
            "top_conditions": [tag for tag in study["conditions_all"] if tag in tops],
        }
        for study in studies_of(base, conditions).to_dict("records")
    ]


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
        return [f"{year}-{year + YEARS - 1}" for year in range(first, last + 1, YEARS)]
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
    studies = _described(base, tuple(conditions))
    parts = [_profile(facet, studies, fold=False) for facet in FACETS.values()]
    return pd.concat(parts, ignore_index=True)


def growth(base: EvidenceBase, conditions: Iterable[str] = ()) -> pd.DataFrame:
    """Randomised trials with year, top-level condition and n, as a timeline takes them.

    A trial of two conditions has two rows. n is the number randomised.
    """
    named = tuple(conditions)
    trials = studies_of(base, named)
    trials = trials.loc[trials["design"].isin(RANDOMISED)]
    tops = _tops(base, named)
    rows = pd.DataFrame(
        {
            "study_id": trials["study_id"],
            "year": trials["year"],
            "n": trials["n_randomised"],
            "condition": [
                [tag for tag in tags if tag in tops] for tags in trials["conditions_all"]
            ],
        }
    )
    return rows.explode("condition", ignore_index=True).dropna(subset=["condition"])
