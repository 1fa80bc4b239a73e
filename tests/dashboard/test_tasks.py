"""Twelve tasks of researchers and students, each within its bound of clicks.

A click is one press of the mouse on something in sight. Typing, and dropping a file, are not.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from browsing import open_page, settled, turn_to
from playwright.sync_api import Download, Locator, Page, expect

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.writers import write_citations

pytestmark = pytest.mark.browser


class Reader:
    """Somebody with a mouse, whose clicks are counted, on the page at ``address``."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.clicks = page, 0
        turn_to(page, address)

    def click(self, what: Locator) -> None:
        what.click()
        self.clicks += 1
        settled(self.page)

    def click_in_figure(self, row: str) -> None:
        """Press on a name in the first figure, which takes clicks by their place."""
        plot = self.page.locator(".js-plotly-plot").first
        plot.locator(".scatterlayer .points path").first.wait_for()
        name = plot.get_by_text(row).first.bounding_box()
        assert name is not None
        self.page.mouse.click(name["x"] + 9, name["y"] + name["height"] / 2)
        self.clicks += 1

    def saves(self, what: Locator) -> Download:
        with self.page.expect_download() as download:
            self.click(what)
        return download.value

    def menu(self, name: str) -> None:
        self.click(self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name))

    def cell(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=re.compile(f"^{name}")).first)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=re.compile(name)).first


@pytest.fixture
def home(kept_page: Page) -> Reader:
    return Reader(kept_page, "/")


def test_references_of_social_anxiety_against_other_therapies(
    home: Reader, base: EvidenceBase
) -> None:
    home.click(home.button("^Anxiety disorders"))  # opens the row of the map
    home.cell("Social anxiety disorder, Other psychotherapy")
    home.click(home.button("References in other formats"))
    saved = home.saves(home.button("^(download |format_quote )?RIS"))
    read = load_text(Path(saved.path()).read_text(encoding="utf-8"), "saved.ris").citations
    studies = estimate(base, Question("social_anxiety", "other_psychotherapy")).selection.studies
    assert set(read["key"]) == {key for keys in studies["references"] for key in keys} != set()
    assert home.clicks <= 4


def test_perinatal_trials_at_low_risk_of_bias(home: Reader, base: EvidenceBase) -> None:
    home.cell("Postpartum and perinatal depression, Control")
    home.click(home.button("^Only low risk of bias"))
    answer = estimate(base, Question("postpartum", "control", rob=("low",)))
    whole = estimate(base, Question("postpartum", "control"))
    assert 0 < answer.k < whole.k
    expect(home.page.get_by_text(f"k = {answer.k} ·")).to_be_visible()
    expect(home.page).to_have_url(re.compile("rob=low"))
    assert home.clicks <= 3


def test_where_a_number_comes_from(kept_page: Page, base: EvidenceBase) -> None:
    reader = Reader(kept_page, "/condition?condition=depression&comparison=control")
    reader.click_in_figure("Elkin 1989")
    panel = kept_page.get_by_role("dialog")
    effects = estimate(base, Question("depression", "control")).selection.effects
    first = effects.loc[effects["study_id"] == "elkin1989"].iloc[0]
    phrase = " ".join(str(first["quote"]).split())[:40]
    expect(panel.get_by_text(phrase).first).to_be_visible()
    expect(panel.locator(f'a[href="{first["source_url"]}"]').first).to_be_visible()
    assert reader.clicks <= 1


def test_trials_from_africa(home: Reader, base: EvidenceBase) -> None:
    home.menu("Studies")
    home.click(home.button("^Continent"))
    home.click(home.button("^Africa"))
    expect(home.page).to_have_url(re.compile("continent=africa", re.IGNORECASE))
    found = home.page.locator(".st-key-found")
    expect(found).to_contain_text(re.compile(rf"[1-9]\d* of {len(base.studies)} studies"))
    assert home.clicks <= 3


def test_data_for_metafor(kept_page: Page, base: EvidenceBase) -> None:
    reader = Reader(kept_page, "/condition?condition=depression&comparison=control")
    reader.click(reader.button("Data$"))
    saved = reader.saves(reader.button("metafor"))
    with zipfile.ZipFile(saved.path()) as archive:
        table = pd.read_csv(io.BytesIO(archive.read("metafor.csv")))
    effects = estimate(base, Question("depression", "control")).selection.effects
    assert list(table["yi"]) == pytest.approx(list(effects["yi"]))
    assert reader.clicks <= 2


