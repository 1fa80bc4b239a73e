"""The shape of an evidence base: its tables, column by column, and the values that may stand there.

This module is the one description of the data's shape: ``EvidenceBase`` checks against it,
``datapackage.json`` is written from it (``python -m ipt_evidence describe``), and the Methods page
shows it. Lists inside a cell are separated by ``;``. Missing is ``NA``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

ColumnType = Literal["string", "integer", "number", "boolean", "list"]

LIST_SEPARATOR = ";"
MISSING = "NA"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, type, meaning, and what is allowed in it.

    ``levels`` are the allowed values; a mapping gives them labels. ``references`` names the keys
    that may stand in it: "table.column", "taxonomy.conditions", "references.bib" or
    "sources.toml". ``optional``: a file may lack the column, which then reads as missing.
    """

    name: str
    type: ColumnType
    description: str
    required: bool = False
    levels: Collection[str] = field(default=(), hash=False)
    unit: str = ""
    minimum: float | None = None
    references: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One CSV file of the evidence base and the column that identifies its rows.

    ``optional``: a base may go without the file.
    """

    name: str
    file: str
    key: str
    title: str
    description: str
    columns: tuple[Column, ...]
    optional: bool = False

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in file order."""
        return tuple(column.name for column in self.columns)


DESIGNS = {
    "rct": "Randomised trial",
    "cluster_rct": "Cluster-randomised trial",
    "quasi_randomised": "Quasi-randomised trial",
    "non_randomised": "Not randomised",
    "unclear": "Unclear",
}
RANDOMISED = ("rct", "cluster_rct")
"""Designs that were randomised."""
VARIANTS = {
    "ipt": "IPT",
    "ipt_adapted": "Adapted IPT",
    "interpersonal_counselling": "Interpersonal counselling",
    "ipt_based": "Programme based on IPT",
    "not_ipt": "Not IPT",
}
FORMATS = {
    "individual": "Individual",
    "group": "Group",
    "telephone": "Telephone",
    "internet": "Internet",
    "couple_or_family": "Couple or family",
    "mixed": "Mixed formats",
}
AGE_GROUPS = {
    "adults": "Adults",
    "adolescents": "Adolescents",
    "older_adults": "Older adults",
    "mixed": "Mixed ages",
}
ROB_LEVELS = {"low": "Low", "some_concerns": "Some concerns", "high": "High", "unclear": "Unclear"}
COMPARATOR_TYPES = {
    "waitlist": "Waiting list",
    "care_as_usual": "Care as usual",
    "placebo": "Placebo",
    "active_control": "Active control",
    "no_treatment": "No treatment",
    "mixed_control": "Mixed control",
    "cbt": "CBT",
    "other_psychotherapy": "Other psychotherapy",
    "pharmacotherapy": "Medication",
    "combined": "Combined treatment",
}
OUTCOME_DOMAINS = {
    "depression": "Depression",
    "anxiety": "Anxiety",
    "ptsd": "Post-traumatic stress",
    "eating_disorder": "Eating disorder",
    "weight": "Weight",
    "borderline": "Borderline symptoms",
    "functioning": "Functioning",
    "distress": "Distress",
    "quality_of_life": "Quality of life",
    "relapse": "Relapse",
    "physical": "Physical",
    "other": "Other outcomes",
}
THERAPIES = {
    "ipt": "IPT",
    "cbt": "Cognitive behavioural therapy",
    "behavioural_activation": "Behavioural activation",
    "problem_solving": "Problem-solving therapy",
    "third_wave": "Third-wave therapies",
    "psychodynamic": "Psychodynamic therapy",
    "supportive": "Supportive therapy",
    "life_review": "Life review therapy",
    "trauma_focused_cbt": "Trauma-focused CBT",
    "trauma_focused_cognitive": "Trauma-focused cognitive therapy",
    "prolonged_exposure": "Prolonged exposure",
    "exposure": "Exposure therapy",
    "narrative_exposure": "Narrative exposure therapy",
    "emdr": "EMDR",
    "other_trauma_focused": "Other trauma-focused therapies",
    "cbt_without_trauma": "CBT without trauma focus",
    "mixed": "Mixed therapies",
    "other": "Other therapies",
}
CONTROL_TYPES = {
    "waitlist": "Waiting list",
    "care_as_usual": "Care as usual",
    "other_control": "Other inactive control",
}
TARGET_GROUPS = {
    "adults": "Adults",
    "older_adults": "Older adults",
    "students": "Students",
    "perinatal": "Perinatal women",
    "medical": "People with a physical illness",
    "other": "Another or several groups",
}
CONTEXT_FORMATS = FORMATS | {
    "guided_self_help": "Guided self-help",
    "unguided_self_help": "Unguided self-help",
}
RATERS = {"clinician": "Clinician", "self_report": "Self-report", "other": "Other"}
INTEGRITY_STATUSES = {
    "not_checked": "Not checked for retraction",
    "unknown": "Checked: no service knows it",
    "no_notice": "Checked: no notice found",
    "corrected": "Corrected since",
    "expression_of_concern": "Expression of concern",
    "retracted": "Retracted",
}
BASES = ("seen", "general_knowledge")
DIRECTIONS = ("lower_better", "higher_better", "event_good", "event_bad")
INPUT_TYPES = (
    "means",
    "change",
    "events",
    "reported_smd",
    "reported_odds_ratio",
    "reported_d",
    "t",
    "exact_p",
    "mean_difference",
    "shares",
    "shares_p",
    "events_reconstructed",
    "none",
)
OBTAINED = {
    "arm_data": "Arm data",
    "reported": "Reported",
    "derived": "Derived",
    "reconstructed": "Reconstructed",
    "low_trust": "Low trust",
}
PRINTED = ("arm_data", "reported")
"""How a number was obtained that somebody printed; the others were worked out from less."""
LOW_TRUST = "low_trust"
"""The flag of an effect whose derivation had to assume too much: shown, never pooled."""
CHECKS = ("confirmed", "corrected", "doubtful", "not_found", "none")
EXTRACTIONS = ("double", "single")
TIMES = ("post", "follow_up")
FAVOURS = ("ipt", "comparator")


