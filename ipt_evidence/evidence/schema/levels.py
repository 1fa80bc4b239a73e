"""The words that columns with a fixed vocabulary may hold."""

from __future__ import annotations

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
