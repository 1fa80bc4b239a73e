"""How likely is a new record a randomised trial of IPT? Points by rules, each with its reason.

The rules are few and can be read in `RULES`; nothing is learned. The score orders the reading, it
never decides.

"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from ipt_evidence.errors import EvidenceError
from ipt_evidence.services.works import Work

__all__ = ["RULES", "Screening", "cross_validate", "names_ipt", "predict", "rank"]

RULES = {
    "ipt_title": (35, "names IPT or interpersonal counselling in its title"),
    "ipt_abstract": (20, "names IPT or interpersonal counselling, not in its title"),
    "rct_type": (30, "is indexed as a randomised controlled trial"),
    "rct_title": (30, "says in its title that it is randomised"),
    "rct_abstract": (20, "says that it is randomised"),
    "condition": (10, "names a condition of the evidence base"),
    "abstract": (5, "has an abstract that can be judged"),
    "registered": (10, "names a trial registration"),
    "no_ipt": (-35, "nowhere names IPT"),
    "review": (-35, "is a review or a meta-analysis"),
    "protocol": (-20, "is the protocol of a trial without results yet"),
    "notice": (-50, "is a comment, a letter, or a notice about another paper"),
    "trap": (-40, "uses the letters IPT for something else, such as periodontal treatment"),
}
"""Points of each rule and what a record that gets them does. Randomisation counts once."""

_RANDOM = re.compile(r"\brandomi[sz]|\brandomly\b|\brct\b|aleatori|randomisiert", re.IGNORECASE)
_TRIAL_TYPES = frozenset({"randomized controlled trial"})
_REVIEW_TYPES = frozenset({"review", "meta-analysis", "systematic review", "scoping review"})
_NOTICE_TYPES = frozenset(
    {
        "comment", "letter", "editorial", "published erratum", "retraction of publication",
        "expression of concern", "erratum",
    }
)  # fmt: skip
_PROTOCOL = re.compile(r"\bprotocol\b", re.IGNORECASE)
_REVIEW = re.compile(r"\breview\b|meta-?analys|\boverview\b", re.IGNORECASE)
_NOTICE = re.compile(
    r"^(?:re:|reply|comment|correction|erratum|corrigendum|retract)", re.IGNORECASE
)
_TRAPS = re.compile(
    r"periodont|gingiv|intermittent preventive|inverse probability|isoniazid", re.IGNORECASE
)
_IPT = re.compile(
    r"inter-?personal\s+(?:\w+\s+)?(?:psycho-?therap|therap|counsel)|\bIPT(?:-\w+)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One rule that applied: its name in `RULES`, and the points it gave."""

    rule: str
    points: int

    @property
    def reason(self) -> str:
        """What the record does, in words."""
        return RULES[self.rule][1]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Points from 0 to 100 and where they come from."""

    score: int
    points: tuple[Point, ...]

    def words(self) -> str:
        """``+35 names IPT in its title; -20 is the protocol ...``."""
        return "; ".join(f"{point.points:+d} {point.reason}" for point in self.points)


def names_ipt(text: str) -> bool:
    """Whether ``text`` names IPT, and not something else that is shortened in the same way."""
    plain = re.search(r"inter-?personal", text, re.IGNORECASE)
    return bool(_IPT.search(text)) and (plain is not None or not _TRAPS.search(text))


def rank(work: Work, conditions: Collection[str], designs: Collection[str]) -> Ranking:
    """Score of one record with the conditions and designs that the tagger found in it."""
    record = work.record
    title, abstract = record.title or "", record.abstract or ""
    types = {kind.lower() for kind in work.types}
    found: list[str] = []
    in_title, anywhere = bool(_IPT.search(title)), bool(_IPT.search(f"{title} {abstract}"))
    if _TRAPS.search(f"{title} {abstract}") and not re.search(
        r"inter-?personal", f"{title} {abstract}", re.IGNORECASE
    ):
        found.append("trap")
    else:
        found.append("ipt_title" if in_title else "ipt_abstract" if anywhere else "no_ipt")
    if types & _TRIAL_TYPES:
        found.append("rct_type")
    elif _RANDOM.search(title):
        found.append("rct_title")
    elif _RANDOM.search(abstract) or {"rct", "cluster_rct"} & set(designs):
        found.append("rct_abstract")
    if conditions:
        found.append("condition")
    if abstract:
        found.append("abstract")
    if record.registry_ids:
        found.append("registered")
    if types & _REVIEW_TYPES or _REVIEW.search(title):
        found.append("review")
    if _PROTOCOL.search(title) or "clinical trial protocol" in types:
        found.append("protocol")
    if types & _NOTICE_TYPES or _NOTICE.search(title) or work.updates:
        found.append("notice")
    points = tuple(Point(name, RULES[name][0]) for name in found)
    return Ranking(max(0, min(100, sum(point.points for point in points))), points)


RECALL = 0.95
_FOLDS = 5
_FEWEST = 10  # of either kind; fewer teach nothing that could be measured
_SEED = 20240501


@dataclass(frozen=True, slots=True)
class Screening:
    """How well the model orders ``n`` records of which ``included`` belong in.

    ``read`` is the share of all records that must be read, in the model's order, to meet
    ``recall`` of those that belong in; ``saved`` is the work saved over reading at random.
    """

    n: int
    included: int
    recall: float
    read: float

    @property
    def saved(self) -> float:
        """Work saved over sampling at this recall; negative is worse than chance."""
        return self.recall - self.read

    def sentence(self) -> str:
        """The measure in words."""
        return (
            f"Cross-validated on {self.n:,} records of the base, {self.included:,} of them trials: "
            f"to meet {self.recall:.0%} of the trials one reads {self.read:.0%} of the records "
            f"({self.saved:+.0%} against reading at random)"
        )


def cross_validate(texts: Sequence[str], included: Sequence[bool]) -> Screening:
    """Measure the model on records whose decision is known.

    Raises
    ------
    EvidenceError
        When scikit-learn is missing, or fewer than ten records are of one kind.
    """
    kinds = (sum(included), len(included) - sum(included))
    if min(kinds) < _FEWEST:
        raise EvidenceError(
            f"{kinds[0]} records belong in and {kinds[1]} do not: a model needs at least "
            f"{_FEWEST} of each"
        )
    model, selection = _model(), _sklearn("model_selection")
    folds = selection.StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
    scores = selection.cross_val_predict(
        model, list(texts), list(included), cv=folds, method="predict_proba"
    )[:, 1]
    order = sorted(range(len(texts)), key=lambda i: -scores[i])
    wanted = math.ceil(RECALL * sum(included))
    met = read = 0
    for position in order:
        read += 1
        met += included[position]
        if met >= wanted:
            break
    return Screening(len(texts), sum(included), met / sum(included), read / len(texts))


def predict(texts: Sequence[str], included: Sequence[bool], new: Sequence[str]) -> list[float]:
    """Probability (0 to 1) that each text of ``new`` belongs in, by a model of the known ones."""
    if not new:
        return []
    model = _model().fit(list(texts), list(included))
    return [float(value) for value in model.predict_proba(list(new))[:, 1]]


def _model() -> Any:
    text, linear = _sklearn("feature_extraction.text"), _sklearn("linear_model")
    return _sklearn("pipeline").make_pipeline(
        text.TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
        linear.LogisticRegression(class_weight="balanced", C=10.0, max_iter=1000),
    )


def _sklearn(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(f"sklearn.{name}")
    except ModuleNotFoundError as err:
        raise EvidenceError(
            "The model needs scikit-learn. Install it: pip install 'ipt-evidence[screening]'"
        ) from err