def _text(name: str, description: str, **facts: Any) -> Column:
    return Column(name, "string", description, **facts)


def _integer(name: str, description: str, **facts: Any) -> Column:
    return Column(name, "integer", description, **facts)


def _number(name: str, description: str, **facts: Any) -> Column:
    return Column(name, "number", description, **facts)


def _flag(name: str, description: str, **facts: Any) -> Column:
    return Column(name, "boolean", description, **facts)


def _list(name: str, description: str, **facts: Any) -> Column:
    return Column(name, "list", description, **facts)


def _shares(arm: str, words: str) -> tuple[Column, ...]:
    """The share of an arm with the event, and the 95% interval that the source prints for it."""
    facts: dict[str, Any] = {"unit": "percent", "minimum": 0, "optional": True}
    return (
        _number(f"share_{arm}", f"Share of the {words} with the event", **facts),
        _number(f"share_{arm}_lower", f"Lower end of the 95% interval of share_{arm}", **facts),
        _number(f"share_{arm}_upper", f"Upper end of the 95% interval of share_{arm}", **facts),
    )


# Columns that several tables have.
_VERIFIED = _flag("verified", "The number was seen in the source", required=True)
_CHECK = _text("check", "Verdict of a second, independent reading", required=True, levels=CHECKS)
_EXTRACTION = _text(
    "extraction", "Whether the number was read once or twice", required=True, levels=EXTRACTIONS
)
_FLAGS = _list("flags", "Warnings that a reader should see, like se_for_sd")
_TAKEN_FROM = _text("source_id", "Where we took it from", required=True, references="sources.toml")
_NUMBER_URL = _text("source_url", "Address at which the number can be opened", required=True)
_NOTE = _text("note", "Anything else that a reader should know", optional=True)

