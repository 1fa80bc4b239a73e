"""The tables of an evidence base, column by column.

This module is the one description of the data's shape: ``EvidenceBase`` checks against it,
``datapackage.json`` is written from it (``python -m ipt_evidence describe``), and the Methods page
shows it. Lists inside a cell are separated by ``;``. Missing is ``NA``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnType = Literal["string", "integer", "number", "boolean", "list"]

LIST_SEPARATOR = ";"
MISSING = "NA"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, and what is allowed in it."""

    name: str
    type: ColumnType
    description: str
    required: bool = False
    levels: tuple[str, ...] = ()
    unit: str = ""
    minimum: float | None = None
    references: str = (
        ""  # "table.column", "taxonomy.conditions", "references.bib" or "sources.toml"
    )


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of the evidence base and the column that identifies its rows."""

    name: str
    file: str
    key: str
    title: str
    description: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in file order."""
        return tuple(column.name for column in self.columns)


DESIGNS = ("rct", "cluster_rct", "quasi_randomised", "non_randomised", "unclear")
VARIANTS = ("ipt", "ipt_adapted", "interpersonal_counselling", "ipt_based", "not_ipt")
FORMATS = ("individual", "group", "telephone", "internet", "couple_or_family", "mixed")
AGE_GROUPS = ("adults", "adolescents", "older_adults", "mixed")
ROB_LEVELS = ("low", "some_concerns", "high", "unclear")
BASES = ("seen", "general_knowledge")

COMPARISONS = (
    "control",
    "other_psychotherapy",
    "pharmacotherapy",
    "combined",
    "prevention",
    "maintenance",
)
COMPARATOR_TYPES = (
    "waitlist",
    "care_as_usual",
    "placebo",
    "active_control",
    "no_treatment",
    "mixed_control",
    "cbt",
    "other_psychotherapy",
    "pharmacotherapy",
    "combined",
)
OUTCOME_DOMAINS = (
    "depression",
    "anxiety",
    "ptsd",
    "eating_disorder",
    "weight",
    "borderline",
    "functioning",
    "distress",
    "quality_of_life",
    "relapse",
    "physical",
    "other",
)
RATERS = ("clinician", "self_report", "other")
DIRECTIONS = ("lower_better", "higher_better", "event_good", "event_bad")
INPUT_TYPES = ("means", "change", "events", "reported_smd", "reported_odds_ratio", "none")
OBTAINED = ("reported", "computed", "converted")
CHECKS = ("confirmed", "corrected", "doubtful", "not_found", "none")
EXTRACTIONS = ("double", "single")
TIMES = ("post", "follow_up")
FAVOURS = ("ipt", "comparator")

STUDIES = Table(
    name="studies",
    file="studies.csv",
    key="study_id",
    title="Studies",
    description="One row a study: a trial, with all the reports that describe it.",
    columns=(
        Column("study_id", "string", "Key of the study, like elkin1989", required=True),
        Column(
            "label", "string", "How the study is named in figures, like Elkin 1989", required=True
        ),
        Column("year", "integer", "Year of the main report", unit="year", minimum=1900),
        Column(
            "references",
            "list",
            "Keys in references.bib of the reports of this study; the main report comes first",
            references="references.bib",
        ),
        Column(
            "conditions",
            "list",
            "Conditions of the participants (ids in taxonomy.toml); a study may have several",
            required=True,
            references="taxonomy.conditions",
        ),
        Column(
            "comparisons",
            "list",
            "What IPT was compared with in this study, also where no effect can be used; empty "
            "when there was no comparison arm",
            levels=COMPARISONS,
        ),
        Column(
            "design", "string", "How participants came to their arm", required=True, levels=DESIGNS
        ),
        Column(
            "ipt_variant",
            "string",
            "Which relative of IPT was given",
            required=True,
            levels=VARIANTS,
        ),
        Column("treatment", "string", "The IPT arm in words"),
        Column("format", "string", "How the treatment was delivered", levels=FORMATS),
        Column(
            "n_sessions",
            "number",
            "Sessions, planned or received on average (see note)",
            unit="sessions",
            minimum=0,
        ),
        Column("population", "string", "Who took part, in words"),
        Column("age_group", "string", "Age group of the participants", levels=AGE_GROUPS),
        Column("mean_age", "number", "Mean age of the participants", unit="years", minimum=0),
        Column("percent_women", "number", "Share of women", unit="percent", minimum=0),
        Column("country", "string", "Country of the study"),
        Column(
            "country_basis",
            "string",
            "Whether the country stands in a source that was seen or is general knowledge",
            levels=BASES,
        ),
        Column("n_randomised", "integer", "People randomised, all arms", unit="people", minimum=0),
        Column("rob", "string", "Overall risk of bias", levels=ROB_LEVELS),
        Column("rob_detail", "string", "The rating as its source gives it, and which source"),
        Column(
            "overlaps_with",
            "list",
            "Other studies of this table in which the same people took part",
            references="studies.study_id",
        ),
        Column("flags", "list", "Warnings that a reader should see, like se_for_sd"),
        Column("no_effect_reason", "string", "Why the study has no effect that can be pooled"),
        Column("note", "string", "Anything else that a reader should know"),
        Column(
            "source_id",
            "string",
            "Where the study was found",
            required=True,
            references="sources.toml",
        ),
        Column("source_url", "string", "Address at which the source can be opened", required=True),
        Column("quote", "string", "The phrase of the source on which the row rests"),
    ),
)

