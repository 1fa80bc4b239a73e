"""What studies and their effects are sorted by: one registry of facets, each declared once.

A facet is one question about the trials: who took part, in which format, against what. Filters of a
page, options of the command line, parameters of the API, groups of trials, dimensions of the gap
map, charts of Coverage and choices of Studies all read this registry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.continents import continent, income
from ipt_evidence.evidence.schema import (
    AGE_GROUPS,
    COMPARATOR_TYPES,
    DESIGNS,
    FORMATS,
    LOW_TRUST,
    OBTAINED,
    OUTCOME_DOMAINS,
    RATERS,
    ROB_LEVELS,
    VARIANTS,
)
from ipt_evidence.evidence.time_points import BANDS

__all__ = [
    "FACETS",
    "FILTERS",
    "NO_COMPARISON",
    "RESULTS",
    "YEARS",
    "Chart",
    "Facet",
    "Filter",
    "facets",
    "years",
]

Row = dict[str, Any]

NO_COMPARISON = "no_comparison_arm"
YEARS = 5  # in one bar of Coverage
PERIODS = {
    "to_1989": "1989 or before",
    "1990s": "1990 to 1999",
    "2000s": "2000 to 2009",
    "2010s": "2010 to 2019",
    "from_2020": "2020 or later",
}
INCOMES = {"lmic": "Low- and middle-income countries", "high": "High-income countries"}
SESSION_BANDS = ((8, "up_to_8"), (12, "9_to_12"), (16, "13_to_16"), (float("inf"), "over_16"))
RESULTS = {
    "ipt": "Favours IPT",
    "unclear": "No clear difference",
    "comparison": "Favours the comparison",
    "none": "No number that can be pooled",
}
"""What a study found, by the interval of its main result."""
WHEN = (  # labels of `time_points.BANDS`, and of what lies after treatment nobody knows when
    "After treatment",
    "Up to 6 months later",
    "More than 6 months later",
    "Later, not said when",
)
SIZES = ((50.0, "up to 50"), (100.0, "51 to 100"), (float("inf"), "more than 100"))  # people


@dataclass(frozen=True, slots=True)
class Chart:
    """How Coverage shows a facet.

    Attributes
    ----------
    group
        The group of facets in which it stands, an id of `coverage.panel.GROUPS`.
    most
        Begins the sentence that names its most frequent levels.
    unknown
        What it means that a study has no level.
    """

    group: str
    most: str
    unknown: str = "Not reported"


@dataclass(frozen=True, slots=True)
class Filter:
    """How a facet restricts the effects that answer a question.

    Attributes
    ----------
    field
        The field of `selection.Question` that holds the levels chosen.
    label
        What readers see above the choice.
    left_out
        Why a row of another level is not used.
    anything
        What stands in the choice when nothing is chosen.
    """

    field: str
    label: str
    left_out: str
    anything: str = "Any"


@dataclass(frozen=True, slots=True)
class Facet:
    """One question about the studies.

    Attributes
    ----------
    id
        Its word in an address, as option of a command and as parameter of the API.
    label
        Its name for readers.
    levels
        Ids of its levels with their labels, in their order; empty where they are whatever the base
        holds.
    read
        The levels of a study, a record as `base.study_records` gives them.
    several
        A study may have more than one level.
    column
        Column of the effects, joined with their study, that holds the level of an effect.
    read_from
        Column of the studies from which a filter reads the level, where no column holds it.
    filter
        How it restricts a question; None where it does not.
    groups
        Trials of an estimate can be sorted by it.
    dimension
        It can be the columns of the gap map.
    listed
        The Studies page offers it.
    chart
        How Coverage shows it; None where it does not.
    """

    id: str
    label: str
    read: Callable[[Row], Iterable[Any]]
    levels: Mapping[str, str] = field(default_factory=dict)
    several: bool = False
    column: str = ""
    read_from: str = ""
    filter: Filter | None = None
    groups: bool = False
    dimension: bool = False
    listed: bool = False
    chart: Chart | None = None

    @property
    def choices(self) -> Mapping[str, str]:
        """The levels that a filter offers: those that an effect can have."""
        return {key: name for key, name in self.levels.items() if key != NO_COMPARISON}

    def keeps(self, rows: pd.DataFrame, levels: Collection[str]) -> pd.Series[bool]:
        """Which effects, joined with their study, are of one of these levels."""
        if self.id == "rob":  # an effect's own rating, else that of its study
            rated = rows["rob"].fillna(rows["rob_study"]).fillna("unclear")
            return rated.isin(levels)
        if self.read_from:
            wanted, values = set(levels), rows[self.read_from]
            keeps = {one: bool(wanted & {*self.read({self.read_from: one})}) for one in {*values}}
            return pd.Series([keeps[one] for one in values], rows.index, dtype=bool)
        return rows[self.column].isin(levels)

    def label_of(self, level: str, base: EvidenceBase) -> str:
        """The label of one level, which may come from the taxonomy or the instruments of a base."""
        if self.id in ("condition", "narrower"):
            return base.taxonomy.condition(level).label
        if self.id == "comparison":
            return base.taxonomy.comparison(level).label
        if self.id == "year":
            return level.replace("-", "–")
        if self.id == "instrument":
            labels = base.instruments.set_index("instrument_id")["label"]
            return str(labels.get(level, level))
        return self.levels.get(level, level)


def _column(name: str) -> Callable[[Row], Iterable[Any]]:
    return lambda study: study[name] if isinstance(study[name], list | tuple) else (study[name],)


def years(first: int) -> str:
    """The level of the facet ``year`` that begins with ``first``."""
    return f"{first}-{first + YEARS - 1}"


def _year(study: Row) -> Iterable[Any]:
    return () if pd.isna(study["year"]) else (years(int(study["year"]) // YEARS * YEARS),)


def _period(study: Row) -> Iterable[Any]:
    if pd.isna(study["year"]):
        return ()
    decade = min(max(int(study["year"]) // 10 - 198, 0), len(PERIODS) - 1)
    return (list(PERIODS)[decade],)


def _income(study: Row) -> Iterable[Any]:
    group: str | None = None if pd.isna(study["country"]) else income(study["country"])
    return () if group is None else (group,)


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


def _size(study: Row) -> Iterable[Any]:
    number = study["n"] if "n" in study else study["n_randomised"]
    return () if pd.isna(number) else (next(name for limit, name in SIZES if number <= limit),)


def _later(study: Row) -> Iterable[Any]:
    if "follow_up" in study["time"]:
        return ("follow_up",)
    return ("post",) if study["time"] else ()


def _arms(study: Row) -> Iterable[Any]:
    return study["comparator_type"] or (() if study["comparisons"] else (NO_COMPARISON,))


FACETS = {
    facet.id: facet
    for facet in (
        Facet(
            "condition",
            "Condition",
            _column("conditions_all"),
            several=True,
            groups=True,
            listed=True,
            chart=Chart("who", "The conditions with most studies"),
        ),
        Facet("narrower", "Narrower condition", _column("narrower"), several=True, listed=True),
        Facet(
            "comparison",
            "Compared with",
            _column("comparisons"),
            several=True,
            column="comparison",
            dimension=True,
            listed=True,
        ),
        Facet(
            "against",
            "Comparison arm",
            _arms,
            COMPARATOR_TYPES | {NO_COMPARISON: "No comparison arm"},
            several=True,
            column="comparator_type",
            filter=Filter(
                "comparator_types", "Kind of comparison arm", "Another kind of comparison arm"
            ),
            groups=True,
            chart=Chart(
                "against", "What IPT was compared with most often", "No result with a known arm"
            ),
        ),
        Facet(
            "age",
            "Age group",
            _column("age_group"),
            AGE_GROUPS,
            column="age_group",
            filter=Filter("age_groups", "Age group", "Another age group"),
            groups=True,
            dimension=True,
            listed=True,
            chart=Chart("who", "Who took part most often"),
        ),
        Facet(
            "format",
            "Format",
            _column("format"),
            FORMATS,
            column="format",
            filter=Filter("formats", "Format", "Another format"),
            groups=True,
            dimension=True,
            listed=True,
            chart=Chart("how", "How IPT was given most often"),
        ),
        Facet(
            "variant",
            "Variant of IPT",
            _column("ipt_variant"),
            VARIANTS,
            column="ipt_variant",
            filter=Filter("variants", "Variant of IPT", "Another variant of IPT"),
            groups=True,
            chart=Chart("how", "What was given most often"),
        ),
        Facet(
            "rob",
            "Risk of bias",
            _column("rob"),
            ROB_LEVELS,
            column="rob",
            filter=Filter("rob", "Risk of bias", "Another risk of bias"),
            groups=True,
            listed=True,
            chart=Chart("sound", "The most common ratings", "Not rated in our sources"),
        ),
        Facet(
            "outcome",
            "Outcome",
            _column("outcome_domain"),
            OUTCOME_DOMAINS,
            several=True,
            column="outcome_domain",
            filter=Filter(
                "outcome_domains",
                "Outcome",
                "Not a headline outcome of this condition",
                "The symptoms of this condition",
            ),
            dimension=True,
            listed=True,
        ),
        Facet(
            "rater",
            "Who rated",
            _column("rater"),
            RATERS,
            several=True,
            column="rater",
            filter=Filter("raters", "Who rated the outcome", "Rated by somebody else"),
            groups=True,
            chart=Chart("instrument", "Who rated most often", "No result with a known rater"),
        ),
        Facet(
            "when",
            "Time of measurement",
            lambda study: study["bands"],
            dict(zip((*BANDS, "unknown"), WHEN, strict=True)),
            several=True,
            dimension=True,
            listed=True,
        ),
        Facet(
            "design",
            "Design",
            _column("design"),
            DESIGNS,
            listed=True,
            chart=Chart("sound", "The most common designs"),
        ),
        Facet(
            "year",
            "Year",
            _year,
            listed=True,
            chart=Chart("when", "The years with most studies"),
        ),
        Facet(
            "country",
            "Country",
            _column("country"),
            listed=True,
            chart=Chart("where", "The countries with most studies"),
        ),
        Facet(
            "continent",
            "Continent",
            _continent,
            listed=True,
            chart=Chart("where", "The continents with most studies"),
        ),
        Facet(
            "women",
            "Women and men",
            _women,
            {
                "only_women": "Only women",
                "half_or_more_women": "Half women or more",
                "fewer_women": "Fewer women than men",
                "only_men": "Only men",
            },
            chart=Chart("who", "Who took part most often"),
        ),
        Facet(
            "instrument",
            "Instrument",
            _column("instrument"),
            several=True,
            chart=Chart(
                "instrument",
                "What was measured with most often",
                "No result with a named instrument",
            ),
        ),
        Facet(
            "sessions",
            "Sessions",
            _sessions,
            {
                "up_to_8": "8 sessions or fewer",
                "9_to_12": "9 to 12 sessions",
                "13_to_16": "13 to 16 sessions",
                "over_16": "More than 16 sessions",
            },
            chart=Chart("long", "How many sessions were most common"),
        ),
        Facet(
            "follow_up",
            "Follow-up",
            _later,
            {"follow_up": "A result from later on", "post": "Only right after treatment"},
            chart=Chart("long", "How far the results reach", "No result in the base"),
        ),
        Facet(
            "obtained",
            "How the number was obtained",
            _column("obtained"),
            {name: label for name, label in OBTAINED.items() if name != LOW_TRUST},
            several=True,
            column="obtained",
            groups=True,
        ),
        Facet("result", "Result", _column("result"), RESULTS, listed=True),
        Facet(
            "period",
            "Period",
            _period,
            PERIODS,
            read_from="year",
            filter=Filter("periods", "Year of the report", "From other years"),
            groups=True,
        ),
        Facet(
            "income",
            "Income of the country",
            _income,
            INCOMES,
            read_from="country",
            filter=Filter("incomes", "Income of the country", "Another income of the country"),
        ),
        Facet(
            "people",
            "Size of the trial",
            _size,
            {name: f"{name[0].upper()}{name[1:]}" for _, name in SIZES},
            groups=True,
        ),
    )
}
"""Every facet by its id."""


FILTERS = tuple(facet for facet in FACETS.values() if facet.filter)
"""The facets that restrict a question."""


def facets(role: str) -> tuple[Facet, ...]:
    """The facets that have a role: ``groups``, ``dimension``, ``listed``, ``chart``."""
    return tuple(facet for facet in FACETS.values() if getattr(facet, role))