STUDIES = Table(
    name="studies",
    file="studies.csv",
    key="study_id",
    title="Studies",
    description="One row a study: a trial, with all the reports that describe it.",
    columns=(
        _text("study_id", "Key of the study, like elkin1989", required=True),
        _text("label", "How the study is named in figures, like Elkin 1989", required=True),
        _integer("year", "Year of the main report", unit="year", minimum=1900),
        _list(
            "references",
            "Keys in references.bib of the reports of this study; the main report comes first",
            references="references.bib",
        ),
        _list(
            "conditions",
            "Conditions of the participants (ids in taxonomy.toml); a study may have several",
            required=True,
            references="taxonomy.conditions",
        ),
        _list(
            "comparisons",
            "What IPT was compared with in this study, also where no effect can be used; empty "
            "when there was no comparison arm without IPT, or none is known",
            references="taxonomy.comparisons",
        ),
        _text("design", "How participants came to their arm", required=True, levels=DESIGNS),
        _text("ipt_variant", "Which relative of IPT was given", required=True, levels=VARIANTS),
        _text("treatment", "The IPT arm in words"),
        _text("format", "How the treatment was delivered", levels=FORMATS),
        _number(
            "n_sessions",
            "Sessions, planned or received on average (see note)",
            unit="sessions",
            minimum=0,
        ),
        _text("population", "Who took part, in words"),
        _text("age_group", "Age group of the participants", levels=AGE_GROUPS),
        _number("mean_age", "Mean age of the participants", unit="years", minimum=0, optional=True),
        _number("percent_women", "Share of women", unit="percent", minimum=0, optional=True),
        _text("country", "Country of the study"),
        _text(
            "country_basis",
            "Whether the country stands in a source that was seen or is general knowledge",
            levels=BASES,
            optional=True,
        ),
        _integer("n_randomised", "People randomised, all arms", unit="people", minimum=0),
        _text("rob", "Overall risk of bias", levels=ROB_LEVELS),
        _text("rob_detail", "The rating as its source gives it, and which source", optional=True),
        _list(
            "overlaps_with",
            "Other studies of this table in which the same people took part",
            references="studies.study_id",
        ),
        _FLAGS,
        _text("no_effect_reason", "Why the study has no effect that can be pooled"),
        _NOTE,
        _text("source_id", "Where the study was found", required=True, references="sources.toml"),
        _text("source_url", "Address at which the source can be opened", required=True),
        _text("quote", "The phrase of the source on which the row rests"),
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
        _text("effect_id", "Key of the effect, like elkin1989-hdrs", required=True),
        _text("study_id", "The study", required=True, references="studies.study_id"),
        _text("reference", "The report that holds the numbers", references="references.bib"),
        _TAKEN_FROM,
        _text(
            "comparison",
            "What IPT was compared with",
            required=True,
            references="taxonomy.comparisons",
        ),
        _text(
            "comparison_otherwise",
            "The other comparison in which this row would stand, where the rule for supportive "
            "comparators leaves room for doubt",
            references="taxonomy.comparisons",
            optional=True,
        ),
        _text("comparator", "The comparison arm in words"),
        _text("comparator_type", "Kind of comparison arm", levels=COMPARATOR_TYPES),
        _text("outcome", "The outcome in words", required=True),
        _text("outcome_domain", "What the outcome measures", required=True, levels=OUTCOME_DOMAINS),
        _text("instrument", "Scale or criterion", references="instruments.instrument_id"),
        _text("rater", "Who rated", levels=RATERS),
        _text("direction", "Which way is better for the patient", required=True, levels=DIRECTIONS),
        _text("time", "After treatment or later", required=True, levels=TIMES),
        _text("time_detail", "The time point as the source gives it", optional=True),
        _text("input_type", "Which inputs yi and vi come from", required=True, levels=INPUT_TYPES),
        _number(
            "mean_ipt", "Mean of the IPT arm (or mean change)", unit="points of the instrument"
        ),
        _number(
            "sd_ipt",
            "Standard deviation of the IPT arm",
            unit="points of the instrument",
            minimum=0,
        ),
        _number("n_ipt", "People in the IPT arm", unit="people", minimum=0),
        _number(
            "mean_comparator",
            "Mean of the comparison arm (or mean change)",
            unit="points of the instrument",
        ),
        _number(
            "sd_comparator",
            "Standard deviation of the comparison arm",
            unit="points of the instrument",
            minimum=0,
        ),
        _number("n_comparator", "People in the comparison arm", unit="people", minimum=0),
        _number("events_ipt", "People with the event in the IPT arm", unit="people", minimum=0),
        _number(
            "events_comparator",
            "People with the event in the comparison arm",
            unit="people",
            minimum=0,
        ),
        *_shares("ipt", "IPT arm"),
        *_shares("comparator", "comparison arm"),
        _text("n_basis", "Which people n counts: randomised, analysed, ...", optional=True),
        _text("reported_metric", "Name of the effect measure that the source reports"),
        _number("reported_value", "Effect as the source reports it, sign untouched"),
        _number("reported_se", "Standard error that the source reports", minimum=0),
        _number("reported_ci_lower", "Lower end of the 95% interval that the source reports"),
        _number("reported_ci_upper", "Upper end of the 95% interval that the source reports"),
        _text("reported_p", "p as the source reports it", optional=True),
        _text(
            "reported_positive_favours", "Whom a positive reported value favours", levels=FAVOURS
        ),
        _number("yi", "Hedges g; positive always favours IPT", unit="standard deviations"),
        _number("vi", "Sampling variance of yi", unit="squared standard deviations", minimum=0),
        _text(
            "obtained",
            "How yi was obtained. arm_data: from means or counts of the arms; reported: the effect "
            "as its source states it; derived: from shares with their intervals, a t, an exact p "
            "or a difference with its interval; reconstructed: from counts that nobody printed, "
            "where only one pair fits what was printed; low_trust: derived, with too much assumed "
            "to be pooled",
            levels=OBTAINED,
        ),
        _text("formula", "Formula behind yi and vi"),
        _VERIFIED,
        _CHECK,
        _EXTRACTION,
        _flag("include", "May enter a pooled estimate", required=True),
        _text("include_reason", "Why it may or may not", required=True),
        _text("rob", "Risk of bias of this effect", levels=ROB_LEVELS),
        _FLAGS,
        _text("quote", "The phrase or database row in which the number stands", required=True),
        _NUMBER_URL,
        _NOTE,
    ),
)


