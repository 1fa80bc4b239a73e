"""Dates, identifiers and people in the shapes in which bibliographies hold them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipt_evidence.citations.identifiers import normal_issn, normal_pmcid, registry_ids_in
from ipt_evidence.citations.normal_forms import iso_date, month_number, normal_url
from ipt_evidence.citations.people import people_of


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2018 Apr 3", "2018-04-03"),
        ("2001/09/01/", "2001-09-01"),
        ("2014//", "2014"),
        ("2015/october", "2015-10"),
        ("22 July 2013", "2013-07-22"),
        ("2013 06 10", "2013-06-10"),
        ("APR 2010", "2010-04"),
        ("2018 Mar-Apr", "2018-03"),
        ("Spring 2019", "2019"),
        ("03/04/2018", "2018"),  # nobody can tell day from month
        ("25/04/2018", "2018-04-25"),
        ("2017/07/30 06:00", "2017-07-30"),
        ("März 2004", "2004-03"),
        ("15 de septiembre de 2009", "2009-09-15"),
        ("no year", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert iso_date(text) == date


def test_months() -> None:
    assert [month_number(text) for text in ("Sept.", "12", "13", "dezembro", "x")] == [
        9,
        12,
        None,
        12,
        None,
    ]


def test_registry_ids() -> None:
    text = (
        "NCT 01234567, ISRCTN12345678, ACTRN12605000123456, EudraCT: 2004-000123-45, "
        "ChiCTR-TRC-10001234, ChiCTR1800012345, DRKS00001234, JPRN-UMIN000012345, jRCTs031180123, "
        "CTRI/2010/091/001234, NTR1234, RBR-2b3c4d, IRCT20080826001083N1, NCT01234567"
    )
    assert set(registry_ids_in(text)) == {
        "NCT01234567",
        "ISRCTN12345678",
        "ACTRN12605000123456",
        "EUCTR2004-000123-45",
        "ChiCTR-TRC-10001234",
        "ChiCTR1800012345",
        "DRKS00001234",
        "UMIN000012345",
        "jRCTs031180123",
        "CTRI/2010/091/001234",
        "NTR1234",
        "RBR-2b3c4d",
        "IRCT20080826001083N1",
    }
    assert registry_ids_in("A randomised trial (RCT) of CT scans", None, "") == []
    assert registry_ids_in(*registry_ids_in(text)) == registry_ids_in(text)


def test_identifiers() -> None:
    assert normal_pmcid("PMC 0123 (free)") == "PMC123"
    assert normal_pmcid("12345") is None
    assert normal_issn("2277-9175 (Print)\r2277-9176") == "2277-9175"
    assert normal_issn("0165032x") == "0165-032X"
    assert normal_issn("978-3-16-148410-0") is None


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "file:///etc/passwd", "C:\\x.pdf", "", None]
)
def test_what_is_no_web_address_is_none(text: str | None) -> None:
    assert normal_url(text) is None


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Brinjikji W", {"family": "Brinjikji", "given": "W"}),
        ("de Souza Filho P", {"family": "de Souza Filho", "given": "P"}),
        ("King, Martin Luther, Jr.", {"family": "King", "given": "Martin Luther", "suffix": "Jr."}),
        ("Doe, Jr., John", {"family": "Doe", "given": "John", "suffix": "Jr."}),
        ("J. K. Rowling", {"family": "Rowling", "given": "J. K."}),
        ("Karl Marx", {"family": "Marx", "given": "Karl"}),
        ("WHO", {"family": "WHO", "given": ""}),
        ("The STAR*D Study Group", {"family": "The STAR*D Study Group", "given": ""}),
    ],
)
def test_people(name: str, person: dict[str, str]) -> None:
    assert people_of([name]) == ([person], False)
    assert people_of([f"{name} et al."]) == ([person], True)
    assert people_of([name, "others"]) == ([person], True)


@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none_and_a_person_or_nobody(text: str) -> None:
    date = iso_date(text)
    assert date is None or iso_date(date) == date
    people, _ = people_of([text])
    assert all(person["family"] for person in people)