def test_whether_a_bibliography_is_known(home: Reader, base: EvidenceBase) -> None:
    home.menu("Import")
    mine = base.references.dropna(subset="doi").head(20)
    file = write_citations(mine, "ris").encode()
    home.page.locator('input[type="file"]').set_input_files(
        {"name": "mine.ris", "mimeType": "text/plain", "buffer": file}
    )
    expect(home.page.get_by_text("0 new, 20 already in the base")).to_be_visible()
    assert home.clicks <= 1


def test_ptsd(home: Reader, base: EvidenceBase) -> None:
    home.click(home.button("^Anxiety disorders"))
    home.cell("Post-traumatic stress disorder, Control")
    expect(home.page.locator("h1")).to_contain_text("Post-traumatic stress")
    expect(home.page).to_have_url(re.compile("condition=ptsd"))
    assert home.clicks <= 2


def test_whether_ipt_is_better_than_cbt(home: Reader, base: EvidenceBase) -> None:
    home.cell("Depression, Other psychotherapy")
    home.click(home.button("^Only against CBT"))
    answer = estimate(
        base, Question("depression", "other_psychotherapy", comparator_types=("cbt",))
    )
    said = home.page.locator(".st-key-answer")
    expect(said).to_contain_text(re.compile(rf"\b{answer.k}\b|two trials|one trial", re.I))
    expect(home.page).to_have_url(re.compile("against=cbt"))
    assert home.clicks <= 2


def test_how_much_it_helps_in_everyday_words(home: Reader) -> None:
    home.click(home.page.get_by_role("link", name=re.compile("^.*Start here")))
    home.click(home.page.get_by_role("radio", name="In clinical units", exact=True))
    expect(home.page.get_by_text(re.compile("of 100 people|of 100")).first).to_be_visible()
    assert home.clicks <= 2


@pytest.mark.parametrize("words", ["new mothers", "teenagers", "shy", "over the phone"])
def test_studies_are_found_by_everyday_words(home: Reader, words: str) -> None:
    home.menu("Studies")
    home.page.get_by_role("textbox", name="Search").fill(words)
    home.page.keyboard.press("Enter")
    expect(home.page.locator(".st-key-found")).to_contain_text(re.compile(r"^[1-9]\d* of"))
    assert home.clicks <= 2


def test_publication_bias(home: Reader) -> None:
    home.click(home.page.get_by_role("link", name=re.compile("Start here")))
    home.click(home.page.get_by_role("radio", name="Publication bias", exact=True))
    expect(home.page.locator(".st-key-section-small-studies")).to_contain_text("Egger")
    assert home.clicks <= 2


def test_a_citation_for_an_essay(home: Reader, base: EvidenceBase) -> None:
    home.click(home.page.get_by_role("link", name=re.compile("Start here")))
    home.click(home.button("Cite this view"))
    text = home.page.get_by_text(re.compile(rf"data version {re.escape(base.version)}"))
    expect(text.last).to_be_visible()
    assert home.clicks <= 2


def test_eating_disorders_begin_with_an_answer(home: Reader) -> None:
    home.click(home.page.get_by_role("link", name="Open Eating disorders"))
    expect(home.page.locator("h1")).to_contain_text("Eating disorders")
    expect(home.page.locator(".st-key-answer")).to_contain_text("95% CI")
    assert home.clicks <= 1


def test_a_class_is_not_shown_the_robustness_tools(page: Page) -> None:
    open_page(page, "/condition?classroom=true")
    menu = page.get_by_test_id("stSidebarNav")
    held = page.get_by_role("radio", name="Does it hold up?", exact=True)
    expect(menu.get_by_role("link", name="Learn")).to_be_visible()
    expect(menu.get_by_role("link", name="Robustness")).to_have_count(0)
    expect(held).to_have_count(0)
    # A section leads to the lesson that explains it, and the address still says for whom this is.
    page.get_by_role("link", name="Lesson: How to read a forest plot").click()
    expect(page.locator("h2").first).to_have_text("How to read a forest plot")
    expect(page).to_have_url(re.compile(r"/learn\?.*classroom=true"))
    menu.get_by_role("link", name="Condition").click()
    expect(page.locator("h1")).to_contain_text("Depression")
    expect(page).to_have_url(re.compile(r"/condition\?.*classroom=true"))
    page.get_by_role("button", name="Show everything").click()
    expect(held).to_be_visible()
    expect(menu.get_by_role("link", name="Robustness")).to_be_visible()
    expect(page).not_to_have_url(re.compile("classroom"))
