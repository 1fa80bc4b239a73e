"""The Studies page: search, facets, side by side, the study over the page, what is taken away."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import streamlit as st
from browsing import open_page, settled, sideways, turn_to
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from ipt_evidence import EvidenceBase, load_citations
from ipt_evidence.analyses.studies.result import Catalogue, StudyFilter
from ipt_evidence.analyses.studies.summary import summary

PATIENCE = 60


def run(**query: str) -> AppTest:
    script = "from ipt_evidence.dashboard.views import studies\nstudies.render()\n"
    app = AppTest.from_string(script, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


@pytest.fixture(autouse=True)
def fresh_caches() -> None:
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def catalogue(base: EvidenceBase) -> Catalogue:
    return Catalogue.of(base)


def test_the_address_holds_words_and_facets(catalogue: Catalogue) -> None:
    app = run(q="depression", format="telephone", versus="control")
    wanted = StudyFilter("depression", {"format": ("telephone",), "comparison": ("control",)})
    expected = len(catalogue.find(wanted).studies)
    assert 0 < expected < len(catalogue.studies)
    assert f"**{expected} of {len(catalogue.studies)} studies**" in shown(app)
    assert app.text_input(key="q").value == "depression"


def test_words_that_no_study_has_say_so() -> None:
    app = run(q="no-such-study-anywhere")
    assert not app.exception
    assert "No study fits" in shown(app)


@pytest.mark.parametrize(
    ("compare", "words", "headings"),
    [
        ("agras2000", "One study ticked", 0),
        ("agras2000,wilfley2002", "2 studies ticked", 1),
        ("agras2000,unknown,wilfley2002,elkin1989,mossey1996", "4 studies ticked", 1),
        ("agras2000,wilfley2002,elkin1989,mossey1996,badger2007", "5 studies ticked", 0),
    ],
)
def test_two_to_four_studies_stand_side_by_side(compare: str, words: str, headings: int) -> None:
    app = run(compare=compare)
    assert not app.exception
    assert words in shown(app)
    assert sum(header.value == "Side by side" for header in app.header) == headings


def test_an_open_study_says_who_names_it_and_where_it_stands() -> None:
    app = run(study="agras2000")
    assert not app.exception
    page = shown(app)
    assert "the audit names it as better evidence" in page
    assert "five results" in page


def test_a_study_without_a_reference_says_so_and_where_it_was_seen() -> None:
    app = run(study="bleiberg")
    assert not app.exception
    assert "No reference known. The study was seen in one place only: [where we read it: pmc" in (
        shown(app).replace("\\", "")
    )


def test_every_study_opens(base: EvidenceBase) -> None:
    some = base.studies["study_id"].iloc[::12]
    assert len(some) > 1
    for study in some:
        app = run(study=str(study))
        assert not app.exception
        page = shown(app).replace("\\", "").replace("\u00a0", " ")
        assert summary(base, str(study)) in page


def test_an_unknown_study_in_the_address_is_ignored() -> None:
    app = run(study="nobody2030", compare="nobody2030", country="<script>")
    assert not app.exception
    assert "were randomised" not in shown(app)


# ------------------------------------------------------------------------- in Chromium


def rows(page: Page) -> int:
    return page.locator(".st-key-table-studies tbody tr").count()


@pytest.mark.browser
def test_typing_finds_and_the_address_keeps_it(kept_page: Page, catalogue: Catalogue) -> None:
    turn_to(kept_page, "/studies")
    box = kept_page.get_by_role("textbox", name="Search")
    box.fill('"interpersonal counselling" -telephone')
    box.press("Enter")
    expected = catalogue.find(StudyFilter('"interpersonal counselling" -telephone')).studies
    expect(
        kept_page.get_by_text(f"{len(expected)} of {len(catalogue.studies)} studies")
    ).to_be_visible()
    expect(kept_page.locator(".st-key-table-studies tbody tr")).to_have_count(len(expected))
    expect(kept_page.get_by_role("columnheader", name="Words found in")).to_be_visible()
    kept_page.reload()
    settled(kept_page)
    expect(box).to_have_value('"interpersonal counselling" -telephone')


@pytest.mark.browser
def test_facets_count_what_they_would_show(kept_page: Page, catalogue: Catalogue) -> None:
    turn_to(kept_page, "/studies")
    facets = kept_page.locator(".st-key-facets")
    facets.get_by_role("button", name="Condition", exact=True).click()
    anxiety = catalogue.find(StudyFilter()).counts["condition"]["anxiety"]
    kept_page.get_by_role("button", name=f"Anxiety disorders {anxiety}", exact=True).click()
    expect(kept_page.get_by_text(f"{anxiety} of {len(catalogue.studies)} studies")).to_be_visible()
    expect(kept_page).to_have_url(re.compile("in=anxiety"))
    kept_page.keyboard.press("Escape")
    counts = catalogue.find(StudyFilter("", {"condition": ("anxiety",)})).counts["format"]
    facets.get_by_role("button", name="Format", exact=True).click()
    kept_page.get_by_role("button", name=f"Group {counts['group']}", exact=True).click()
    expect(
        kept_page.get_by_text(f"{counts['group']} of {len(catalogue.studies)} studies")
    ).to_be_visible()
    kept_page.keyboard.press("Escape")
    kept_page.get_by_role("button", name="Clear all").click()
    expect(kept_page.get_by_text(f"All {len(catalogue.studies)} studies")).to_be_visible()
    expect(kept_page).not_to_have_url(re.compile("in=|format="))
    # What is done next does not bring a filter back.
    kept_page.get_by_role("checkbox", name="Select Agras 2000").check()
    expect(kept_page).to_have_url(re.compile("compare=agras2000"))
    expect(kept_page.get_by_text("One study ticked.")).to_be_visible()
    expect(kept_page.get_by_text(f"All {len(catalogue.studies)} studies")).to_be_visible()
    expect(kept_page).not_to_have_url(re.compile("in=|format="))


@pytest.mark.browser
def test_ticked_studies_are_compared_and_exported(
    page: Page, base: EvidenceBase, tmp_path: Path
) -> None:
    keys = {*base.study("agras2000")["references"], *base.study("wilfley2002")["references"]}
    open_page(page, "/studies")
    page.get_by_role("checkbox", name="Select Agras 2000").check()
    expect(page.get_by_text("One study ticked.")).to_be_visible()
    second = page.get_by_role("checkbox", name="Select Wilfley 2002")
    second.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    expect(page).to_have_url(re.compile("compare=agras2000(,|%2C)wilfley2002"))
    table = page.locator(".st-key-table-side-by-side")
    expect(table.get_by_role("columnheader", name="Wilfley 2002")).to_be_visible()
    expect(table.get_by_text("220 randomised, adults")).to_be_visible()
    with page.expect_download() as ris:
        page.get_by_role("button", name=f"Their references: RIS ({len(keys)})").click()
    file = tmp_path / "ticked.ris"
    file.write_bytes(Path(ris.value.path()).read_bytes())
    read = load_citations([file])
    assert len(read.citations) == len(keys)
    with page.expect_download() as csl:
        page.get_by_role("button", name=f"Their references: CSL-JSON ({len(keys)})").click()
    items = json.loads(Path(csl.value.path()).read_text(encoding="utf-8"))
    assert {item["title"] for item in items} == set(read.citations["title"])
    page.get_by_role("button", name="Untick all").click()
    expect(page.get_by_role("heading", name="Side by side")).to_have_count(0)
    expect(page.get_by_role("checkbox", name="Select Agras 2000")).not_to_be_checked()


@pytest.mark.browser
def test_a_study_opens_over_the_page_and_closes(kept_page: Page) -> None:
    turn_to(kept_page, "/studies?q=agras")
    kept_page.get_by_role("button", name="Open Agras 2000").click()
    panel = kept_page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Agras 2000")).to_be_visible()
    expect(kept_page).to_have_url(re.compile("study=agras2000"))
    expect(panel.get_by_text("In the article")).to_be_visible()
    kept_page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(kept_page).not_to_have_url(re.compile("study="))


@pytest.mark.browser
def test_a_phone_compares_without_scrolling_sideways(kept_phone: Page) -> None:
    turn_to(kept_phone, "/studies?compare=agras2000,wilfley2002")
    expect(kept_phone.get_by_role("heading", name="Side by side")).to_be_visible()
    assert sideways(kept_phone) <= 0
