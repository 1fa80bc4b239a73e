"""The facets of the studies in words: their names, their groups, and the names of their levels."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.analyses.coverage.result import NO_COMPARISON, OTHERS
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording import tables
from ipt_evidence.wording.studies import label_of

__all__ = ["FACET_WORDS", "GROUPS", "REST", "FacetWords", "level_label"]


@dataclass(frozen=True, slots=True)
class FacetWords:
    """How one facet is spoken of: its name, what its studies share, and what unknown means."""

    name: str
    most: str  # begins the sentence "Most often: ..."
    unknown: str = "Not reported"


FACET_WORDS = {
    "year": FacetWords("Year", "The years with most studies"),
    "country": FacetWords("Country", "The countries with most studies"),
    "continent": FacetWords("Continent", "The continents with most studies"),
    "condition": FacetWords("Condition", "The conditions with most studies"),
    "age_group": FacetWords("Age", "Who took part most often"),
    "women": FacetWords("Women and men", "Who took part most often"),
    "format": FacetWords("Format", "How IPT was given most often"),
    "ipt_variant": FacetWords("Kind of IPT", "What was given most often"),
    "comparator_type": FacetWords(
        "Compared with", "What IPT was compared with most often", "No result with a known arm"
    ),
    "instrument": FacetWords(
        "Instrument", "What was measured with most often", "No result with a named instrument"
    ),
    "rater": FacetWords("Who rated", "Who rated most often", "No result with a known rater"),
    "sessions": FacetWords("Sessions", "How many sessions were most common"),
    "follow_up": FacetWords("Follow-up", "How far the results reach", "No result in the base"),
    "design": FacetWords("Design", "The most common designs"),
    "rob": FacetWords("Risk of bias", "The most common ratings", "Not rated in our sources"),
}
GROUPS = {
    "when": ("When", ("year",)),
    "where": ("Where", ("country", "continent")),
    "who": ("Who", ("condition", "age_group", "women")),
    "how": ("How", ("format", "ipt_variant")),
    "against": ("Against what", ("comparator_type",)),
    "instrument": ("Measured with", ("instrument", "rater")),
    "long": ("How long", ("sessions", "follow_up")),
    "sound": ("How sound", ("design", "rob")),
}
"""Groups of facets by id: the label, and the facets among which a reader may choose."""

LEVELS = {
    "only_women": "Only women",
    "half_or_more_women": "Half women or more",
    "fewer_women": "Fewer women than men",
    "only_men": "Only men",
    "up_to_8": "8 sessions or fewer",
    "9_to_12": "9 to 12 sessions",
    "13_to_16": "13 to 16 sessions",
    "over_16": "More than 16 sessions",
    NO_COMPARISON: "No comparison arm",
    "waitlist": "Waiting list",
    "self_report": "Self-report",
    "clinician": "Clinician",
    "cbt": "Cognitive behaviour therapy",
    "pharmacotherapy": "Medication",
    "combined": "Combined treatment",
}
OF_FACET = {
    ("follow_up", "follow_up"): "A result from later on",
    ("follow_up", "post"): "Only right after treatment",
    ("age_group", "mixed"): "Mixed ages",
    ("format", "mixed"): "Mixed formats",
}
# Bars of length 0 tell of a gap, but not for the levels that gather what fits nowhere else.
REST = ("mixed", "mixed_control", "other", "unclear")


def level_label(base: EvidenceBase, facet: str, level: object, levels: int = 1) -> str:
    """Name a level as readers know it; the unknown by what it means in this facet."""
    if tables.is_missing(level):
        return FACET_WORDS[facet].unknown
    name = str(level)
    if name == OTHERS:
        return f"{tables.count(levels)} others, each in one study"
    if facet == "condition":
        return base.taxonomy.condition(name).label
    if facet == "instrument":
        labels = base.instruments.set_index("instrument_id")["label"]
        return str(labels.get(name, name))
    if facet == "year":
        return name.replace("-", "–")
    if facet in ("country", "continent"):
        return name
    return OF_FACET.get((facet, name)) or LEVELS.get(name) or label_of(name)
