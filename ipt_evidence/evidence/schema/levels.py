"""The words that columns with a fixed vocabulary may hold; those that readers see, with labels."""

from __future__ import annotations

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
ROB_LEVELS = {
    "low": "Low",
    "some_concerns": "Some concerns",
    "high": "High",
    "unclear": "Unclear",
}
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
RATERS = {"clinician": "Clinician", "self_report": "Self-report", "other": "Other"}
BASES = ("seen", "general_knowledge")
DIRECTIONS = ("lower_better", "higher_better", "event_good", "event_bad")
INPUT_TYPES = ("means", "change", "events", "reported_smd", "reported_odds_ratio", "none")
OBTAINED = ("reported", "computed", "converted")
CHECKS = ("confirmed", "corrected", "doubtful", "not_found", "none")
EXTRACTIONS = ("double", "single")
TIMES = ("post", "follow_up")
FAVOURS = ("ipt", "comparator")
