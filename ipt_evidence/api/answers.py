"""What each address answers: rows or one document, from the base and the words of a view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd

from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.analyses.gap_map.result import coverage
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import plain_cells
from ipt_evidence.evidence.estimation import Estimate, estimate
from ipt_evidence.evidence.schema import EFFECTS, POOLED, STUDIES
from ipt_evidence.evidence.view import VIEW_WORDS, View, read_view

__all__ = ["RESOURCES", "Resource", "Words"]

Words = Mapping[str, Sequence[str]]
_PLACE = ("condition", "comparison")
_TRIALS = ("study_id", "label", "year", "yi", "vi", "ci_lower", "ci_upper", "weight", "n")


@dataclass(frozen=True, slots=True)
class Resource:
    """One address: its name, what it is about, the words it knows, and how it answers.

    ``answer`` gives a table, which goes out as CSV or JSON, or a document, which goes out as JSON.
    """

    name: str
    about: str
    words: tuple[str, ...]
    answer: Callable[[EvidenceBase, Words], pd.DataFrame | dict[str, Any]]
    table: bool = True


def _studies(base: EvidenceBase, words: Words) -> pd.DataFrame:
    frame = base.studies.loc[_asked(base, base.studies, words, "comparisons")]
    return plain_cells(STUDIES, frame)


def _effects(base: EvidenceBase, words: Words) -> pd.DataFrame:
    frame = base.joined.loc[_asked(base, base.joined, words, "comparison")]
    plain = plain_cells(EFFECTS, frame)
    plain.insert(2, "label", frame["label"].to_numpy())
    return plain


def _pooled(base: EvidenceBase, words: Words) -> pd.DataFrame:
    frame = base.pooled.copy()
    frame["conditions_all"] = [base.taxonomy.with_parents(own) for own in frame["conditions"]]
    return plain_cells(POOLED, frame.loc[_asked(base, frame, words, "comparison")])


def _asked(base: EvidenceBase, frame: pd.DataFrame, words: Words, column: str) -> list[bool]:
    """Which rows have the condition and the comparison that ``words`` name."""
    question = _view(base, {word: words[word] for word in _PLACE if word in words}).question
    conditions, comparisons = words.get("condition"), words.get("comparison")
    return [
        (not conditions or question.condition in own)
        and (not comparisons or _is(question.comparison, compared))
        for own, compared in zip(frame["conditions_all"], frame[column], strict=True)
    ]


def _is(comparison: str | None, cell: object) -> bool:
    return comparison in cell if isinstance(cell, tuple) else comparison == cell


def _trials(base: EvidenceBase, words: Words) -> pd.DataFrame:
    answer = _estimate(base, words)
    return answer.trials[list(_TRIALS)]


def _pool(base: EvidenceBase, words: Words) -> dict[str, Any]:
    answer = _estimate(base, words)
    return {
        "sentence": answer_sentence(base, answer),
        "k": answer.k,
        "n": answer.people.value if answer.people.studies_known else None,
        "pooled": None if answer.pooled is None else _without_weights(answer),
        "favours": answer.favours,
        "positive_favours": "IPT",
        "as_of": answer.as_of,
    }


def _without_weights(answer: Estimate) -> dict[str, Any]:
    document = asdict(answer.pooled)  # type: ignore[arg-type]
    return {name: value for name, value in document.items() if name != "weights"}


def _estimate(base: EvidenceBase, words: Words) -> Estimate:
    view = _view(base, words)
    if view.question.condition is None:
        raise QuestionError("Name a condition, like ?condition=depression")
    return estimate(base, view.question, view.model)


def _view(base: EvidenceBase, words: Words) -> View:
    """The view that ``words`` name; here, unlike on a page, an unknown value is an error."""
    view, ignored = read_view(words, base)
    if ignored:
        raise QuestionError(f"Not known: {', '.join(ignored)}. See /api/v1/openapi.json")
    if "comparison" not in words:
        return view
    return replace(view, question=replace(view.question, comparison=words["comparison"][0]))


def _coverage(base: EvidenceBase, words: Words) -> pd.DataFrame:
    rows = []
    for cell in coverage(base):
        answer, pooled = cell.estimate, cell.estimate.pooled
        rows.append(
            {
                "condition": cell.condition,
                "comparison": cell.comparison,
                "state": cell.state,
                "k_studies": cell.k_studies,
                "k": answer.k,
                "n": answer.people.value if answer.people.studies_known else None,
                "estimate": pooled and pooled.estimate,
                "ci_lower": pooled and pooled.ci_lower,
                "ci_upper": pooled and pooled.ci_upper,
                "searched": cell.searched,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.astype({"n": "Int64", "estimate": float, "ci_lower": float, "ci_upper": float})


def _audit(base: EvidenceBase, words: Words) -> dict[str, Any]:
    return base.audit.to_dict()


RESOURCES = (
    Resource("studies", "One row a study, as in studies.csv", _PLACE, _studies),
    Resource(
        "effects",
        "One row an effect, as in effects.csv, with the study's label. Positive yi favours IPT; "
        "include says whether an effect may be pooled",
        _PLACE,
        _effects,
    ),
    Resource("pooled", "Effects that meta-analyses published, as in pooled.csv", _PLACE, _pooled),
    Resource("coverage", "The gap map: every condition and comparison", (), _coverage),
    Resource("trials", "The trials of one view as they are pooled", VIEW_WORDS, _trials),
    Resource("estimate", "The pooled estimate of one view", VIEW_WORDS, _pool, table=False),
    Resource("audit", "The article's references and claims", (), _audit, table=False),
)
