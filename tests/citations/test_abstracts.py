"""Abstracts that are looked through together are read as each alone would be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ipt_evidence.citations.latex import decode, decode_signs
from ipt_evidence.citations.readers.abstracts import finish_texts
from ipt_evidence.citations.readers.fields import reading_text
from ipt_evidence.citations.records import normal_space, registry_ids_in

PIECES = st.sampled_from(
    [
        *"aZ .\x01\x02<>&;-–—’“”…éřαÅ€→−≥",
        *("  ", "\t", "\n", "\r", "\x0b", "\x1c", "\x85", "\xa0", "\u2009", "\u2028", "\u202f"),
        *(
            "\u3000",
            "\u205f",
            "\u1680",
            "e\u0301",
            "\u212b",
            "\u2126",
            "\u1100\u1161",
            "가",
            "\ufb01",
        ),
        *("<i>", "</jats:p>", "&amp;", "&#8211;", "p < .05", "R&D", "NCT01234567", "RCT"),
        *(
            "ISRCTN12345678",
            "DRKS00001234",
            "UMIN000001234",
            "RBR-12ab34",
            "NTR123",
            "RPCEC00000123",
        ),
        *("\ud800", "\U0001f600", "日本語", "\u05d0", "\u0928\u093c", "\u2adc", "\u2329", "\uf900"),
    ]
)
TEXTS = st.lists(PIECES, max_size=8).map("".join)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), max_size=5))
def test_together_as_alone(rows: list[tuple[str, str, str, str]]) -> None:
    titles, abstracts, *notes = ([row[place] for row in rows] for place in range(4))
    columns = {"title": list(titles), "abstract": list(abstracts)}
    finish_texts(columns, ("title", "abstract"), notes)
    for place, (title, abstract, *more) in enumerate(rows):
        assert columns["title"][place] == reading_text(title)
        assert columns["abstract"][place] == reading_text(abstract)
        assert columns["registry_ids"][place] == registry_ids_in(reading_text(abstract), *more)


@given(TEXTS)
def test_latex_together_as_alone(text: str) -> None:
    columns = {"abstract": [decode_signs(text)]}
    finish_texts(columns, ("abstract",), [], normal_space)
    assert (columns["abstract"][0] or "") == decode(text)
