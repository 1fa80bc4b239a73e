"""The report of a condition: one page or one document, the same words and numbers as the page."""

from __future__ import annotations

import dataclasses
import io
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from docx import Document
from playwright.sync_api import Browser

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.answer import answer_sentence
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.report import Report, Titled, report, report_docx, report_html

QUESTION = Question("postpartum", "control")


@pytest.fixture(scope="module")
def made(base: EvidenceBase) -> Report:
    return report(base, View(QUESTION))


@pytest.fixture(scope="module")
def page(made: Report) -> str:
    return report_html(made)


class Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attributes if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Words:
    parser = Words()
    parser.feed(page)
    return parser


def test_it_says_what_the_page_says(base: EvidenceBase, made: Report, page: str) -> None:
    said = " ".join(read(page).text)
    for section in made.sections:
        assert section.answer in said
    answer = estimate(base, QUESTION)
    assert made.sections[0].answer == answer_sentence(base, answer)
    assert base.version in said and "not medical advice" in said
    for label in answer.trials["label"]:
        assert label in said


def test_it_needs_nothing_else(page: str) -> None:
    found = read(page)
    assert "script" not in found.tags and "link" not in found.tags
    assert found.links and all(
        link.startswith("data:image/svg+xml;base64,") for link in found.links
    )


def test_every_comparison_that_was_studied_has_a_section(base: EvidenceBase, made: Report) -> None:
    studied = [c.id for c in base.taxonomy.comparisons
               if len(estimate(base, Question("postpartum", c.id)).selection.studies)]  # fmt: skip
    assert len(made.sections) == len(studied) == len(made.overview.frame)
    assert len(made.references) >= estimate(base, QUESTION).k


def test_what_comes_from_data_is_shown_and_never_obeyed(made: Report) -> None:
    nasty = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    hostile = dataclasses.replace(
        made,
        title=nasty,
        references=(nasty,),
        overview=Titled(nasty, nasty, pd.DataFrame({nasty: [nasty]})),
    )
    found = read(report_html(hostile))
    assert "script" not in found.tags
    assert nasty in "".join(found.text)


def test_a_browser_shows_and_prints_it(browser: Browser, page: str) -> None:
    tab = browser.new_page(viewport={"width": 390, "height": 800})
    tab.set_content(page)
    # Tables scroll inside themselves; the page does not.
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    pictures = tab.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 0)")
    assert pictures and all(pictures)
    assert len(re.findall(rb"/Type /Page\b", tab.pdf())) > 2
    tab.close()


def test_the_document_opens_and_holds_the_same(made: Report) -> None:
    document = Document(io.BytesIO(report_docx(made)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert made.title in texts and made.sections[0].answer in texts
    cells = {cell.text for table in document.tables for row in table.rows for cell in row.cells}
    assert "Dennis 2020" in cells
    assert len(document.inline_shapes) == sum(len(section.figures) for section in made.sections)


def test_the_same_input_gives_the_same_bytes(base: EvidenceBase, made: Report, page: str) -> None:
    again = report(base, View(QUESTION))
    assert report_html(again) == page
    assert report_docx(again) == report_docx(made)


def test_a_condition_without_a_pooled_effect_still_has_a_report(base: EvidenceBase) -> None:
    empty = report(base, View(Question("anorexia", "control")))
    assert empty.sections and not empty.sections[0].figures
    assert "Not in this estimate" in report_html(empty)
