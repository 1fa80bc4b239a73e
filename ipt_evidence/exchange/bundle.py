"""The reproduction bundle: one zip with which a stranger gets the number on the screen again.

The same base, view and software give the same bytes: no time of day, no random name, fixed order.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from importlib import resources
from importlib.metadata import version
from typing import Any

import pandas as pd

from ipt_evidence.about import VERSION
from ipt_evidence.analyses.answer import answer_sentence, interpretation, title
from ipt_evidence.analyses.composition import search_words
from ipt_evidence.citations.writers import write_citations
from ipt_evidence.errors import QuestionError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.csv_tables import plain_cells
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.files import zipped
from ipt_evidence.evidence.package import data_package, table_resource
from ipt_evidence.evidence.schema import EFFECTS, STUDIES, Column, Table
from ipt_evidence.evidence.view import View, estimate_of, parameters
from ipt_evidence.exchange.figures import figure_files
from ipt_evidence.exchange.formats import FORMATS
from ipt_evidence.exchange.json_ld import CRATE_FILE, ro_crate
from ipt_evidence.exchange.methods_text import flow, methods_paragraph
from ipt_evidence.exchange.scripts import Shown, python_script, r_script, shown
from ipt_evidence.wording.phrases import numbered
from ipt_evidence.wording.plain import csv_safe

__all__ = ["bundle", "bundle_files", "sums"]

_SOFTWARE = ("numpy", "scipy", "pandas", "matplotlib")
_RESULT = (
    "k", "estimate", "se", "ci_lower", "ci_upper", "pi_lower", "pi_upper", "tau2", "i2", "q",
    "q_df", "q_p", "method", "test", "level",
)  # fmt: skip
_MODEL = ("method", "test", "dependence", "rho", "level", "without_outliers")

_LABEL = Column("label", "string", "How the study is named in figures", required=True)
_POOLED_EFFECTS = replace(
    EFFECTS,
    file="data/effects.csv",
    description="The effects that were pooled, one row each. Positive yi always favours IPT.",
    columns=(*EFFECTS.columns[:2], _LABEL, *EFFECTS.columns[2:]),
)
_POOLED_STUDIES = replace(
    STUDIES,
    file="data/studies.csv",
    description="The trials that were pooled, one row each.",
    # Trials outside this view are not in the bundle.
    columns=tuple(
        replace(column, references="") if column.name == "overlaps_with" else column
        for column in STUDIES.columns
    ),
)
_TRIALS = Table(
    name="trials",
    file="data/trials.csv",
    key="study_id",
    title="Trials as pooled",
    description="One row a trial: its effects combined into one.",
    columns=(
        Column("study_id", "string", "The trial", required=True, references="studies.study_id"),
        _LABEL,
        Column("year", "integer", "Year of the main report", unit="year"),
        Column("yi", "number", "Hedges g; positive favours IPT", required=True),
        Column("vi", "number", "Sampling variance of yi", required=True, minimum=0),
        Column("weight", "number", "Share of the pooled estimate", unit="percent", minimum=0),
        Column("n", "number", "People in the arms compared", unit="people", minimum=0),
        Column("n_effects", "integer", "Effects that were combined", required=True, minimum=1),
    ),
)
_LEFT_OUT = Table(
    name="left_out",
    file="data/left_out.csv",
    key="effect_id",
    title="Effects left out",
    description="Results of the same condition and comparison that were not used, and why.",
    columns=(
        Column("effect_id", "string", "Key of the effect in the whole base", required=True),
        Column("study_id", "string", "The study", required=True),
        Column("reason", "string", "Why it was not used", required=True),
    ),
)
_FLOW = Table(
    name="flow",
    file="data/flow.csv",
    key="",
    title="Flow of trials",
    description="From all studies of the question to those pooled, for a PRISMA diagram.",
    columns=(
        Column("step", "string", "in the base, left out, or pooled", required=True),
        Column("reason", "string", "Why these were left out"),
        Column("studies", "integer", "Studies (left out: lost altogether here)", minimum=0),
        Column("effects", "integer", "Effects", minimum=0),
    ),
)
_BUNDLE_TABLES = (_POOLED_EFFECTS, _TRIALS, _POOLED_STUDIES, _LEFT_OUT, _FLOW)


def bundle(base: EvidenceBase, view: View) -> bytes:
    """The bundle of one view as the bytes of a zip file.

    Raises
    ------
    QuestionError
        When no trial with a usable number answers the question: there is nothing to re-run.
    """
    answer = estimate_of(base, view)
    files = bundle_files(base, answer)
    return zipped({name: files[name] for name in sorted(files)})


def bundle_files(base: EvidenceBase, answer: Estimate) -> dict[str, bytes]:
    """The files of the bundle by their path inside it."""
    if answer.pooled is None:
        raise QuestionError(
            "No trial with a usable number answers this question, so there is nothing to re-run. "
            "Widen the filters, or choose another condition or comparison"
        )
    question = title(base, answer.selection.question)
    facts = shown(base, answer, question)
    texts = {
        "README.md": base.names.said(_readme(base, answer, facts)),
        "analysis.R": r_script(facts),
        "analysis.py": python_script(facts),
        "methods.md": base.names.said(methods_paragraph(base, answer)),
        "settings.json": _json(_settings(base, answer)),
        **_tables(answer),
        **_references(base, answer),
        "datapackage.json": _json(_descriptor(base, answer, facts.title)),
    }
    files = {name: text.encode() for name, text in texts.items()} | _formats(base, answer)
    files |= {
        f"figures/{name}": data for name, data in figure_files(answer, question, base.names).items()
    }
    crate = ro_crate(
        base, question, base.names.said(answer_sentence(base, answer)),
        (*files, "SHA256SUMS"), answer.studies_per_source,
    )  # fmt: skip
    files[CRATE_FILE] = _json(crate).encode()
    files["SHA256SUMS"] = sums(files).encode()
    return files


def _readme(base: EvidenceBase, answer: Estimate, facts: Shown) -> str:
    template = resources.files(__package__) / "bundle_readme.md"
    return template.read_text(encoding="utf-8").format(
        title=facts.title,
        answer=answer_sentence(base, answer),
        sandwich=" and clubSandwich" if facts.che else "",
        python="with the explorer's package" if facts.che else "with NumPy and SciPy",
        n_effects=facts.n_effects,
        k=facts.k,
        sources="\n".join(_sources(base, answer)),
        version=facts.data_version,
        address=facts.address,
    )


def _sources(base: EvidenceBase, answer: Estimate) -> list[str]:
    lines = []
    for source_id, k in answer.studies_per_source.items():
        source = base.sources[source_id]
        facts = [numbered(k, "trial")]
        facts += [search_words(base, source_id, answer.selection.question)]
        facts += [f"licence {source.licence}"] if source.licence else []
        facts += [source.address] if source.address else []
        lines.append(f"- {source.label}: {', '.join(facts)}. {source.attribution}".rstrip())
    return lines


def _settings(base: EvidenceBase, answer: Estimate) -> dict[str, Any]:
    """What was chosen, what came out, and with which data and software."""
    view = View(answer.selection.question, answer.model)
    model = asdict(answer.model)
    return {
        "view": {word: list(values) for word, values in parameters(view).items()},
        "model": {name: model[name] for name in _MODEL},
        "result": {name: getattr(answer.pooled, name) for name in _RESULT} | interpretation(answer),
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
    frames = {
        _POOLED_EFFECTS: effects,
        _TRIALS: answer.trials[list(_TRIALS.column_names)],
        _POOLED_STUDIES: plain_cells(STUDIES, _used(answer)),
        _LEFT_OUT: selection.left_out[list(_LEFT_OUT.column_names)],
        _FLOW: flow(answer),
    }
    return {table.file: csv_safe(frame) for table, frame in frames.items()}


def _formats(base: EvidenceBase, answer: Estimate) -> dict[str, bytes]:
    return {
        f"formats/{name}": content
        for form in FORMATS
        for name, content in form.files(base, answer).items()
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


def _descriptor(base: EvidenceBase, answer: Estimate, question: str) -> dict[str, Any]:
    """The data package of the bundle, with the sources of its effects."""
    return data_package(
        {"name": "ipt-evidence-bundle", "title": question},
        {name: base.sources[name] for name in answer.studies_per_source},
        [table_resource(table, _BUNDLE_TABLES) for table in _BUNDLE_TABLES],
    )


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def sums(files: Mapping[str, bytes]) -> str:
    """The checksum of each file, as ``sha256sum`` writes it."""
    return "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
