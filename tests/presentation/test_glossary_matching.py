"""Words of the glossary are found where they are meant, and only there."""

from __future__ import annotations

import re

import pytest

from ipt_evidence.analyses.glossary import GLOSSARY
from ipt_evidence.analyses.glossary.matching import (
    NOT_LOOKED_FOR,
    OWN_PATTERNS,
    browser_terms,
    occurrences,
    pattern,
)


def keys(text: str, *, markdown: bool = False) -> list[str]:
    return [key for key, _, _ in occurrences(text, markdown=markdown)]


def test_every_term_is_looked_for_or_left_out_on_purpose() -> None:
    assert set(OWN_PATTERNS) | set(NOT_LOOKED_FOR) <= set(GLOSSARY)
    assert len(browser_terms()) == len(GLOSSARY) - len(NOT_LOOKED_FOR)
    for key in GLOSSARY:
        if pattern(key):
            assert re.compile(pattern(key)).groups == 0, f"{key}: a group would shift the others"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The prediction interval runs wide.", ["prediction_interval"]),
        ("g 0.50 (95% CI 0.3 to 0.7)", ["g", "confidence_interval"]),
        ("g\u00a0−0.50", ["g"]),
        ("mg and g of sugar", []),
        ("Body weight was the outcome.", []),
        ("Two RCTs against the waiting list", ["trial", "waiting_list"]),
        ("I² 74%, τ 0.38", ["i2", "tau"]),
        ("A moderate effect, by a moderate reader", ["size"]),
        ("Randomized controlled trials of meta-analyses", ["trial", "meta_analysis"]),
        ("scientific", []),
    ],
)
def test_words_are_found_where_they_are_meant(text: str, found: list[str]) -> None:
    assert keys(text) == found


def test_each_term_is_found_once_at_its_first_place() -> None:
    text = "Heterogeneity, and again heterogeneity."
    assert occurrences(text) == [("heterogeneity", 0, 13)]


def test_escaped_markdown_hides_no_word() -> None:
    assert keys(r"A meta\-analysis with Hartung\-Knapp, p \= \.03", markdown=True) == [
        "meta_analysis",
        "hartung_knapp",
        "p_value",
    ]
