"""Records that are read together are what each is alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ipt_evidence.citations.collecting import Collector
from ipt_evidence.citations.identifiers import doi_of
from ipt_evidence.citations.normal_forms import reading_text
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.nbib import read_nbib
from ipt_evidence.citations.readers.ris import read_ris
from ipt_evidence.citations.records import CITATION_COLUMNS, ReadResult, Record

WORDS = st.sampled_from(
    "10.1000/J.12 10.1016/S0165-0327(02)00473-X doi:10.1/x https://doi.org/10.1000/a. www.a.org/b "
    "2011 2011/06/01 581 592 e14 NCT01234567 PMC12345 12345678 0165-0327 eng <i>R&amp;D</i> é ř "
    "e\u0301 \xa0 \x02 al. et Weissman, Müller, Jr, WHO ; * [doi] [Titel]. ... =".split(" ")
)
VALUES = st.lists(WORDS, max_size=3).map(" ".join)
RIS_TAGS = (
    "TI T1 AU A1 A2 PY DA JF T2 VL IS SP EP DO SN UR PB KW AB N2 ID LA C2 AN N1 M3 zz".split()
)
NBIB_TAGS = "TI BTI FAU AU CN DP JT TA VI IP PG LID AID SO PT OT MH AB IS LA PMC SI GR XX".split()


def ris(fields: list[tuple[str, str]]) -> str:
    lines = [f"{tag}  - {value}" for tag, value in fields]
    return "\n".join(["TY  - JOUR", *lines, "ER  - ", ""])


def nbib(fields: list[tuple[str, str]]) -> str:
    return "\n".join(["PMID- 123", *(f"{tag:4}- {value}" for tag, value in fields), "", ""])


def rows(result: ReadResult) -> list[dict[str, Any]]:
    """Records as a user gets them, without line and key, in which neighbours may show."""
    collector = Collector()
    collector.begin("file", "", "", "")
    collector.take(result)
    frame = collector.result().citations.drop(columns=["source_line", "key"]).astype(object)
    return frame.where(frame.notna(), None).to_dict("records")


def bodies(tags: list[str]) -> st.SearchStrategy[list[list[tuple[str, str]]]]:
    fields = st.lists(st.tuples(st.sampled_from(tags), VALUES), min_size=1, max_size=8)
    return st.lists(fields, min_size=2, max_size=4)


@settings(max_examples=50)  # each makes up to five tables, which is what takes the time
@given(bodies(RIS_TAGS))
def test_ris_records_together_as_each_alone(records: list[list[tuple[str, str]]]) -> None:
    texts = [ris(fields) for fields in records]
    together = read_ris("\n".join(texts))
    alone = [read_ris(text) for text in texts]
    assert rows(together) == [row for result in alone for row in rows(result)]
    assert len(together.rejected) == sum(len(result.rejected) for result in alone)


@settings(max_examples=50)  # each makes up to five tables, which is what takes the time
@given(bodies(NBIB_TAGS))
def test_nbib_records_together_as_each_alone(records: list[list[tuple[str, str]]]) -> None:
    texts = [nbib(fields) for fields in records]
    together = rows(read_nbib("".join(texts)))
    assert together == [row for text in texts for row in rows(read_nbib(text))]


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_values_are_what_their_functions_make_of_them(values: list[str]) -> None:
    raws = [{"DO": value, "TI": value, "AU": value, "PB": "x"} for value in values]
    found = rows(read_ris("\n".join(ris([*raw.items()]) for raw in raws)))
    assert [row["doi"] for row in found] == list(map(doi_of, values))
    assert [row["title"] for row in found] == [reading_text(value) for value in values]
    assert [(row["authors"], row["et_al"]) for row in found] == [people_of([v]) for v in values]


def test_what_a_column_lacks_is_missing() -> None:
    frame = pd.DataFrame(rows(read_ris("TY  - JOUR\nTI  - Grief\nER  - \n")))
    empty = Record(key="", type="article", source_line=1, raw={"TY": "JOUR", "TI": "Grief"})
    empty.title, empty.source_file = "Grief", "file"
    plain = pd.DataFrame(rows(ReadResult([empty])))
    assert set(frame.columns) == set(CITATION_COLUMNS) - {"source_line", "key"}
    pd.testing.assert_frame_equal(frame, plain)
