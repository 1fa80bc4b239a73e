"""Firefox beside Chromium: every page is drawn without a fault, a choice and a download work."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from browsing import HEADINGS, SETTLED, TURN, TURNED
from firefox import Firefox, started

from tests.conftest import missing

pytestmark = pytest.mark.browser
WRONG = """() => ['stException', 'stAlertContentError'].flatMap((name) =>
  [...document.querySelectorAll(`[data-testid=${name}]`)].map((one) => one.innerText))"""
DRAWN = "() => document.querySelectorAll('.js-plotly-plot .main-svg').length"


def test_firefox_draws_every_page_and_follows_a_reader(server: str, tmp_path: Path) -> None:
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        missing("Firefox is not installed (Debian: apt install firefox-esr)")
    with started(program, tmp_path) as firefox:
        firefox.open(f"{server}/")
        firefox.wait_for(SETTLED)
        for address, heading in HEADINGS.items():
            if address != "/":
                firefox.evaluate(TURN, address)
                firefox.wait_for(TURNED)
                firefox.wait_for(SETTLED)
            assert firefox.evaluate("() => document.querySelector('h1').innerText") == heading
            assert firefox.evaluate(WRONG) == [], address
        _chooses_and_takes_away(firefox, server)
        assert firefox.errors == []


def _chooses_and_takes_away(firefox: Firefox, server: str) -> None:
    firefox.open(f"{server}/condition?condition=postpartum")
    firefox.wait_for(SETTLED)
    firefox.wait_for(DRAWN)
    before = firefox.evaluate("() => document.querySelector('.st-key-answer').innerText")
    firefox.click(_named("Only against care as usual"))
    firefox.wait_for(
        "(before) => document.querySelector('.st-key-answer').innerText !== before", before
    )
    assert "against=care_as_usual" in firefox.evaluate("() => location.search")
    firefox.wait_for(SETTLED)
    firefox.click(_named("References (BibTeX)"))
    taken = firefox.downloaded()
    assert taken.suffix == ".bib" and taken.read_text(encoding="utf-8").startswith("@")


def _named(words: str) -> str:
    return f"""() => [...document.querySelectorAll('button')].find((one) =>
      one.innerText.includes({words!r}))"""
