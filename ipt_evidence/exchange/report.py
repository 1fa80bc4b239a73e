"""The report of a condition, all that the base knows about it, as an HTML page or Word document."""

from __future__ import annotations

import base64
import io
import zipfile
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ipt_evidence.about import PRODUCT
from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.certainty.panel import (
    SUGGESTION,
    cap_sentences,
    certainty_sentence,
    domains_table,
    findings_table,
)
from ipt_evidence.analyses.certainty.result import Certainty, Finding, findings
from ipt_evidence.analyses.composition import search_words
from ipt_evidence.analyses.methods import METHODS
from ipt_evidence.analyses.sensitivity.panel import LEAD, alternatives_table
from ipt_evidence.analyses.sensitivity.result import alternatives
from ipt_evidence.citations.writers.formatted import references
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.files import zipped
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.figures import figure_files
from ipt_evidence.exchange.methods_text import methods_paragraph
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.studies import flag_words

__all__ = [
    "Report",
    "Section",
    "Titled",
    "docx_bytes",
    "report",
    "report_docx",
    "report_html",
    "template",
]

FEWEST_FOR_SENSITIVITY = 3
NOT_ADVICE = (
    "This report shows what trials found. It is not medical advice, and it is only as complete as "
    "the searches behind it."
)


@dataclass(frozen=True, slots=True)
class Titled:
    """A table with its heading and the sentence that introduces it."""

    heading: str
    lead: str
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Section:
    """One comparison: its question, the answer in words, figures as (name, SVG, PNG), tables."""

    title: str
    answer: str
    paragraphs: tuple[str, ...]
    figures: tuple[tuple[str, bytes, bytes], ...]
    tables: tuple[Titled, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """All sections of one condition, the overview before them, and what stands behind them."""

    title: str
    basis: str
    overview: Titled
    sections: tuple[Section, ...]
    methods: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    sources: tuple[str, ...]
    not_advice: str = NOT_ADVICE


def report(base: EvidenceBase, view: View) -> Report:
    """The report of the condition of ``view``, with its filters and model in every comparison.

    Raises
    ------
    QuestionError
        When the base does not know the condition.
    """
    condition = str(view.question.condition)
    everything = replace(view.question, comparison=None)
    found = findings(base, condition, view.model, filters=everything)
    label = base.taxonomy.condition(condition).label
    return Report(
        title=f"Interpersonal psychotherapy and {label[0].lower() + label[1:]}: the evidence",
        basis=f"{PRODUCT}, data version {base.version}",
        overview=Titled(
            "Summary of findings",
            "Each comparison that was studied. " + SUGGESTION,
            findings_table(base, found),
        ),
        sections=tuple(_section(base, finding) for finding in found),
        methods=METHODS,
        references=_references(base, found),
        sources=_sources(base, found),
    )


def _section(base: EvidenceBase, finding: Finding) -> Section:
    answer = finding.estimate
    title = words.title(base, answer.selection.question)
    # On the page a caution ends in where to click; on paper there is nothing to click.
    cautions = (text.partition(" Under “")[0] for text in words.cautions(base, answer))
    paragraphs = [words.basis(base, answer), *cautions]
    if answer.pooled is not None:
        if answer.k > 1:
            paragraphs.append(sentences.heterogeneity(answer.pooled))
        held = cap_sentences(base, answer, finding.certainty)
        sentence = certainty_sentence(base, answer, finding.certainty)
        paragraphs.append(" ".join((sentence, *held)))
        paragraphs.append("For a methods section: " + methods_paragraph(base, answer).strip())
    return Section(
        title=title,
        answer=words.answer_sentence(base, answer),
        paragraphs=tuple(paragraphs),
        figures=_figures(answer, title),
        tables=tuple(_tables(base, answer, finding.certainty)),
    )


def _figures(answer: Estimate, title: str) -> tuple[tuple[str, bytes, bytes], ...]:
    files = figure_files(answer, title)
    names = [name.removesuffix(".svg") for name in files if name.endswith(".svg")]
    return tuple((name, files[f"{name}.svg"], files[f"{name}.png"]) for name in names)


def _tables(base: EvidenceBase, answer: Estimate, certainty: Certainty) -> list[Titled]:
    made = []
    if answer.pooled is not None:
        made.append(Titled("The trials", "", tables.trials_table(_newest_first(answer))))
        if answer.shown is not None:
            made.append(Titled("The estimate in full", "", tables.pooled_table(answer.shown)))
        made.append(Titled("How sure is that?", SUGGESTION, domains_table(certainty)))
        if answer.k >= FEWEST_FOR_SENSITIVITY:
            view = View(answer.selection.question, answer.model)
            others = alternatives_table(answer.pooled, alternatives(base, view))
            made.append(Titled("Does it hold up?", LEAD, others))
    left_out = words.left_out_table(answer)
    if len(left_out):
        lead = "Nothing disappears: each trial or result that was not used, and why."
        made.append(Titled("Not in this estimate", lead, left_out))
    return made


def _newest_first(answer: Estimate) -> pd.DataFrame:
    trials = answer.trials.sort_values(["year", "label"], ascending=[False, True], kind="stable")
    named = [", ".join(flag_words(flag).short for flag in flags) for flags in trials["flags"]]
    return trials.assign(flags=named)


def _references(base: EvidenceBase, found: tuple[Finding, ...]) -> tuple[str, ...]:
    keys = {
        key
        for finding in found
        for own in finding.estimate.selection.studies["references"]
        for key in own
    }
    records = base.references.loc[base.references["key"].isin(keys)]
    return tuple(references(records, "apa"))


def _sources(base: EvidenceBase, found: tuple[Finding, ...]) -> tuple[str, ...]:
    used = dict.fromkeys(name for f in found for name in f.estimate.studies_per_source)
    lines = []
    for name in used:
        source = base.sources[name]
        when = "; ".join(
            dict.fromkeys(
                search_words(base, name, f.estimate.selection.question)
                for f in found
                if name in f.estimate.studies_per_source
            )
        )
        parts = (source.label, source.attribution, when, source.licence, source.address)
        lines.append(". ".join(part.rstrip(".") for part in parts if part))
    return tuple(lines)


def report_html(report: Report) -> str:
    """The text of the page. Everything that comes from data is escaped by the template engine."""
    return str(template("report.html").render(report=report))


@cache
def template(name: str) -> Any:
    """A template of this folder, which escapes all but what ``strong`` reads of our own texts."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["picture"] = _picture
    environment.filters["strong"] = _strong
    text = resources.files(__package__) / name
    return environment.from_string(text.read_text(encoding="utf-8"))


def _picture(svg: bytes) -> str:
    """An address that holds the drawing itself; as an image it can run nothing."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg).decode()


def _strong(text: str) -> Markup:
    """Our own method texts mark words by ``**`` and links as in Markdown; show them plainly."""
    parts = _plain_links(text).split("**")
    marked = [Markup("<strong>{}</strong>").format(part) if i % 2 else Markup.escape(part)
              for i, part in enumerate(parts)]  # fmt: skip
    return Markup("").join(marked)


def _plain_links(text: str) -> str:
    """``[doi:10.1/x](https://…)`` becomes ``doi:10.1/x``."""
    start = text.find("](")
    while start >= 0:
        end, opening = text.find(")", start), text.rfind("[", 0, start)
        text = text[:opening] + text[opening + 1 : start] + text[end + 1 :]
        start = text.find("](")
    return text


_PICTURE_WIDTH = 6.3  # inches: the text width of a page of A4 or Letter
_NO_TIME = datetime(1980, 1, 1)
_SMALL = 8.5  # points, in tables


def report_docx(report: Report) -> bytes:
    """The bytes of a ``.docx``."""
    from docx import Document  # heavy; needed only when somebody downloads a document
    from docx.shared import Inches

    document: Any = Document()
    properties = document.core_properties
    properties.title, properties.author = report.title, PRODUCT
    document.add_heading(report.title, 0)
    document.add_paragraph(f"{report.basis}. A positive g always favours IPT. {report.not_advice}")
    _docx_table(document, report.overview)
    for section in report.sections:
        document.add_page_break()
        document.add_heading(section.title, 1)
        document.add_paragraph(section.answer, style="Intense Quote")
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        for _, _, png in section.figures:
            document.add_picture(io.BytesIO(png), width=Inches(_PICTURE_WIDTH))
        for titled in section.tables:
            _docx_table(document, titled)
    _docx_back_matter(document, report)
    return docx_bytes(document)


def docx_bytes(document: Any) -> bytes:
    """The bytes of a python-docx document; the same document gives the same bytes."""
    document.core_properties.created = document.core_properties.modified = _NO_TIME
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:  # whose entries carry the time of day
        return zipped({name: archive.read(name) for name in archive.namelist()})


def _docx_table(document: Any, titled: Titled) -> None:
    from docx.shared import Pt

    document.add_heading(titled.heading, 2)
    if titled.lead:
        document.add_paragraph(titled.lead)
    table = document.add_table(rows=1, cols=len(titled.frame.columns), style="Light List Accent 1")
    rows = [[str(name) for name in titled.frame.columns]]
    rows += [[str(cell) for cell in row] for row in titled.frame.itertuples(index=False)]
    for number, cells in enumerate(rows):
        row = table.rows[0] if number == 0 else table.add_row()
        for cell, text in zip(row.cells, cells, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.font.size = Pt(_SMALL)


def _docx_back_matter(document: Any, report: Report) -> None:
    document.add_page_break()
    document.add_heading("References", 1)
    for line in report.references:
        document.add_paragraph(line, style="List Number")
    document.add_heading("Sources of the numbers", 2)
    for line in report.sources:
        document.add_paragraph(line, style="List Bullet")