POOLED = Table(
    name="pooled",
    file="pooled.csv",
    key="pooled_id",
    title="Published pooled effects",
    description="Effects that meta-analyses published, as they print them.",
    columns=(
        _text("pooled_id", "Key of the row", required=True),
        _text("reference", "The meta-analysis", required=True, references="references.bib"),
        _list(
            "conditions",
            "Conditions of the participants",
            required=True,
            references="taxonomy.conditions",
        ),
        _text("comparison", "What IPT was compared with", references="taxonomy.comparisons"),
        _text("comparator", "The comparison as the source words it"),
        _text("population", "Who took part, in words"),
        _text("outcome", "The outcome in words", required=True),
        _text("outcome_domain", "What the outcome measures", levels=OUTCOME_DOMAINS),
        _text("metric", "Effect measure as the source names it", required=True),
        _number("value", "Effect as printed, sign untouched"),
        _number("ci_lower", "Lower end of the 95% interval as printed"),
        _number("ci_upper", "Upper end of the 95% interval as printed"),
        _text("positive_favours", "Whom a positive printed value favours", levels=FAVOURS),
        _number(
            "yi",
            "The effect as a standardised mean difference, positive favours IPT; NA for others",
            unit="standard deviations",
        ),
        _number(
            "yi_lower", "Lower end of its 95% interval, same sign as yi", unit="standard deviations"
        ),
        _number(
            "yi_upper", "Upper end of its 95% interval, same sign as yi", unit="standard deviations"
        ),
        _integer("k", "Studies pooled", unit="studies", minimum=0),
        _integer("n", "Participants pooled", unit="people", minimum=0),
        _number("i2", "Heterogeneity as printed", unit="percent", minimum=0),
        _number("nnt", "Number needed to treat as printed", unit="people"),
        _flag("about_ipt", "The effect is one of interpersonal psychotherapy", required=True),
        _VERIFIED,
        _CHECK,
        _EXTRACTION,
        _text("quote", "The phrase in which the number stands", required=True),
        _NUMBER_URL,
        _TAKEN_FROM,
        _NOTE,
    ),
)


