"""A model that orders candidates by the base's own inclusions: an extra, beside the rules.

Needs scikit-learn (``pip install ipt-evidence[screening]``). Its worth is measured before it is
used: each record is judged by a model that has not seen it (stratified cross-validation), and what
is reported is how many of all records a person must read, in the model's order, to meet 95 % of
those that belong in (work saved over sampling: Cohen et al. 2006, doi:10.1197/jamia.M1929).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ipt_evidence.errors import EvidenceError

__all__ = ["RECALL", "Screening", "cross_validate", "predict"]

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
