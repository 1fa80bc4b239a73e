"""The vocabulary of the tagger: clinical words in five languages, and words that sound alike."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.citations.tagging import TermIndex, tag_text
from ipt_evidence.citations.taxonomy import Taxonomy

WORDS = tomllib.loads(
    (Path(__file__).parent / "fixtures" / "condition_words.toml").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def taxonomy(live_base: EvidenceBase) -> Taxonomy:
    """The words in use: whoever adds some keeps what these find and what they pass over."""
    return live_base.taxonomy


def values(title: str, taxonomy: Taxonomy) -> set[str]:
    return {value for kind, value, _ in tag_text(title, taxonomy) if kind == "condition"}


def titles(kind: str, condition: str) -> list[str]:
    listed = " ".join(WORDS[kind][condition]["titles"].split())
    return [title.strip() for title in listed.split(" | ")]


@pytest.mark.parametrize("condition", list(WORDS["named"]))
def test_words_that_name_a_condition(taxonomy: Taxonomy, condition: str) -> None:
    named = titles("named", condition)
    assert len(named) > 80
    missed = [title for title in named if condition not in values(title, taxonomy)]
    assert missed == []


@pytest.mark.parametrize("condition", list(WORDS["sounds_alike"]))
def test_words_that_only_sound_alike(taxonomy: Taxonomy, condition: str) -> None:
    wrong = [
        title for title in titles("sounds_alike", condition) if condition in values(title, taxonomy)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("title", "condition", "is_tagged"),
    [
        ("Guided self-help for BED", "binge_eating", True),
        ("Bed rest in the elderly", "binge_eating", False),
        ("BED REST IN THE ELDERLY", "binge_eating", False),
        ("Family therapy of AN in adolescents", "anorexia", True),
        ("An open trial", "anorexia", False),
        ("Grief of widows whose husbands died of AIDS", "hiv", True),
        ("Self-help aids recovery", "hiv", False),
        ("Pessoas vivendo com aids e depressão", "hiv", True),
        ("Depression in people with MS", "chronic_illness", True),
        ("Measured by LC ms", "chronic_illness", False),
        ("PPD in rural women", "perinatal_depression", True),
        ("Tuberculin PPD in children", "perinatal_depression", False),
        ("Body image concerns of adolescents", "eating_disorders", True),
        ("Body image concerns after mastectomy", "eating_disorders", False),
    ],
)
def test_acronyms_count_as_they_are_written(
    taxonomy: Taxonomy, title: str, condition: str, is_tagged: bool
) -> None:
    assert (condition in values(title, taxonomy)) is is_tagged


def test_a_written_term_is_found_beside_folded_ones() -> None:
    index = TermIndex()
    index.add("=BED|binge eating", owner=1)
    assert [match.spans for match in index.find("BED, binge eating; a bed")] == [
        ((0, 3),),
        ((5, 17),),
    ]
    assert index.find("A BED IN CAPITALS") == []