INSTRUMENTS = Table(
    name="instruments",
    file="instruments.csv",
    key="instrument_id",
    title="Instruments",
    description="Scales and criteria by which outcomes were measured.",
    columns=(
        _text("instrument_id", "Key of the instrument, like bdi-1", required=True),
        _text("label", "Short name as readers know it", required=True),
        _text("name", "Full name"),
        _text("outcome_domain", "What it measures", levels=OUTCOME_DOMAINS),
        _text("direction", "Which way is better for the patient", required=True, levels=DIRECTIONS),
        _number("minimum", "Lowest possible score", unit="points"),
        _number("maximum", "Highest possible score", unit="points"),
        _number(
            "reference_sd",
            "Spread by which g becomes points; written by `derive`",
            unit="points",
            minimum=0,
        ),
        _text("reference_sd_basis", "Which rows of effects.csv the reference SD comes from"),
        _text("source_url", "Address at which the range can be checked"),
        _NOTE,
    ),
)


INTEGRITY = Table(
    name="integrity",
    file="integrity.csv",
    key="reference",
    title="Integrity of the references",
    description="One row a reference: whether it was retracted, doubted or corrected, who was "
    "asked, and when. Written by: python -m ipt_evidence enrich",
    columns=(
        _text("reference", "Key in references.bib", required=True, references="references.bib"),
        _text(
            "status",
            "not_checked: nobody was asked, or nobody answered; unknown: no service knows the "
            "record; no_notice: known, and nothing was published against it; the others: what was",
            required=True,
            levels=INTEGRITY_STATUSES,
        ),
        _text("checked", "Day of the last check (ISO date)"),
        _list("asked_of", "Services that answered"),
        _list("no_answer", "Services that were asked and gave no answer"),
        _list("notices", "Notices as kind:doi or kind:pmid, as found"),
        _text("notice_date", "Day of the gravest notice (ISO date, as far as known)"),
        _text("preprint", "DOI of the preprint of this paper"),
        _text("published_as", "DOI of the paper that this preprint became"),
        _list("registry_ids", "Trial registrations that the services name for it"),
    ),
)

