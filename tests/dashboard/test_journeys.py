"""Five questions of a newcomer, answered from the front page by clicking what is in sight."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import settled, turn_to
from playwright.sync_api import Page, expect

from ipt_evidence import EvidenceBase, Question, estimate, load_citations
from ipt_evidence.analyses.certainty.panel import level_words
from ipt_evidence.analyses.certainty.result import assess
from ipt_evidence.wording import tables

pytestmark = pytest.mark.browser


@pytest.fixture
def home(kept_page: Page) -> Page:
    turn_to(kept_page, "/")
    return kept_page


def menu(page: Page, name: str, heading: str) -> None:
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    expect(page.locator("h1")).to_have_text(heading)
    settled(page)


def filter_condition(page: Page, condition: str) -> None:
    """Open the filter of narrower conditions on the Studies page and press one of them."""
    page.get_by_role("button", name="Narrower condition", exact=True).click()
    page.get_by_role("button", name=re.compile(f"^{condition}")).click()
    page.keyboard.press("Escape")
    settled(page)


def test_how_well_ipt_works_for_postpartum_depression_and_how_sure_that_is(
    home: Page, base: EvidenceBase
) -> None:
    answer = estimate(base, Question("postpartum", "control"))
    home.get_by_role("link", name="Open Postpartum and perinatal depression").click()
    expect(home.locator("h1")).to_contain_text("Postpartum and perinatal depression")
    said = home.locator(".st-key-answer")
    expect(said).to_contain_text(f"Across {answer.k} trials with {answer.people.value} people")
    expect(said).to_contain_text(tables.effect(answer.pooled.estimate))
    expect(said).to_contain_text(tables.interval(answer.pooled.ci_lower, answer.pooled.ci_upper))
    level = assess(base, answer).level
    sure = home.get_by_role("button", name=re.compile(level_words(str(level)))).first
    sure.click()
    expect(home.get_by_text("A suggestion by fixed rules after GRADE").first).to_be_visible()
    expect(home.get_by_text("Risk of bias").last).to_be_visible()


def test_which_trials_studied_bulimia_and_against_what(home: Page, base: EvidenceBase) -> None:
    menu(home, "Studies", "Studies")
    filter_condition(home, "Bulimia nervosa")
    expect(home).to_have_url(re.compile("narrower=bulimia"))
    trials = base.studies.loc[[("bulimia" in tags) for tags in base.studies["conditions"]]]
    assert len(trials) > 3
    table = home.get_by_role("table").first
    expect(table.get_by_role("row")).to_have_count(len(trials) + 1)
    for label in trials["label"]:
        expect(table.get_by_role("button", name=f"Open {label}", exact=True)).to_be_visible()
    column = [heading.inner_text() for heading in table.get_by_role("columnheader").all()].index(
        "Compared with"
    )
    compared = table.locator(f"tbody tr > :nth-child({column + 1})").all_inner_texts()
    assert any("sychotherap" in cell for cell in compared)
    assert "" not in compared


def test_which_citations_do_not_support_the_article_and_why(home: Page, base: EvidenceBase) -> None:
    expect(home.get_by_text("5 do not").first).to_be_visible()
    home.get_by_role("link", name="Read the audit").click()
    expect(home.locator("h1")).to_have_text("Do the citations support the claims?")
    table = home.get_by_role("table").last
    for reference in base.audit.references:
        if reference.verdict == "does_not_support":
            row = table.get_by_role("row", name=re.compile(rf"^\[{reference.number}\] "))
            expect(row).to_contain_text("Does not support it")
            expect(row).to_contain_text(reference.reason)


def test_a_bibtex_file_of_the_social_anxiety_trials(
    home: Page, base: EvidenceBase, tmp_path: Path
) -> None:
    menu(home, "Studies", "Studies")
    filter_condition(home, "Social anxiety")
    expect(home).to_have_url(re.compile("narrower=social_anxiety"))
    with home.expect_download() as download:
        home.get_by_role("button", name=re.compile("BibTeX")).first.click()
    file = tmp_path / "social-anxiety.bib"
    file.write_bytes(Path(download.value.path()).read_bytes())
    read = load_citations([file])
    assert read.rejected.empty
    tagged = [("social_anxiety" in tags) for tags in base.studies["conditions_all"]]
    wanted = {key for keys in base.studies.loc[tagged, "references"] for key in keys}
    assert set(read.citations["key"]) == wanted
    assert len(wanted) >= 4


def test_what_a_prediction_interval_is(home: Page) -> None:
    home.get_by_role("link", name=re.compile("^Anxiety disorders, Control")).click()
    expect(home.locator("h1")).to_contain_text("Anxiety disorders")
    home.get_by_role("button", name="Prediction interval", exact=True).click()
    card = home.locator(".ipt-card")
    expect(card).to_contain_text("true effect")
    expect(card).to_contain_text("new")
    card.get_by_role("link", name="Open the lesson").click()
    expect(home.get_by_role("heading", level=2).first).to_contain_text("prediction intervals")


def test_the_glossary_is_three_clicks_from_the_front_page(home: Page) -> None:
    menu(home, "Learn", "Learn to read the evidence")
    home.get_by_role("radio", name="Glossary").click()
    home.get_by_role("textbox", name="Search the glossary").fill("prediction")
    home.keyboard.press("Enter")
    expect(home.get_by_text("Prediction interval", exact=True).first).to_be_visible()
