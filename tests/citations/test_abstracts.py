"""Abstracts that are looked through together are read as each alone would be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ipt_evidence.citations.latex import decode, decode_signs
from ipt_evidence.citations.readers.abstracts import finish_abstracts
from ipt_evidence.citations.readers.fields import reading_text
from ipt_evidence.citations.records import Record, normal_space, registry_ids_in

PIECES = st.sampled_from(
    [
        *"aZ .<>&;-–—’“”…éřαÅ€→−≥",
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


def record(abstract: str) -> Record:
    return Record(key="", type="article", source_line=1, raw={}, abstract=abstract or None)


@given(st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=2)), max_size=5))
def test_together_as_alone(pairs: list[tuple[str, list[str]]]) -> None:
    records = [record(abstract) for abstract, _ in pairs]
    finish_abstracts(records, [notes for _, notes in pairs])
    for found, (abstract, notes) in zip(records, pairs, strict=True):
        assert found.abstract == reading_text(abstract)
        assert found.registry_ids == registry_ids_in(found.abstract, *notes)


@given(TEXTS)
def test_latex_together_as_alone(text: str) -> None:
    found = record(decode_signs(text))
    finish_abstracts([found], [[]], normal_space)
    assert (found.abstract or "") == decode(text)