EFFECTS = Table(
    name="effects",
    file="effects.csv",
    key="effect_id",
    title="Effects",
    description=(
        "One row an effect: one comparison, outcome and time point of one study. yi, vi, obtained "
        "and formula are derived from the inputs by `python -m ipt_evidence derive`."
    ),
    columns=(
        Column("effect_id", "string", "Key of the effect, like elkin1989-hdrs", required=True),
        Column("study_id", "string", "The study", required=True, references="studies.study_id"),
        Column(
            "reference", "string", "The report that holds the numbers", references="references.bib"
        ),
        Column(
            "source_id", "string", "Where we took it from", required=True, references="sources.toml"
        ),
        Column(
            "comparison", "string", "What IPT was compared with", required=True, levels=COMPARISONS
        ),
        Column("comparator", "string", "The comparison arm in words"),
        Column("comparator_type", "string", "Kind of comparison arm", levels=COMPARATOR_TYPES),
        Column("outcome", "string", "The outcome in words", required=True),
        Column(
            "outcome_domain",
            "string",
            "What the outcome measures",
            required=True,
            levels=OUTCOME_DOMAINS,
        ),
        Column(
            "instrument", "string", "Scale or criterion", references="instruments.instrument_id"
        ),
        Column("rater", "string", "Who rated", levels=RATERS),
        Column(
            "direction",
            "string",
            "Which way is better for the patient",
            required=True,
            levels=DIRECTIONS,
        ),
        Column("time", "string", "After treatment or later", required=True, levels=TIMES),
        Column("time_detail", "string", "The time point as the source gives it"),
        Column(
            "input_type",
            "string",
            "Which inputs yi and vi come from",
            required=True,
            levels=INPUT_TYPES,
        ),
        Column(
            "mean_ipt",
            "number",
            "Mean of the IPT arm (or mean change)",
            unit="points of the instrument",
        ),
        Column(
            "sd_ipt",
            "number",
            "Standard deviation of the IPT arm",
            unit="points of the instrument",
            minimum=0,
        ),
        Column("n_ipt", "number", "People in the IPT arm", unit="people", minimum=0),
        Column(
            "mean_comparator",
            "number",
            "Mean of the comparison arm (or mean change)",
            unit="points of the instrument",
        ),
        Column(
            "sd_comparator",
            "number",
            "Standard deviation of the comparison arm",
            unit="points of the instrument",
            minimum=0,
        ),
        Column("n_comparator", "number", "People in the comparison arm", unit="people", minimum=0),
        Column(
            "events_ipt", "number", "People with the event in the IPT arm", unit="people", minimum=0
        ),
        Column(
            "events_comparator",
            "number",
            "People with the event in the comparison arm",
            unit="people",
            minimum=0,
        ),
        Column("n_basis", "string", "Which people n counts: randomised, analysed, ..."),
        Column("reported_metric", "string", "Name of the effect measure that the source reports"),
        Column("reported_value", "number", "Effect as the source reports it, sign untouched"),
        Column("reported_se", "number", "Standard error that the source reports", minimum=0),
        Column(
            "reported_ci_lower", "number", "Lower end of the 95% interval that the source reports"
        ),
        Column(
            "reported_ci_upper", "number", "Upper end of the 95% interval that the source reports"
        ),
        Column("reported_p", "string", "p as the source reports it"),
        Column(
            "reported_positive_favours",
            "string",
            "Whom a positive reported value favours",
            levels=FAVOURS,
        ),
        Column("yi", "number", "Hedges g; positive always favours IPT", unit="standard deviations"),
        Column(
            "vi", "number", "Sampling variance of yi", unit="squared standard deviations", minimum=0
        ),
        Column("obtained", "string", "How yi was obtained", levels=OBTAINED),
        Column("formula", "string", "Formula behind yi and vi"),
        Column("verified", "boolean", "The number was seen in the source", required=True),
        Column(
            "check",
            "string",
            "Verdict of a second, independent reading",
            required=True,
            levels=CHECKS,
        ),
        Column(
            "extraction",
            "string",
            "Whether the number was read once or twice",
            required=True,
            levels=EXTRACTIONS,
        ),
        Column("include", "boolean", "May enter a pooled estimate", required=True),
        Column("include_reason", "string", "Why it may or may not", required=True),
        Column("rob", "string", "Risk of bias of this effect", levels=ROB_LEVELS),
        Column("flags", "list", "Warnings that a reader should see, like se_for_sd"),
        Column(
            "quote",
            "string",
            "The phrase or database row in which the number stands",
            required=True,
        ),
        Column("source_url", "string", "Address at which the number can be opened", required=True),
        Column("note", "string", "Anything else that a reader should know"),
    ),
)

