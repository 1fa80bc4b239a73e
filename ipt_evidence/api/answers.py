"""What each address answers, from the base and the words of a view; its OpenAPI description."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pandas as pd

from ipt_evidence.about import PRODUCT, VERSION
from ipt_evidence.analyses.answer import answer_sentence, interpretation
from ipt_evidence.analyses.panel import Number, Option
from ipt_evidence.analyses.registry import ANALYSES, Analysis
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import plain_cells
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.schema import EFFECTS, POOLED, STUDIES
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import (
    SWITCHES,
    VIEW_WORDS,
    View,
    estimate_of,
    known_values,
    view_of,
)

__all__ = ["BASE_PATH", "RESOURCES", "Resource", "Words", "openapi"]

BASE_PATH = "/api/v1"

Words = Mapping[str, Sequence[str]]
_PLACE = ("condition", "comparison")
_TRIALS = ("study_id", "label", "year", "yi", "vi", "ci_lower", "ci_upper", "weight", "n")


Answer = pd.DataFrame | dict[str, Any]


@dataclass(frozen=True, slots=True)
class Resource:
    """One address: its name, what it is about, the words it knows, and how it answers.

    ``answer`` gives a table, which goes out as CSV or JSON, or a document, which goes out as JSON.
    The document of an ``analysis`` has a table in it, which goes out as CSV, and takes the options
    of the analysis beside ``words``.
    """

    name: str
    about: str
    words: tuple[str, ...]
    answer: Callable[[EvidenceBase, Words], Answer]
    table: bool = True
    analysis: Analysis | None = None


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
    question = view_of({word: words[word] for word in _PLACE if word in words}, base).question
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
        **interpretation(answer),
        "favours": answer.favours,
        "positive_favours": "IPT",
        "as_of": answer.as_of,
    }


def _without_weights(answer: Estimate) -> dict[str, Any]:
    document = asdict(answer.pooled)  # type: ignore[arg-type]
    return {name: value for name, value in document.items() if name != "weights"}


def _panel(analysis: Analysis, base: EvidenceBase, words: Words) -> dict[str, Any]:
    view = _view(base, {word: words[word] for word in VIEW_WORDS if word in words})
    chosen = {word: values for word, values in words.items() if word not in VIEW_WORDS}
    return analysis.document(base, view, chosen)


def _estimate(base: EvidenceBase, words: Words) -> Estimate:
    return estimate_of(base, _view(base, words))


def _view(base: EvidenceBase, words: Words) -> View:
    view = view_of(words, base)
    if view.question.condition is None:
        raise QuestionError("Name a condition, like ?condition=depression")
    return view


def _coverage(base: EvidenceBase, words: Words) -> pd.DataFrame:
    from ipt_evidence.exchange.map_files import coverage_rows  # which also draws the map

    frame = pd.DataFrame(coverage_rows(base))
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
    *(
        Resource(
            f"panels/{analysis.id}",
            f"The analysis of a page: {analysis.label}",
            VIEW_WORDS,
            partial(_panel, analysis),
            analysis=analysis,
        )
        for analysis in ANALYSES.values()
    ),
)


def openapi(base: EvidenceBase) -> dict[str, Any]:
    """The document at ``/api/v1/openapi.json``."""
    known = {word: tuple(sorted(values)) for word, values in known_values(base).items()}
    known |= dict.fromkeys(SWITCHES, ("1",))
    paths, largest = {}, _largest(base)
    for resource in RESOURCES:
        parameters = [_parameter(word, _schema(known.get(word, ()))) for word in resource.words]
        if resource.analysis:  # as offered where most trials are
            parameters += map(_option, resource.analysis.options(base, largest))
        for form in ("json", "csv") if resource.table else ("json",):
            path = f"{BASE_PATH}/{resource.name}.{form}"
            paths[path] = {"get": _operation(resource, form, parameters)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": PRODUCT,
            "version": VERSION,
            "description": (
                "Read-only. Trials of interpersonal psychotherapy, their effects (positive "
                f"favours IPT) and pooled estimates. Data version {base.version}."
            ),
            "license": {"name": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
    }


def _operation(resource: Resource, form: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    kind = "text/csv" if form == "csv" else "application/json"
    schema = {"type": "string"} if form == "csv" else {"type": "object"}
    return {
        "operationId": f"{resource.name.replace('/', '_')}_{form}",
        "summary": resource.about,
        "parameters": parameters,
        "responses": {
            "200": {"description": "The answer", "content": {kind: {"schema": schema}}},
            "304": {"description": "Nothing changed since the ETag that was sent"},
            "400": {"description": "A value is not known; the message says which"},
        },
    }


def _parameter(word: str, schema: dict[str, Any], about: str = "") -> dict[str, Any]:
    if word == "rho":
        schema = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
    return {
        "name": word,
        "in": "query",
        "required": False,
        "schema": {"type": "array", "items": schema},
        "explode": True,
        "description": f"{about}May be repeated.",
    }


def _schema(values: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)} if values else {"type": "string"}


def _option(option: Option | Number) -> dict[str, Any]:
    about = f"{option.label}, where the trials of the view allow it. "
    if isinstance(option, Option):
        return _parameter(option.id, _schema(tuple(option.choices)), about)
    limits = {"minimum": option.lowest, "maximum": option.highest}
    return _parameter(option.id, {"type": "number", **limits}, about)


def _largest(base: EvidenceBase) -> View:
    """The view of the condition with most studies."""
    studied = Counter(one for own in base.studies["conditions_all"] for one in own)
    return View(Question(*(condition for condition, _ in studied.most_common(1))))
