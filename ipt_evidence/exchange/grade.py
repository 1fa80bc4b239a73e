"""The summary of findings of a condition as a Word document, in the columns that GRADE uses.

GRADE guidelines 12, Guyatt et al. 2013, doi:10.1016/j.jclinepi.2012.01.012.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.about import PRODUCT
from ipt_evidence.analyses.certainty.panel import (
    CIRCLES,
    LEVEL_MEANINGS,
    LEVEL_WORDS,
    SUGGESTION,
    certainty_sentence,
    findings_table,
    rate_sentence,
)
from ipt_evidence.analyses.certainty.result import Finding, findings
from ipt_evidence.analyses.clinical_units.result import assumed_rate
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.exchange.report import docx_bytes
from ipt_evidence.wording.phrases import comparison_words, symptoms, upper_first

__all__ = ["COLUMNS", "summary_docx"]

COLUMNS = (
    "Outcomes",
    "Risk with the comparison",
    "Risk with IPT",
    "Relative effect (95% CI)",
    "№ of participants (studies)",
    "Certainty of the evidence (GRADE)",
    "Comments",
)
ABSOLUTE = "Anticipated absolute effects* (95% CI)"  # above the two columns of risks
_WIDTHS = (1.6, 1.1, 1.4, 1.3, 1.1, 1.2, 2.3)  # inches; a landscape page has 10
_SMALL = 8.5  # points


def summary_rows(base: EvidenceBase, found: tuple[Finding, ...]) -> pd.DataFrame:
    """One row a comparison, as text under `COLUMNS`.

    A risk is people of 100 who do well. The effect is a standardised mean difference, so there is
    no relative effect to give: it stands in its column as Hedges g, named.
    """
    words = findings_table(base, found).to_dict("records")
    rows = [_row(base, *pair) for pair in zip(found, words, strict=True)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(base: EvidenceBase, finding: Finding, words: dict[Any, str]) -> tuple[str, ...]:
    answer = finding.estimate
    compared = comparison_words(finding.comparison)
    measured = symptoms(base.taxonomy.condition(str(answer.selection.question.condition)).label)
    without, treated = (words[f"Do well with {arm}, of 100"] for arm in ("the comparison", "IPT"))
    people = words["Trials (people)"].partition(" (")[2].rstrip(")")
    effect = words["Hedges g (95% CI)"]
    comments = words["Why"] if answer.pooled is None else (
        f"{certainty_sentence(base, answer, finding.certainty)} Doubts: {words['Why']}."
    )  # fmt: skip
    return (
        f"{upper_first(measured)}: {compared.treatment} against {compared.comparator}",
        f"{without} of 100 do well" if without != "–" else "–",
        f"{treated[: treated.index(' ')]} of 100 do well{treated[treated.index(' ') :]}"
        if treated != "–" else "–",
        f"g {effect}" if effect != "–" else "–",
        f"{people} ({answer.k} RCTs)" if answer.k != 1 else f"{people} (1 RCT)",
        words["Certainty"],
        comments,
    )  # fmt: skip


def summary_docx(base: EvidenceBase, answer: Estimate) -> bytes:
    """The bytes of a ``.docx``: the table of the condition of ``answer``, under its filters."""
    from docx import Document  # heavy; needed only when somebody downloads a document
    from docx.enum.section import WD_ORIENT
    from docx.shared import Pt

    question = answer.selection.question
    condition = str(question.condition)
    found = findings(base, condition, answer.model, filters=question)
    document: Any = Document()
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = page.page_height, page.page_width
    page.left_margin = page.right_margin = page.left_margin // 2
    label = base.taxonomy.condition(condition).label
    title = f"Summary of findings: interpersonal psychotherapy (IPT) for {label.lower()}"
    document.core_properties.title, document.core_properties.author = title, PRODUCT
    document.add_heading(title, 1)
    _table(document, summary_rows(base, found))
    for line in _notes(base, found):
        document.add_paragraph().add_run(line).font.size = Pt(_SMALL)
    return docx_bytes(document)


def _table(document: Any, frame: pd.DataFrame) -> None:
    """Two rows of headings, which Word repeats on each page, and a row a comparison."""
    from docx.oxml import OxmlElement
    from docx.shared import Inches, Pt

    table = document.add_table(rows=2, cols=len(COLUMNS), style="Table Grid")
    table.autofit = False
    for column, name in enumerate(COLUMNS):
        above, below = table.cell(0, column), table.cell(1, column)
        if name.startswith("Risk with"):
            below.text = name
        else:
            above.merge(below).text = name
    table.cell(0, 1).merge(table.cell(0, 2)).text = ABSOLUTE
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for texts in frame.itertuples(index=False):
        for cell, text in zip(table.add_row().cells, texts, strict=True):
            cell.text = str(text)
    for number, row in enumerate(table.rows):
        for cell, width in zip(row.cells, _WIDTHS, strict=True):
            cell.width = Inches(width)
            for run in (run for paragraph in cell.paragraphs for run in paragraph.runs):
                run.font.size, run.font.bold = Pt(_SMALL), number < 2


def _notes(base: EvidenceBase, found: tuple[Finding, ...]) -> list[str]:
    """What is assumed, which way an effect points, and what the levels of GRADE mean."""
    notes = []
    for finding in found:
        if finding.estimate.pooled is not None:
            label = base.taxonomy.comparison(finding.comparison).label
            rate = finding.rate or assumed_rate(base, finding.estimate.selection.question)
            notes.append(f"* {label}: {rate_sentence(rate)}")
    notes.append("g: Hedges g, a standardised mean difference; positive favours IPT.")
    notes += [
        f"{CIRCLES[level]} {LEVEL_WORDS[level]} certainty: {meaning}"
        for level, meaning in LEVEL_MEANINGS.items()
    ]
    return [*notes, SUGGESTION, f"{PRODUCT}, data version {base.version}."]
