"""The reproduction bundle: one zip with which a stranger gets the number on the screen again.

The same base, view and software give the same bytes: no time of day, no random name, fixed order.
"""

from __future__ import annotations

import hashlib
import json
import platform
from importlib.metadata import version
from typing import Any

import pandas as pd

from ipt_evidence.about import VERSION
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate, estimate
from ipt_evidence.evidence.package import bundle_descriptor
from ipt_evidence.evidence.schema import EFFECTS, STUDIES
from ipt_evidence.evidence.view import View, parameters
from ipt_evidence.evidence.writing import plain_cells
from ipt_evidence.exchange.archive import zipped
from ipt_evidence.exchange.figures import figure_files
from ipt_evidence.exchange.formats import FORMATS
from ipt_evidence.exchange.methods_text import flow, methods_paragraph
from ipt_evidence.exchange.python_script import python_script
from ipt_evidence.exchange.r_script import r_script
from ipt_evidence.exchange.readme import readme
from ipt_evidence.exchange.shown import shown
from ipt_evidence.wording.safety import csv_safe

__all__ = ["bundle", "bundle_files"]

_SOFTWARE = ("numpy", "scipy", "pandas", "matplotlib")
_TRIALS = ("study_id", "label", "year", "yi", "vi", "weight", "n", "n_effects")


def bundle(base: EvidenceBase, view: View) -> bytes:
    """The bundle of one view as the bytes of a zip file.

    Raises
    ------
    QuestionError
        When no trial with a usable number answers the question: there is nothing to re-run.
    """
    files = bundle_files(base, view)
    return zipped({name: files[name] for name in sorted(files)})


def bundle_files(base: EvidenceBase, view: View) -> dict[str, bytes]:
    """The files of the bundle by their path inside it."""
    from ipt_evidence.analyses.answer import title as title_of

    answer = estimate(base, view.question, view.model)
    if answer.pooled is None:
        raise QuestionError(
            "No trial with a usable number answers this question, so there is nothing to re-run. "
            "Widen the filters, or choose another condition or comparison"
        )
    title = title_of(base, view.question)
    facts = shown(base, answer, title)
    texts = {
        "README.md": readme(base, answer, facts),
        "analysis.R": r_script(facts),
        "analysis.py": python_script(facts),
        "methods.md": methods_paragraph(base, answer),
        "settings.json": _json(settings(base, view, answer)),
        **_tables(answer),
        **_formats(base, answer),
        **_references(base, answer),
    }
    texts["datapackage.json"] = _json(
        bundle_descriptor(base.sources, answer.studies_per_source, facts.title)
    )
    files = {name: text.encode() for name, text in texts.items()}
    files |= {f"figures/{name}": data for name, data in figure_files(answer, title).items()}
    files["SHA256SUMS"] = _sums(files).encode()
    return files


def settings(base: EvidenceBase, view: View, answer: Estimate) -> dict[str, Any]:
    """What was chosen, what came out, and with which data and software."""
    pooled = answer.pooled
    result = {}
    if pooled is not None:
        result = {name: getattr(pooled, name) for name in (
            "k", "estimate", "se", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2", "i2",
            "q", "q_df", "q_p", "method", "test", "level")}  # fmt: skip
    return {
        "view": {word: list(values) for word, values in parameters(view).items()},
        "model": {
            "method": answer.model.method,
            "test": answer.model.test,
            "dependence": answer.model.dependence,
            "rho": answer.model.rho,
            "level": answer.model.level,
            "without_outliers": answer.model.without_outliers,
        },
        "result": result,
        "people": answer.people.value if answer.people.studies_known else None,
        "people_known_for": answer.people.studies_known,
        "effects": len(answer.selection.effects),
        "positive_favours": "IPT",
        "as_of": answer.as_of,
        "data_version": base.version,
        "data_fingerprint": base.fingerprint,
        "software": {
            "ipt_evidence": VERSION,
            "python": platform.python_version(),
            **{name: version(name) for name in _SOFTWARE},
        },
    }


def _tables(answer: Estimate) -> dict[str, str]:
    selection = answer.selection
    effects = plain_cells(EFFECTS, selection.effects)
    effects.insert(2, "label", selection.effects["label"].to_numpy())
    left_out = selection.left_out[["effect_id", "study_id", "reason"]]
    return {
        "data/effects.csv": csv_safe(effects),
        "data/trials.csv": csv_safe(answer.trials[list(_TRIALS)]),
        "data/studies.csv": csv_safe(plain_cells(STUDIES, _used(answer))),
        "data/left_out.csv": csv_safe(left_out),
        "data/flow.csv": csv_safe(flow(answer)),
    }


def _formats(base: EvidenceBase, answer: Estimate) -> dict[str, str]:
    return {
        f"formats/{name}": csv_safe(table)
        for form in FORMATS
        for name, table in form.files(base, answer).items()
        if len(table)
    }


def _references(base: EvidenceBase, answer: Estimate) -> dict[str, str]:
    keys = {key for references in _used(answer)["references"] for key in references}
    records: pd.DataFrame = base.references.loc[base.references["key"].isin(keys)]
    return {
        "references.bib": write_citations(records, "bibtex"),
        "references.ris": write_citations(records, "ris"),
        "references.json": write_citations(records, "csl-json"),
    }


def _used(answer: Estimate) -> pd.DataFrame:
    studies = answer.selection.studies
    return studies.loc[studies["study_id"].isin(answer.trials["study_id"])]


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _sums(files: dict[str, bytes]) -> str:
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
