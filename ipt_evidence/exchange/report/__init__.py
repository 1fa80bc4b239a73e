"""The report of a condition: everything the base knows about it, to print, mail or edit.

content.py   what the report says, as plain sections
html.py      one self-contained page
docx.py      the same as a Word document
"""

from __future__ import annotations

from ipt_evidence.exchange.report.content import Report, Section, Titled, report
from ipt_evidence.exchange.report.html import report_html

__all__ = ["Report", "Section", "Titled", "report", "report_html"]
