"""What exporters and authors of BibTeX files do beside the rules, and the values it stands for."""

from __future__ import annotations

from typing import Any

import pytest

from ipt_evidence.citations.loading import load_text


def entry(fields: str) -> Any:
    result = load_text(f"@article{{a, title={{Grief}}, year=2001, {fields}}}", "habits.bib")
    assert len(result.citations) == 1
    return result.citations.iloc[0]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Grief~-- a cohort of 12~widows", "Grief – a cohort of 12 widows"),
        (r"Grief~\textendash{} again~--- and more", "Grief – again — and more"),
        (r"Grief~\textemdash{} again", "Grief — again"),
        (r"p~$<$~.05 in Dr.~Alder", "p < .05 in Dr. Alder"),
    ],
)
def test_a_tie_is_a_space_before_any_sign(written: str, read: str) -> None:
    result = load_text(f"@misc{{a, title={{{written}}}, author={{Doe, J}}}}", "ties.bib")
    assert result.citations["title"].item() == read


def test_ties_around_the_dash_of_pages() -> None:
    assert entry("pages={11~--~19}")["pages"] == "11-19"


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("langid={british}", "en"),
        ("hyphenation={german}", "de"),
        ("hyphenation={USenglish}", "en"),
        ("langid={nswissgerman}", "de"),
        ("language={langgerman}", "de"),
        ("language={langfrench}", "fr"),
        ("langid={canadien}", "fr"),
        ("langid={brazil}", "pt"),
        ("langid={nynorsk}", "no"),
    ],
)
def test_languages_by_the_names_of_babel_and_biblatex(field: str, code: str) -> None:
    assert entry(field)["language"] == code


def test_repeated_keywords_are_joined_without_a_remark() -> None:
    text = (
        '@article{a, title="Grief", keywords = "Widows", keywords = "Mourning ",\n'
        ' keywords = "Widows"}'
    )
    result = load_text(text, "repeated.bib")
    assert result.citations["keywords"].item() == ["Widows", "Mourning"]
    assert list(result.repaired["key"]) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"{{https://example.org/a_b}}", "https://example.org/a_b"),
        (r"{http://example.org/a{\_}b}", "http://example.org/a_b"),
        (r"{http://example.org/a{\%}20b}", "http://example.org/a%20b"),
        (r"{\url{http://example.org/{$\sim$}me/x}}", "http://example.org/~me/x"),
        (r"{http://example.org/{\textasciitilde}me}", "http://example.org/~me"),
        (r"{\href{http://example.org/x}{text}}", "http://example.org/x"),
    ],
)
def test_braces_inside_an_address(written: str, read: str) -> None:
    assert entry(f"url={written}")["url"] == read


@pytest.mark.parametrize(
    "names", ["王芳，李娜", "王芳, 李娜", "王芳;李娜", "王芳、李娜", "王芳；李娜；"]
)
def test_chinese_names_between_marks_of_their_own(names: str) -> None:
    authors = entry(f"author={{{names}}}")["authors"]
    assert authors == [{"family": "王芳", "given": ""}, {"family": "李娜", "given": ""}]


def test_chinese_keywords_and_a_name_with_a_comma() -> None:
    row = entry("author={王, 芳}, keywords={悲伤；寡妇、支持}")
    assert row["authors"] == [{"family": "王", "given": "芳"}]
    assert row["keywords"] == ["悲伤", "寡妇", "支持"]
