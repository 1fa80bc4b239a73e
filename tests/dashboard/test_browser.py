"""The explorer as a reader meets it: real Chromium against the real app on the real data."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsing import open_page, settled, sideways, turn_to
from playwright.sync_api import BrowserContext, Download, Page, expect

from ipt_evidence import EvidenceBase, Question, estimate, load_citations
from ipt_evidence.wording import tables

pytestmark = pytest.mark.browser

PAGES = {
    "/": "What does the evidence for Interpersonal Psychotherapy show?",
    "/condition": (
        "Depression: does IPT help more than a control (waiting, usual care, placebo or attention)?"
    ),
    "/studies": "Studies",
    "/coverage": "What was studied, and what nobody has answered",
    "/robustness": "Depression: does the answer on IPT against control hold up?",
    "/claims": "Do the citations support the claims?",
    "/candidates": "New evidence",
    "/learn": "Learn to read the evidence",
    "/import": "Import your references",
    "/your-data": "Your data",
    "/methods": "Methods & data",
}


def saved(download: Download) -> str:
    return Path(download.path()).read_text(encoding="utf-8")


@dataclass(frozen=True)
class Loaded:
    """A page and what happened while it was loaded on a phone; for tests that only look at it.

    On a wide screen the pages are looked at by `test_accessibility`.
    """

    address: str
    page: Page
    errors: list[str]
    asked: list[str]


@pytest.fixture(scope="module", params=PAGES)
def loaded(reader: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Loaded]:
    one = Loaded(request.param, reader.new_page(), [], [])
    one.page.set_viewport_size({"width": 390, "height": 844})
    one.page.on("pageerror", lambda error: one.errors.append(str(error)))
    one.page.on("request", lambda request: one.asked.append(request.url))
    open_page(one.page, one.address)
    yield one
    one.page.close()


def test_every_page_says_what_it_is_and_shows_no_error(loaded: Loaded) -> None:
    expect(loaded.page.locator("h1")).to_have_text(PAGES[loaded.address])
    expect(loaded.page.locator('[data-testid="stException"]')).to_have_count(0)
    expect(loaded.page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    assert loaded.errors == []


def test_a_page_load_asks_no_other_host(loaded: Loaded, server: str) -> None:
    foreign = [
        url
        for url in loaded.asked
        if not url.startswith((server, "data:", "blob:", "ws://localhost"))
    ]
    assert loaded.asked
    assert foreign == []


def test_a_phone_shows_every_page_without_scrolling_sideways(loaded: Loaded) -> None:
    settled(loaded.page)
    assert sideways(loaded.page) <= 0


def test_a_phone_shows_the_choices_of_the_address(open_tab: Callable[[int, int], Page]) -> None:
    for _ in range(3):  # a second run used to cut the first one short, now and then
        page = open_tab(390, 844)
        open_page(page, "/condition?condition=anxiety&comparison=other_psychotherapy&order=label")
        box = page.get_by_role("combobox", name="Condition", exact=True)
        expect(box).to_have_value("Anxiety disorders")
        for chosen in ("Other psychotherapy", "By name"):
            button = page.get_by_role("radio", name=chosen, exact=True)
            expect(button).to_be_checked()


def test_a_cell_of_the_map_holds_the_answer_and_leads_to_its_trials(
    kept_page: Page, base: EvidenceBase
) -> None:
    answer = estimate(base, Question("anxiety", "other_psychotherapy"))
    turn_to(kept_page, "/")
    cell = kept_page.get_by_role("link", name=re.compile("^Anxiety disorders, Other psychotherapy"))
    expect(cell).to_contain_text(f"g {tables.effect(answer.pooled.estimate)}")
    expect(cell).to_contain_text(tables.interval(answer.pooled.ci_lower, answer.pooled.ci_upper))
    expect(cell).to_contain_text(f"{answer.k} trials")
    cell.click()
    expect(kept_page.locator("h1")).to_have_text(
        "Anxiety disorders: does IPT help more than another psychotherapy?"
    )
    expect(kept_page).to_have_url(re.compile("condition=anxiety&comparison=other_psychotherapy"))
    kept_page.go_back()
    expect(kept_page.locator("h1")).to_have_text(PAGES["/"])


def test_back_leads_back_also_from_a_cell_with_default_choices(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    kept_page.get_by_role("link", name=re.compile("^Depression, Control")).click()
    expect(kept_page.locator("h1")).to_have_text(PAGES["/condition"])
    settled(kept_page)
    kept_page.go_back()
    expect(kept_page.locator("h1")).to_have_text(PAGES["/"])


def test_the_map_works_from_the_keyboard(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    kept_page.get_by_role("link", name=re.compile("^Depression, Control")).focus()
    kept_page.keyboard.press("Tab")
    expect(kept_page.get_by_role("link", name=re.compile("^Depression, Other"))).to_be_focused()
    kept_page.keyboard.press("Enter")
    expect(kept_page.locator("h1")).to_have_text(
        "Depression: does IPT help more than another psychotherapy?"
    )


def test_empty_cells_say_which_kind_of_nothing(kept_page: Page) -> None:
    turn_to(kept_page, "/")
    expect(kept_page.get_by_role("link", name=re.compile(": no trial found"))).not_to_have_count(0)
    expect(kept_page.get_by_role("link", name=re.compile(": not searched"))).not_to_have_count(0)
    expect(kept_page.get_by_role("link", name=re.compile(": no usable number"))).not_to_have_count(
        0
    )


def test_a_click_in_the_forest_plot_opens_the_study_and_its_sources(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=postpartum&order=label")
    plot = kept_page.locator(".js-plotly-plot").first
    plot.locator(".scatterlayer .points path").first.wait_for()
    # The whole row does as its square does, and the pointer shows it.
    name = plot.get_by_text("Spinelli 2003").first.bounding_box()
    assert name is not None
    kept_page.mouse.move(name["x"] + 9, name["y"] + name["height"] / 2)
    assert plot.evaluate("plot => plot.style.cursor") == "pointer"
    kept_page.mouse.click(name["x"] + 9, name["y"] + name["height"] / 2)
    panel = kept_page.locator(".st-key-study-panel")
    heading = kept_page.get_by_role("dialog").get_by_role("heading").first
    expect(heading).to_have_text("Spinelli 2003")
    turn_to(kept_page, "/condition?condition=postpartum&order=year")
    plot.locator(".scatterlayer .points path").first.wait_for()
    square = plot.locator(".scatterlayer .trace .points path").first.bounding_box()
    assert square is not None
    kept_page.mouse.click(square["x"] + square["width"] / 2, square["y"] + square["height"] / 2)
    expect(kept_page.get_by_role("dialog").get_by_role("heading").first).to_be_visible()
    expect(kept_page).to_have_url(re.compile("study="))
    read = panel.get_by_role("link", name="where we read it").first
    expect(read).to_be_visible()  # the first result is open
    expect(read).to_have_attribute("href", re.compile("^https?://"))


def test_a_number_opens_at_the_publication_before_the_place_where_it_was_read(
    kept_page: Page,
) -> None:
    turn_to(kept_page, "/condition?condition=postpartum&study=grote2009")
    panel = kept_page.locator(".st-key-study-panel")
    links = panel.locator("[data-testid=stExpander] a")
    expect(links.nth(0)).to_have_text("open the publication")
    expect(links.nth(0)).to_have_attribute("href", re.compile("^https://doi.org/10."))
    expect(links.nth(1)).to_contain_text("where we read it: ")


def test_filters_change_the_answer_and_live_in_the_address(
    kept_page: Page, base: EvidenceBase
) -> None:
    without = estimate(base, Question("postpartum", "control", without_flags=("se_for_sd",)))
    turn_to(kept_page, "/condition?condition=postpartum")
    kept_page.get_by_role("button", name="Which trials").click()
    kept_page.get_by_label("Leave out trials with a warning").click()
    kept_page.get_by_role("option", name=re.compile("^Standard errors")).click()
    kept_page.keyboard.press("Escape")
    answer = kept_page.locator(".st-key-answer")
    expect(answer).to_contain_text(tables.effect(without.pooled.estimate))
    expect(kept_page).to_have_url(re.compile("without=se_for_sd"))
    words = answer.inner_text()
    kept_page.reload()
    settled(kept_page)
    expect(answer).to_have_text(re.compile(re.escape(words.splitlines()[-1])))


def test_another_estimator_is_one_click_and_shareable(kept_page: Page) -> None:
    turn_to(kept_page, "/condition?condition=depression&method=DL&test=z")
    expect(kept_page.get_by_text("DL, normal interval")).to_be_visible()


def test_what_is_taken_away_is_exactly_what_is_shown(
    kept_page: Page, base: EvidenceBase, tmp_path: Path
) -> None:
    answer = estimate(base, Question("social_anxiety", "other_psychotherapy"))
    turn_to(kept_page, "/condition?condition=social_anxiety&comparison=other_psychotherapy")
    kept_page.get_by_role("button", name="Data", exact=True).click()
    with kept_page.expect_download() as trials:
        kept_page.get_by_role("button", name="Trials pooled (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(saved(trials.value))))
    assert [row["study_id"] for row in rows] == answer.trials["study_id"].tolist()
    assert [float(row["yi"]) for row in rows] == answer.trials["yi"].tolist()
    with kept_page.expect_download() as effects:
        kept_page.get_by_role("button", name="Effects behind them (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(saved(effects.value))))
    assert [row["effect_id"] for row in rows] == answer.selection.effects["effect_id"].tolist()
    assert all(row["source_url"].startswith("http") for row in rows)
    kept_page.keyboard.press("Escape")
    with kept_page.expect_download() as bibtex:
        kept_page.get_by_role("button", name="References (BibTeX)").click()
    file = tmp_path / "read-back.bib"
    file.write_text(saved(bibtex.value), encoding="utf-8")
    read = load_citations([file])
    assert read.rejected.empty
    studies = answer.selection.studies
    assert set(read.citations["key"]) == {key for keys in studies["references"] for key in keys}
    original = base.references.set_index("key")["title"].dropna()
    titles = read.citations.set_index("key")["title"].dropna()
    assert titles.to_dict() == original.loc[titles.index].to_dict()


def test_studies_are_found_by_words_without_accents(kept_page: Page) -> None:
    turn_to(kept_page, "/studies?q=dagoo%20lsas")
    expect(kept_page.get_by_text("1 of 109 studies")).to_be_visible()
    turn_to(kept_page, "/studies?q=no-such-study-anywhere")
    expect(kept_page.get_by_text("No study fits")).to_be_visible()


def test_the_audit_names_each_reference_with_its_verdict(kept_page: Page) -> None:
    turn_to(kept_page, "/claims")
    verdicts = "3 support their claim, 2 support part of it, 5 do not."
    expect(kept_page.get_by_text(verdicts)).to_be_visible()
    for number in range(1, 11):
        expect(kept_page.get_by_text(re.compile(rf"^Reference {number}: "))).to_have_count(1)
    verdicts = kept_page.locator(".st-key-table-verdicts").get_by_text(
        "Does not support it", exact=True
    )
    expect(verdicts).to_have_count(5)
    collision = kept_page.get_by_text("Reference 9 reports a careful trial of")
    expect(collision).to_contain_text("intensive periodontal treatment")
    expect(kept_page.get_by_text("anxiety disorders, diabetes and chronic pain")).to_be_visible()
    expect(kept_page.get_by_text("Better evidence", exact=True)).not_to_have_count(0)


GOOD = "@article{new2030, title={IPT for bulimia nervosa}, author={Smith, Anna}, year={2030}}"
BROKEN = (
    GOOD + "\n@article{torn, title = {Never closed\n@article{next2031, title={Third}, year={2031}}"
)
HOSTILE = (
    '@article{evil, title={<img src=x onerror="window.hacked=1"> [x](javascript:alert(1))}, '
    "author={=cmd|' /C calc'!A0}, url={javascript:alert(1)}, year={2030}}"
)


def upload(page: Page, name: str, content: str) -> None:
    turn_to(page, "/methods")  # a page that is left forgets its files
    turn_to(page, "/import")
    page.locator('input[type="file"]').set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    )
    expect(page.get_by_role("heading", name="What arrived")).to_be_visible()
    settled(page)


def test_an_upload_is_read_tagged_and_taken_out_again(kept_page: Page, tmp_path: Path) -> None:
    upload(kept_page, "good.bib", GOOD)
    expect(kept_page.get_by_text("1 record read")).to_be_visible()
    expect(kept_page.get_by_text("1 new, 0 already in the base")).to_be_visible()
    with kept_page.expect_download() as out:
        kept_page.get_by_role("button", name="Download 1 record as BibTeX").click()
    text = saved(out.value)
    assert "new2030" in text
    assert "bulimia" in text.lower().split("keywords")[1]


def test_a_broken_upload_loses_nothing(kept_page: Page) -> None:
    upload(kept_page, "broken.bib", BROKEN)
    said = kept_page.locator("p", has_text=re.compile(r"records? read.*rejected")).inner_text()
    read, rejected = (
        int(re.search(pattern, said).group(1))
        for pattern in (r"(\d+) records? read", r"(\d+) rejected")
    )
    assert read + rejected == 3
    expect(
        kept_page.get_by_role("heading", name=re.compile("Rejected|Repaired")).first
    ).to_be_visible()


def test_a_doubtful_pair_is_judged_by_hand_and_a_merge_can_be_undone(
    kept_page: Page, base: EvidenceBase
) -> None:
    printed = (base.folder / "article_references.txt").read_text(encoding="utf-8")
    assert printed.count(": 167-177") == 1
    upload(kept_page, "article.txt", printed.replace(": 167-177", ": 267-277"))  # wrong pages
    said = kept_page.locator("p", has_text=re.compile("records read")).first
    expect(said).to_contain_text("1 doubtful")
    before = int(re.search(r"(\d+) already in the base", said.inner_text()).group(1))
    kept_page.get_by_text("Same publication", exact=True).click()
    expect(said).to_contain_text("0 doubtful")
    expect(said).to_contain_text(f"{before + 1} already in the base")
    kept_page.get_by_text("Different publications", exact=True).click()
    expect(said).to_contain_text(f"{before} already in the base")


def test_a_hostile_upload_is_only_text(kept_page: Page) -> None:
    upload(kept_page, "evil.bib", HOSTILE)
    expect(kept_page.get_by_text("1 record read")).to_be_visible()
    assert kept_page.evaluate("window.hacked") is None
    assert kept_page.locator('img[src="x"], a[href^="javascript:"]').count() == 0


def test_a_file_that_is_no_bibliography_is_refused_in_words(kept_page: Page) -> None:
    upload(kept_page, "picture.bib", "\x00\x01\x02" * 100)
    expect(kept_page.get_by_text("this is not a text file")).to_be_visible()
