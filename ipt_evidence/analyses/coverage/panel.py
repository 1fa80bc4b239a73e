"""The words, bars and tables of the Coverage page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ipt_evidence.analyses.coverage.result import (
    OTHERS,
    growth,
    people_randomised,
    profile,
    studies_of,
    whole_profile,
)
from ipt_evidence.analyses.gaps.panel import NEED_WORDS
from ipt_evidence.analyses.gaps.result import Gap, Need
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.facets import FACETS, Chart, facets
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import counted, listed, lower_first, numbered, upper_first

__all__ = [
    "COUNTS",
    "GROUPS",
    "MOST_LINKS",
    "NO_GAP",
    "QUESTIONS_LEAD",
    "SEE_STUDIES",
    "TIMELINE_LEAD",
    "TITLE",
    "bar_notes",
    "bar_rows",
    "export_profile",
    "in_group",
    "lead",
    "need_label",
    "open_condition",
    "profile_table",
    "show_all",
    "text_alternative",
    "timeline_alternative",
    "timeline_table",
]

GROUPS = {
    "when": "When",
    "where": "Where",
    "who": "Who",
    "how": "How",
    "against": "Against what",
    "instrument": "Measured with",
    "long": "How long",
    "sound": "How sound",
}
"""Groups of facets by id, with their labels."""
# Bars of length 0 tell of a gap, but not for the levels that gather what fits nowhere else.
REST = ("mixed", "mixed_control", "other", "unclear")
HOW_TO_READ_BARS = (
    "Each bar counts the studies, or the people in them, that share what its label says. A hatched "
    "bar counts studies that do not report it: unknown is not the same as none.\n\n"
    "- A long bar shows where research was done, not where IPT works best.\n"
    "- A study can stand in several bars, so they need not add up to the total.\n"
    "- The table has every number, and how many studies stand behind it."
)
HOW_TO_READ_TIMELINE = (
    "Each line climbs by one step for each randomised trial of that condition, in the year in "
    "which it was published. Steep is busy, flat is quiet.\n\n"
    "- A flat end can mean that nobody studies it now, or that newer trials were not searched for: "
    "Methods & data gives the date of the last search of each source.\n"
    "- Lines count trials, not how well IPT worked in them."
)

TITLE = "What was studied, and what nobody has answered"
COUNTS = {"studies": "Studies", "people": "People"}
TIMELINE_LEAD = (
    "Randomised trials, added up from year to year. A trial of two conditions counts in both lines."
)
QUESTIONS_LEAD = (
    "Each card is a question that the studies here leave open, found by the same rules in every "
    "corner of the map. Choose what it would take to answer it."
)
SEE_STUDIES = "See all these studies"
MOST_LINKS = 8  # levels of a facet that lead to their studies
NO_GAP = "None of our rules finds an open question of this kind here."
GENERAL_KNOWLEDGE = (
    "Full colour: a source that we saw names the country. Pale: we know it, but no source seen "
    "names it."
)
SEVERAL = "A study can stand in several bars."
PARTLY = "In brackets: in how many of the studies the number of people is known."


MOST = 3  # levels that the sentence names


@cached
def lead(base: EvidenceBase, conditions: tuple[str, ...] = ()) -> str:
    """How many studies and people stand behind this page, from when to when and from how far."""
    studies = studies_of(base, conditions)
    about = ""
    if conditions:
        names = [lower_first(base.taxonomy.condition(c).label) for c in conditions]
        about = f" of {listed(names)}"
    if studies.empty:
        return f"**No study{about}** is in the base."
    number = len(studies)
    words = [f"**{numbered(number, 'study')}{about}**"]
    years = studies["year"].dropna()
    if len(years):
        first, last = int(years.min()), int(years.max())
        words.append(f"from {first}" if first == last else f"from {first} to {last}")
    countries = studies["country"].dropna().nunique()
    if countries:
        words.append(f"in {counted(countries, 'country')}")
    people, known = people_randomised(tables.records(studies))
    if people is None:
        return f"{', '.join(words)}. How many people took part is not reported."
    where = "" if known == number else f" in the {tables.count(known)} that report it"
    return f"{', '.join(words)}. **{tables.count(people)} people** were randomised{where}."


def in_group(group: str) -> dict[str, str]:
    """The facets of a group of `GROUPS`, by id, with their labels."""
    return {one.id: one.label for one in facets("chart") if one.chart and one.chart.group == group}


def _chart(facet: str) -> Chart:
    chart = FACETS[facet].chart
    if chart is None:
        raise KeyError(facet)
    return chart


def _level(base: EvidenceBase, facet: str, level: object, levels: int = 1) -> str:
    """Name a level as readers know it; the unknown by what it means in this facet."""
    if tables.is_missing(level):
        return _chart(facet).unknown
    if level == OTHERS:
        return f"{tables.count(levels)} others, each in one study"
    return FACETS[facet].label_of(str(level), base)


def _people(row: dict[str, Any]) -> str:
    """Write people, with how far the number is known where that is not everywhere."""
    shown = tables.count(row["people"])
    if tables.is_missing(row["people"]) or row["people_known"] == row["studies"]:
        return shown
    return f"{shown} ({row['people_known']} of {row['studies']})"


def _by_people(row: dict[str, Any]) -> tuple[int, int]:
    """Most people first, then where nobody knows, then the rest and what is not reported."""
    if tables.is_missing(row["level"]):
        return 3, 0
    if row["level"] == OTHERS:
        return 2, 0
    return (1, 0) if tables.is_missing(row["people"]) else (0, -int(row["people"]))


def bar_rows(
    base: EvidenceBase, facet: str, conditions: Sequence[str] = (), count: str = "studies"
) -> pd.DataFrame:
    """Bars of one facet, as `figure.horizontal_bars` takes them; ``count`` is in `COUNTS`."""
    rows = []
    levels = tables.records(profile(base, facet, conditions, fold=True))
    if count == "people" and not FACETS[facet].levels and facet != "year":
        levels.sort(key=_by_people)
    for row in levels:
        unknown = tables.is_missing(row["level"])
        if not row["studies"] and (unknown or row["level"] in REST):
            continue
        label = _level(base, facet, row["level"], row["levels"])
        studies = numbered(row["studies"], "study")
        rows.append(
            {
                "label": label,
                "value": row[count],
                "end": _people(row) if count == "people" else tables.count(row["studies"]),
                "pale": row["general_knowledge"] if count == "studies" else pd.NA,
                "unknown": unknown,
                "hover": f"{label}: {studies}, people {_people(row)}",
                "condition": row["level"] if facet == "condition" and not unknown else "",
            }
        )
    return pd.DataFrame(rows, columns="label value end pale unknown hover condition".split())


def level_links(
    base: EvidenceBase, facet: str, conditions: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """The most frequent levels that the Studies page can show: words for a link, and the level."""
    if not FACETS[facet].listed or facet in ("condition", "year"):
        return []
    levels = [row for row in tables.records(profile(base, facet, conditions)) if row["studies"]]
    known = [row for row in levels if not tables.is_missing(row["level"])]
    known.sort(key=lambda row: -row["studies"])
    return [
        (
            f"{_level(base, facet, row['level'])}: {numbered(row['studies'], 'study')}",
            str(row["level"]),
        )
        for row in known[:MOST_LINKS]
    ]


def bar_notes(rows: pd.DataFrame, facet: str, count: str = "studies") -> tuple[str, ...]:
    """What a reader must know to read the bars."""
    notes = []
    if rows["pale"].fillna(0).gt(0).any():
        notes.append(GENERAL_KNOWLEDGE)
    if FACETS[facet].several:
        notes.append(SEVERAL)
    if count == "people" and rows["end"].str.contains("(", regex=False).any():
        notes.append(PARTLY)
    return tuple(notes)


def text_alternative(
    base: EvidenceBase, facet: str, conditions: Sequence[str] = (), count: str = "studies"
) -> str:
    """Say in words what the bars show: the most frequent levels, what is absent, what is unknown.

    Shares are of the studies for which the facet is known; people are added where bars show them.
    """
    rows = tables.records(profile(base, facet, conditions))
    total = len(studies_of(base, conditions))
    unknown, levels = rows[-1], rows[:-1]
    known = total - unknown["studies"]
    if not total:
        return "No study to count."
    if not known:
        return f"{_chart(facet).unknown}, for all {tables.count(total)} studies."
    found = sorted((row for row in levels if row["studies"]), key=lambda row: -row["studies"])
    names = []
    for place, row in enumerate(found[:MOST]):
        share = f" of {tables.count(known)} ({tables.percent(100 * row['studies'] / known)})"
        number = tables.count(row["studies"])
        names.append(
            f"{_level(base, facet, row['level'])} in {number}{share if place == 0 else ''}"
        )
    words = f"{_chart(facet).most}: {listed(names)}."
    absent = [
        _level(base, facet, row["level"])
        for row in levels
        if not row["studies"] and row["level"] not in REST
    ]
    if absent:
        words += f" None recorded: {', '.join(lower_first(name) for name in absent)}."
    words += _unknown(facet, unknown["studies"], total)
    guessed = sum(row["general_knowledge"] for row in levels if facet in ("country", "continent"))
    if guessed:
        words += (
            f" For {tables.count(guessed)} of the {tables.count(known)} no source that we saw "
            "names the country: it is general knowledge."
        )
    if count == "people":
        words += _most_people(base, facet, found)
    return words


def _most_people(base: EvidenceBase, facet: str, found: list[dict[str, Any]]) -> str:
    known = [row for row in found if not tables.is_missing(row["people"])]
    known.sort(key=lambda row: -row["people"])
    names = [f"{_level(base, facet, row['level'])} {_people(row)}" for row in known[:MOST]]
    return f" Most people: {listed(names)}." if names else " People: not reported."


def _unknown(facet: str, number: int, total: int) -> str:
    if not number:
        return ""
    return f" {_chart(facet).unknown}: {tables.count(number)} of {tables.count(total)} studies."


def profile_table(base: EvidenceBase, facet: str, conditions: Sequence[str] = ()) -> pd.DataFrame:
    """One facet as a table of text, every level in a row of its own."""
    rows = tables.records(profile(base, facet, conditions))
    table = {
        FACETS[facet].label: [_level(base, facet, row["level"]) for row in rows],
        "Studies": [tables.count(row["studies"]) for row in rows],
        "People": [tables.count(row["people"]) for row in rows],
        "Number of people known in": [
            f"{row['people_known']} of {row['studies']}" if row["studies"] else "" for row in rows
        ],
    }
    if facet in ("country", "continent"):
        table["Country not seen in a source"] = [
            "" if tables.is_missing(row["general_knowledge"]) else str(row["general_knowledge"])
            for row in rows
        ]
    return pd.DataFrame(table, dtype="object")


@cached
def panel(
    base: EvidenceBase, facet: str, conditions: tuple[str, ...] = (), count: str = "studies"
) -> Panel:
    """What one facet shows; ``count`` is in `COUNTS`."""
    said = text_alternative(base, facet, conditions, count)
    return Panel(
        (said,),
        profile_table(base, facet, conditions),
        text_alternative=said,
        how_to_read=HOW_TO_READ_BARS,
    )


@cached
def growth_panel(base: EvidenceBase, conditions: tuple[str, ...] = ()) -> Panel:
    """How the number of randomised trials grew."""
    said = timeline_alternative(base, conditions)
    return Panel(
        (said,),
        timeline_table(base, growth(base, conditions)),
        text_alternative=said,
        how_to_read=HOW_TO_READ_TIMELINE,
    )


@cached
def export_profile(base: EvidenceBase, conditions: tuple[str, ...] = ()) -> pd.DataFrame:
    """Every facet with ids and labels, for a table file."""
    whole = whole_profile(base, conditions)
    pairs = zip(whole["facet"], whole["level"], strict=True)
    labels = [_level(base, facet, level) for facet, level in pairs]
    out = whole.drop(columns="levels")
    out.insert(2, "label", labels)
    return out


def timeline_alternative(base: EvidenceBase, conditions: Sequence[str] = ()) -> str:
    """Say where the lines end, and what has no line."""
    rows = growth(base, conditions)
    dated = rows.dropna(subset=["year"])
    studies = studies_of(base, conditions)
    if dated.empty:
        return "No randomised trial with a year."
    totals = dated["condition"].value_counts()
    names = [
        f"{lower_first(base.taxonomy.condition(str(name)).label)} {tables.count(number)}"
        for name, number in totals.items()
    ]
    words = f"Randomised trials up to {int(dated['year'].max())}: {', '.join(names)}."
    rest = len(studies) - dated["study_id"].nunique()
    if rest:
        words += (
            f" {upper_first(counted(rest, 'further study'))} {'is' if rest == 1 else 'are'} not "
            "clearly randomised, or without a year."
        )
    return words


def timeline_table(base: EvidenceBase, rows: pd.DataFrame) -> pd.DataFrame:
    """The lines in numbers: a row a year with a new trial, a column a condition, trials so far."""
    dated = rows.dropna(subset=["year"])
    if dated.empty:
        return pd.DataFrame({"Year": []})
    counts = dated.assign(year=dated["year"].astype(int)).groupby(["year", "condition"]).size()
    table = counts.unstack(fill_value=0).cumsum()
    known = [c.id for c in base.taxonomy.conditions if c.id in table.columns]
    table = table[known].rename(columns=lambda c: base.taxonomy.condition(str(c)).label)
    return table.rename_axis(index="Year", columns=None).reset_index()


def need_label(need: Need, gaps: Sequence[Gap]) -> str:
    """Name what it takes to close a gap, with how many gaps that is."""
    return f"{NEED_WORDS[need]} ({sum(gap.need == need for gap in gaps)})"


def show_all(number: int) -> str:
    """Label the switch that shows all cards."""
    return f"Show all {tables.count(number)} questions"


def open_condition(base: EvidenceBase, gap: Gap) -> str:
    """Label the link of a card: where its evidence is shown."""
    condition = base.taxonomy.condition(gap.condition).label
    return f"{condition}: {lower_first(base.taxonomy.comparison(gap.comparisons[0]).label)}"
