"""Exports of the Condition page, and what a citation says when followed."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from browsing import turn_to
from playwright.sync_api import Page, expect

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.evidence.view import View
from ipt_evidence.exchange.bundle import bundle
from ipt_evidence.exchange.citation import read_cited

pytestmark = pytest.mark.browser

VIEW = "/condition?condition=postpartum&comparison=control"


def opened(page: Page, address: str) -> None:
    turn_to(page, address)
    expect(page.get_by_role("heading", name="Download and cite")).to_be_visible()


def test_the_zip_is_the_bundle_of_what_is_shown(kept_page: Page, base: EvidenceBase) -> None:
    opened(kept_page, VIEW + "&method=PM&excluded=dennis2020")
    with kept_page.expect_download() as download:
        kept_page.get_by_role("button", name="Everything, to re-run it").click()
    content = Path(download.value.path()).read_bytes()
    from ipt_evidence import Model

    question = Question("postpartum", "control", excluded=("dennis2020",))
    assert content == bundle(base, View(question, Model(method="PM")))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {"analysis.R", "analysis.py", "README.md"} <= set(archive.namelist())


def test_the_report_is_a_page_of_its_own(kept_page: Page) -> None:
    opened(kept_page, VIEW)
    kept_page.get_by_role("button", name="Report", exact=True).click()
    with kept_page.expect_download() as download:
        kept_page.get_by_role("button", name="One page (HTML)").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Interpersonal psychotherapy and postpartum" in text


def test_a_citation_can_be_copied_and_followed(kept_page: Page, base: EvidenceBase) -> None:
    opened(kept_page, VIEW)
    kept_page.get_by_role("button", name="Cite this view").click()
    text = kept_page.locator(".ipt-text").first.inner_text()
    view = re.search(r"View: (condition\?\S+)", text).group(1)
    assert f"data version {base.version}" in text and "localhost" not in text
    opened(kept_page, f"/{view}")
    # The same data: nothing moved, so nothing is said.
    expect(kept_page.get_by_text("This view was cited")).to_have_count(0)


def test_an_older_citation_says_what_it_was_and_what_it_is(
    kept_page: Page, base: EvidenceBase
) -> None:
    words = "&cited=25.1.0&was=9_0.61_0.20_1.02"
    assert read_cited({"cited": ["25.1.0"], "was": ["9_0.61_0.20_1.02"]}) is not None
    opened(kept_page, VIEW + words)
    answer = estimate(base, Question("postpartum", "control"))
    notice = kept_page.get_by_text("This view was cited under data version 25.1.0")
    expect(notice).to_contain_text("g 0.61 (95% CI 0.20 to 1.02) from nine trials")
    expect(notice).to_contain_text(f"g {answer.pooled.estimate:.2f}")
    # Another view is not the cited one.
    kept_page.get_by_text(re.compile(r"^Medication( \(0\))?$")).first.click()
    expect(notice).to_have_count(0)
    expect(kept_page).not_to_have_url(re.compile("cited="))


def test_a_drawer_follows_the_view_and_closes_from_the_keyboard(kept_page: Page) -> None:
    opened(kept_page, "/condition?condition=depression")
    opener = kept_page.get_by_role("button", name="References in other formats")
    opener.click()
    listed = kept_page.locator(".ipt-list").get_by_role("button")
    expect(listed).to_have_count(4)
    before = listed.first.inner_text()
    kept_page.get_by_text(re.compile(r"^Medication( \(0\))?$")).first.click()
    expect(listed.first).not_to_have_text(before)
    expect(opener).to_have_attribute("aria-expanded", "true")
    listed.first.focus()
    kept_page.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_citation_does_not_outlive_its_view(kept_page: Page) -> None:
    opened(kept_page, VIEW)
    kept_page.get_by_role("button", name="Cite this view").click()
    expect(kept_page.locator(".ipt-text").first).to_contain_text("comparison=control")
    kept_page.get_by_text(re.compile(r"^Medication( \(0\))?$")).first.click()
    expect(kept_page.locator(".ipt-text")).to_have_count(0)
    kept_page.get_by_role("button", name="Cite this view").click()
    expect(kept_page.locator(".ipt-text").first).to_contain_text("comparison=pharmacotherapy")


def test_a_file_can_be_asked_for_with_the_click_that_closes_a_choice(kept_page: Page) -> None:
    opened(kept_page, VIEW)
    kept_page.get_by_role("button", name="Which trials").click()
    expect(kept_page.get_by_label("Leave out trials with a warning")).to_be_visible()
    with kept_page.expect_download() as download:
        kept_page.get_by_role("button", name=re.compile("References .BibTeX")).click()
    assert download.value.suggested_filename == "ipt-postpartum-control.bib"
    with kept_page.expect_download() as again:
        kept_page.get_by_role("button", name=re.compile("References .BibTeX")).click()
    text = Path(again.value.path()).read_text(encoding="utf-8")
    assert text.count("\n@") + text.startswith("@") == 13
