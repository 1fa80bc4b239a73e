"""Where one record ends and the next begins, in files whose tools put the borders elsewhere."""

from __future__ import annotations

from ipt_evidence.citations.loading import load_text

RIS = """DB  - Zoo
TI  - Grief in elephants
SP  - 11-19
AB  - NA
TY  - JOUR
AU  - Alder, A. B.
JO  - Herds
PY  - 2003
ER  -

DB  - Zoo
TI  - Grief in whales
AU  - Birch, C.
TY  - JOUR
VL  - 7
PY  - 2004
ER  -
"""


def test_ty_in_the_middle_of_a_ris_record() -> None:
    rows = load_text(RIS, "middle.ris").citations
    assert list(rows["title"]) == ["Grief in elephants", "Grief in whales"]
    assert [people[0]["family"] for people in rows["authors"]] == ["Alder", "Birch"]
    assert list(rows["year"]) == [2003, 2004]
    assert list(rows["source_line"]) == [1, 11]
    assert rows["pages"].iloc[0] == "11-19"
    assert rows["container_title"].iloc[0] == "Herds"
    assert rows["volume"].iloc[1] == "7"
    assert rows["abstract"].isna().all()


def test_a_record_without_ty_stays_apart_from_the_next() -> None:
    text = "TI  - Grief in elephants\nAU  - Alder, A.\nPY  - 2003\n\n" + (
        "TY  - JOUR\nTI  - Grief in whales\nAU  - Birch, C.\nPY  - 2004\nER  - \n"
    )
    rows = load_text(text, "apart.ris").citations
    assert list(rows["title"]) == ["Grief in elephants", "Grief in whales"]
    assert list(rows["year"]) == [2003, 2004]


def test_type_in_the_middle_of_an_endnote_record() -> None:
    text = (
        "%A Alder, A.\n%T Grief in elephants\n%0 Journal Article\n%J Herds\n%D 2003\n\n"
        "%T Grief in whales\n%A Birch, C.\n%0 Book\n%D 2004\n"
    )
    rows = load_text(text, "middle.enw").citations
    assert list(rows["title"]) == ["Grief in elephants", "Grief in whales"]
    assert list(rows["type"]) == ["article", "book"]
    assert list(rows["year"]) == [2003, 2004]
    assert list(rows["source_line"]) == [1, 7]


def test_an_endnote_record_without_type_stays_apart_from_the_next() -> None:
    text = "%T Grief in elephants\n%A Alder, A.\n%0 Book\n%T Grief in whales\n%A Birch, C.\n"
    rows = load_text(text, "apart.enw").citations
    assert list(rows["title"]) == ["Grief in elephants", "Grief in whales"]
