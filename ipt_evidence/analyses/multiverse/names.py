"""Names of choices and options as readers know them."""

from __future__ import annotations

from ipt_evidence.analyses.multiverse.result import Curve
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording.sentences import COMPARISON_WORDS

__all__ = ["FACTOR_NAMES", "LABEL_NAMES", "option_name", "specification_words", "title"]

FACTOR_NAMES = {
    "rater": "Who rated",
    "risk_of_bias": "Risk of bias",
    "comparator": "Comparison arm",
    "population": "People",
    "treatment": "Treatment",
    "converted": "Converted effects",
    "warnings": "Trials with warnings",
    "reading": "Numbers read",
    "outcome": "Outcome of a trial",
    "rho": "Correlation of outcomes",
    "outliers": "Outliers",
    "estimator": "Estimator of τ²",
    "interval": "Interval",
    "correction": "Small-study correction",
}
_OPTIONS = {
    ("rater", "any"): "anybody",
    ("rater", "clinician"): "clinicians",
    ("rater", "self_report"): "patients",
    ("risk_of_bias", "any"): "any",
    ("risk_of_bias", "not_high"): "without high",
    ("risk_of_bias", "rated_better"): "low or some concerns",
    ("comparator", "any"): "any",
    ("comparator", "no_waitlist"): "no waiting list",
    ("comparator", "usual_care"): "usual care only",
    ("population", "any"): "everybody",
    ("population", "adults"): "adults",
    ("population", "not_perinatal"): "not around birth",
    ("treatment", "any"): "with relatives of IPT",
    ("treatment", "ipt"): "IPT only",
    ("converted", "any"): "in",
    ("converted", "not_converted"): "out",
    ("warnings", "any"): "in",
    ("warnings", "none"): "out",
    ("reading", "any"): "once or twice",
    ("reading", "double"): "twice",
    ("outcome", "combined"): "all combined",
    ("outcome", "hdrs"): "Hamilton first",
    ("outcome", "bdi"): "Beck first",
    ("outcome", "first"): "listed first",
    ("outcome", "largest"): "largest",
    ("outcome", "smallest"): "smallest",
    ("outliers", "in"): "in",
    ("outliers", "out"): "out",
    ("estimator", "PM"): "Paule-Mandel",
    ("estimator", "EE"): "none (equal effects)",
    ("estimator", "DL"): "DerSimonian-Laird",
    ("interval", "knha"): "Hartung-Knapp",
    ("interval", "z"): "normal",
    ("correction", "none"): "none",
    ("correction", "trim_and_fill"): "trim and fill",
    ("correction", "pet_peese"): "PET-PEESE",
    ("correction", "limit"): "limit analysis",
}
LABEL_NAMES = {
    "equivalent": "Equivalent",
    "uncertain": "Uncertain",
    "non_equivalent": "Non-equivalent",
}


def option_name(factor: str, option: str) -> str:
    """Name one option; a number or an estimator that has no other name stands for itself."""
    return _OPTIONS.get((factor, option), option)


def specification_words(curve: Curve, place: int) -> list[tuple[str, str]]:
    """Name the choices of one specification that are not the page's own."""
    return [
        (FACTOR_NAMES[factor.id], option_name(factor.id, factor.options[code].id))
        for factor, code in zip(curve.factors, curve.codes[place], strict=True)
        if code
    ]


def title(base: EvidenceBase, condition: str, comparison: str) -> str:
    """The page's question, like "Depression: does IPT against control hold up?"."""
    words = COMPARISON_WORDS[comparison]
    label = base.taxonomy.condition(condition).label
    return f"{label}: does the answer on {words.treatment} against {words.comparator} hold up?"