POOLED = Table(
    name="pooled",
    file="pooled.csv",
    key="pooled_id",
    title="Published pooled effects",
    description="Effects that meta-analyses published, as they print them.",
    columns=(
        Column("pooled_id", "string", "Key of the row", required=True),
        Column(
            "reference", "string", "The meta-analysis", required=True, references="references.bib"
        ),
        Column(
            "conditions",
            "list",
            "Conditions of the participants",
            required=True,
            references="taxonomy.conditions",
        ),
        Column("comparison", "string", "What IPT was compared with", levels=COMPARISONS),
        Column("comparator", "string", "The comparison as the source words it"),
        Column("population", "string", "Who took part, in words"),
        Column("outcome", "string", "The outcome in words", required=True),
        Column("outcome_domain", "string", "What the outcome measures", levels=OUTCOME_DOMAINS),
        Column("metric", "string", "Effect measure as the source names it", required=True),
        Column("value", "number", "Effect as printed, sign untouched"),
        Column("ci_lower", "number", "Lower end of the 95% interval as printed"),
        Column("ci_upper", "number", "Upper end of the 95% interval as printed"),
        Column(
            "positive_favours", "string", "Whom a positive printed value favours", levels=FAVOURS
        ),
        Column(
            "yi",
            "number",
            "The effect as a standardised mean difference, positive favours IPT; NA for others",
            unit="standard deviations",
        ),
        Column(
            "yi_lower",
            "number",
            "Lower end of its 95% interval, same sign as yi",
            unit="standard deviations",
        ),
        Column(
            "yi_upper",
            "number",
            "Upper end of its 95% interval, same sign as yi",
            unit="standard deviations",
        ),
        Column("k", "integer", "Studies pooled", unit="studies", minimum=0),
        Column("n", "integer", "Participants pooled", unit="people", minimum=0),
        Column("i2", "number", "Heterogeneity as printed", unit="percent", minimum=0),
        Column("nnt", "number", "Number needed to treat as printed", unit="people"),
        Column(
            "about_ipt",
            "boolean",
            "The effect is one of interpersonal psychotherapy",
            required=True,
        ),
        Column("verified", "boolean", "The number was seen in the source", required=True),
        Column(
            "check",
            "string",
            "Verdict of a second, independent reading",
            required=True,
            levels=CHECKS,
        ),
        Column(
            "extraction",
            "string",
            "Whether the number was read once or twice",
            required=True,
            levels=EXTRACTIONS,
        ),
        Column("quote", "string", "The phrase in which the number stands", required=True),
        Column("source_url", "string", "Address at which the number can be opened", required=True),
        Column(
            "source_id", "string", "Where we took it from", required=True, references="sources.toml"
        ),
        Column("note", "string", "Anything else that a reader should know"),
    ),
)

INSTRUMENTS = Table(
    name="instruments",
    file="instruments.csv",
    key="instrument_id",
    title="Instruments",
    description="Scales and criteria by which outcomes were measured.",
    columns=(
        Column("instrument_id", "string", "Key of the instrument, like bdi-1", required=True),
        Column("label", "string", "Short name as readers know it", required=True),
        Column("name", "string", "Full name"),
        Column("outcome_domain", "string", "What it measures", levels=OUTCOME_DOMAINS),
        Column(
            "direction",
            "string",
            "Which way is better for the patient",
            required=True,
            levels=DIRECTIONS,
        ),
        Column("minimum", "number", "Lowest possible score", unit="points"),
        Column("maximum", "number", "Highest possible score", unit="points"),
        Column(
            "reference_sd",
            "number",
            "Spread by which g becomes points; written by `derive`",
            unit="points",
            minimum=0,
        ),
        Column(
            "reference_sd_basis", "string", "Which rows of effects.csv the reference SD comes from"
        ),
        Column("source_url", "string", "Address at which the range can be checked"),
        Column("note", "string", "Anything else that a reader should know"),
    ),
)

TABLES = (STUDIES, EFFECTS, POOLED, INSTRUMENTS)
