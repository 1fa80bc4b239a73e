"""The report as a Word document, for those who go on writing in it."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

from ipt_evidence.exchange.archive import zipped
from ipt_evidence.exchange.report.content import Report, Titled

__all__ = ["report_docx"]

_PICTURE_WIDTH = 6.3  # inches: the text width of a page of A4 or Letter
_NO_TIME = datetime(1980, 1, 1)
_SMALL = 8.5  # points, in tables


def report_docx(report: Report) -> bytes:
    """The bytes of a ``.docx``."""
    from docx import Document  # heavy; needed only when somebody takes a document away
    from docx.shared import Inches

    document: Any = Document()
    properties = document.core_properties
    properties.title, properties.author = report.title, "The IPT evidence explorer"
    properties.created = properties.modified = _NO_TIME
    document.add_heading(report.title, 0)
    document.add_paragraph(f"{report.basis}. A positive g always favours IPT. {report.not_advice}")
    _table(document, report.overview)
    for section in report.sections:
        document.add_page_break()
        document.add_heading(section.title, 1)
        document.add_paragraph(section.answer, style="Intense Quote")
        for paragraph in section.paragraphs:
            document.add_paragraph(paragraph)
        for _, _, png in section.figures:
            document.add_picture(io.BytesIO(png), width=Inches(_PICTURE_WIDTH))
        for titled in section.tables:
            _table(document, titled)
    _back_matter(document, report)
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as archive:  # whose entries carry the time of day
        return zipped({name: archive.read(name) for name in archive.namelist()})


def _table(document: Any, titled: Titled) -> None:
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


def _back_matter(document: Any, report: Report) -> None:
    document.add_page_break()
    document.add_heading("References", 1)
    for line in report.references:
        document.add_paragraph(line, style="List Number")
    document.add_heading("Sources of the numbers", 2)
    for line in report.sources:
        document.add_paragraph(line, style="List Bullet")