CONTEXT = Table(
    name="context",
    file="context.csv",
    key="context_id",
    title="Other therapies",
    description="One row a result after treatment of any psychotherapy against control, from the "
    "databases of psychotherapy trials as their teams coded them, IPT among them. Never pooled "
    "with effects.csv. Written by: python -m ipt_evidence import-metapsy --context",
    columns=(
        _text("context_id", "Database and line of its data.csv", required=True),
        _text("source_id", "The database", required=True, references="sources.toml"),
        _text("study", "The trial as the database names it; rows of one trial are one cluster",
              required=True),
        _list("conditions", "Conditions of the participants", required=True,
              references="taxonomy.conditions"),
        _text("therapy", "Kind of therapy", required=True, levels=THERAPIES),
        _text("arm", "The arm of a trial with several, in the database's words"),
        _text("control_type", "Kind of control group", required=True, levels=CONTROL_TYPES),
        _text("control_arm", "The control arm of a trial with several"),
        _text("target_group", "Whom the trial was for", levels=TARGET_GROUPS),
        _text("age_group", "Age of the participants", levels=AGE_GROUPS),
        _text("format", "How the therapy was delivered", levels=CONTEXT_FORMATS),
        _integer("year", "Year of the report", unit="year", minimum=1900),
        _text("rob", "Overall risk of bias, in the levels of studies.csv", levels=ROB_LEVELS),
        _text("outcome_domain", "What was measured", required=True, levels=OUTCOME_DOMAINS),
        _text("instrument", "Scale, as the database names it"),
        _text("rater", "Who rated", levels=RATERS),
        _integer("n_treatment", "People in the arm with therapy", unit="people", minimum=0),
        _integer("n_control", "People in the control arm", unit="people", minimum=0),
        _number("yi", "Hedges g of the database; positive favours the therapy",
                required=True, unit="standard deviations"),
        _number("vi", "Sampling variance of yi", required=True,
                unit="squared standard deviations", minimum=0),
    ),
    optional=True,
)  # fmt: skip

REVIEWS = Table(
    name="reviews",
    file="reviews.csv",
    key="review_id",
    title="Trials of published reviews",
    description="One row a published meta-analysis, review or review database whose trials of IPT "
    "are known, wholly or in part: which they are.",
    columns=(
        _text("review_id", "Key of the row", required=True),
        _text("label", "Short name as readers know it", required=True),
        _text("reference", "The review; NA for a database, which source_id names",
              references="references.bib"),
        _list("conditions", "Conditions that it is about", required=True,
              references="taxonomy.conditions"),
        _integer("until", "Last year of which it can hold a trial: that of its last search, else "
                 "of its publication", required=True, unit="year", minimum=1900),
        _integer("ipt_trials", "Trials of IPT in it, each once, as it says or its data show; the "
                 "list is complete when as many are named", unit="trials", minimum=1),
        _list("included", "Its trials that this base holds", references="studies.study_id"),
        _list("others", "Its trials that this base does not hold, as it names them"),
        _text("quote", "The phrase, or the lines of its data, in which the trials stand",
              required=True),
        _text("source_url", "Address at which the list can be opened", required=True),
        _TAKEN_FROM,
        _NOTE,
    ),
    optional=True,
)  # fmt: skip

REGISTERED = Table(
    name="registered",
    file="living/registered.csv",
    key="nct_id",
    title="Registered trials",
    description="One row a trial of IPT as it was registered, with a report or without. No "
    "evidence. Written by: python -m ipt_evidence update",
    columns=(
        _text("nct_id", "Number in ClinicalTrials.gov", required=True),
        _text("title", "Title as registered", required=True),
        _text("status", "Status in the registry's own word", required=True),
        _flag("randomised", "Registered as randomised", required=True),
        _list("conditions", "Conditions (ids in taxonomy.toml), by the rules of the tagger"),
        _text("registered_for", "Conditions as registered"),
        _list("comparisons", "What IPT is compared with, by a rule from the arms"),
        _text("arms", "Names of the arms as registered"),
        _integer("people", "People enrolled, or planned", unit="people", minimum=0),
        _text("start", "First day, as far as registered"),
        _text("completion", "Last day or the one planned, as far as registered"),
        _text("updated", "Day of the last change in the registry"),
        _flag("has_results", "The registry holds results"),
        _list("reported_in", "Reports of it that this base holds"),
        _text("seen", "Day on which it was asked for"),
    ),
    optional=True,
)

TABLES = (STUDIES, EFFECTS, POOLED, REVIEWS, INSTRUMENTS, INTEGRITY, CONTEXT)
