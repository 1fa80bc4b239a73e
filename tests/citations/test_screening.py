"""Decisions of Rayyan, Covidence and EPPI-Reviewer come in, are shown, and go out as they were."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses import intake as words
from ipt_evidence.citations.loading import load_text
from ipt_evidence.citations.screening import Screened, screening_of
from ipt_evidence.citations.writers import WRITERS, write_citations
from ipt_evidence.evidence.intake import assess

RAYYAN_NOTE = (
    'RAYYAN-INCLUSION: {"Ann"=>"Excluded", "Dr. Bo"=>"Excluded"} | RAYYAN-LABELS: mood,for later | '
    'RAYYAN-EXCLUSION-REASONS: wrong population,foreign language | USER-NOTES: {"Ann"=>["see 3"]}'
)
RIS = f"""TY  - JOUR
T1  - Talking therapy
A1  - Alder, Ann
Y1  - 2019
N1  - {RAYYAN_NOTE}
ER  -

TY  - JOUR
T1  - Another therapy
A1  - Birch, Bo
Y1  - 2020
N1  - RAYYAN-INCLUSION: {{"Ann"=>"Included", "Dr. Bo"=>"Maybe"}}
ER  -
"""
RAYYAN_CSV = (
    'key,title,year,authors,notes\nrayyan-1,Talking therapy,2019,"Alder, A.","{}"\n'.format(
        RAYYAN_NOTE.replace('"', '""')
    )
)
RAYYAN_BIB = """@article{rayyan-1, title={Talking therapy}, author={Alder, Ann}, year={2019},
  note={RAYYAN-INCLUSION: \\{\\"Ann\\"=\\>\\"Excluded\\", \\"Dr. Bo\\"=\\>\\"Excluded\\"\\} |
  RAYYAN-LABELS: mood,for later | RAYYAN-EXCLUSION-REASONS: wrong population,foreign language}}
"""
EXCLUDED = Screened(
    (("Ann", "excluded"), ("Dr. Bo", "excluded")),
    ("wrong population", "foreign language"),
    ("mood", "for later"),
)
COVIDENCE = (
    "Title,Authors,Published Year,Journal,DOI,Covidence #,Study,Notes,Tags\n"
    'Talking,"Alder, A.; Birch, B.",2019,J,10.9999/x,#12,Alder 2019,{},women\n'
)
EPPI = json.dumps(
    {
        "CodeSets": [
            {"SetName": "Screening", "Attributes": {"AttributesList": [
                {"AttributeId": 1, "AttributeName": "Not a trial", "AttributeType": "Exclude"},
                {"AttributeId": 2, "AttributeName": "Who", "AttributeType": "Not selectable",
                 "Attributes": {"AttributesList": [
                     {"AttributeId": 3, "AttributeName": "Adults, older",
                      "AttributeType": "Selectable (show checkbox)"}]}},
            ]}},
        ],
        "References": [
            {"ItemId": 9, "Title": "A talk", "ParentTitle": "J Imag",
             "Authors": "Alder A B; Oak C ;", "Year": "2020", "Volume": "4", "Issue": "",
             "Pages": "1-4", "DOI": "10.9999/e.1", "TypeName": "Journal, Article",
             "Keywords": "mood\r\ntalk", "ItemStatus": "E",
             "Codes": [{"AttributeId": 1}, {"AttributeId": 3}, {"AttributeId": 77}]},
            "no reference",
        ],
    }
)  # fmt: skip


def one(text: str, name: str) -> pd.Series:
    return load_text(text, name).citations.iloc[0]


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        (RIS, "rayyan.ris", EXCLUDED),
        (RAYYAN_CSV, "articles.csv", EXCLUDED),
        (RAYYAN_BIB, "articles.bib", EXCLUDED),
        (
            COVIDENCE.format('"Exclusion reason: Wrong comparator; "'),
            "review_1_excluded_csv_20260101.csv",
            Screened((("Covidence", "excluded"),), ("Wrong comparator",), ("women",)),
        ),
        (
            COVIDENCE.format(""),
            "review_1_included_csv_20260101.csv",
            Screened((("Covidence", "included"),), (), ("women",)),
        ),
        (
            EPPI,
            "report.json",
            Screened((("EPPI-Reviewer", "excluded"),), ("Not a trial",), ("Adults, older",)),
        ),
    ],
    ids=["rayyan-ris", "rayyan-csv", "rayyan-bib", "covidence-out", "covidence-in", "eppi"],
)
def test_decisions_survive_every_format(text: str, name: str, wanted: Screened) -> None:
    loaded = load_text(text, name).citations
    assert screening_of(loaded["raw"][0], name) == wanted
    commas = Screened(
        wanted.votes, wanted.reasons, tuple(x.replace(",", "") for x in wanted.labels)
    )
    for form in ("ris", "bibtex", "csv", "csl-json", "nbib"):
        written = write_citations(loaded, form)
        back = one(written, f"back{WRITERS[form].suffix}")
        # Rayyan parts labels at commas, so they go out without.
        assert screening_of(back["raw"]) in (wanted, commas), form
        assert back["title"] == loaded["title"][0] and back["year"] == loaded["year"][0]
        again = one(write_citations(pd.DataFrame([back]), "ris"), "again.ris")
        assert screening_of(again["raw"]) in (wanted, commas), form


def test_in_ris_the_note_stands_as_rayyan_reads_it() -> None:
    written = write_citations(load_text(EPPI, "report.json").citations, "ris")
    assert (
        'N1  - RAYYAN-INCLUSION: {"EPPI-Reviewer"=>"Excluded"} | RAYYAN-LABELS: Adults older | '
        "RAYYAN-EXCLUSION-REASONS: Not a trial\n"
    ) in written
    assert f"N1  - {RAYYAN_NOTE}\n" in write_citations(load_text(RIS, "r.ris").citations, "ris")


def test_codes_of_eppi_are_tags_and_what_is_no_reference_is_named() -> None:
    loaded = load_text(EPPI, "report.json")
    record = loaded.citations.iloc[0]
    assert record["keywords"] == ["mood", "talk", "Adults, older"]
    assert [person["family"] for person in record["authors"]] == ["Alder", "Oak"]
    assert (record["container_title"], record["volume"], record["pages"]) == ("J Imag", "4", "1-4")
    assert list(loaded.rejected["reason"]) == ["the reference is no object"]
    torn = load_text(EPPI[:-40], "report.json")
    assert "not valid JSON" in torn.rejected["reason"][0]


def test_reviewers_who_disagree_are_a_conflict_and_nobody_is_nothing() -> None:
    second = load_text(RIS, "rayyan.ris").citations.iloc[1]
    assert screening_of(second["raw"]).decision == "conflict"
    assert screening_of({"title": "A trial", "note": "PMID: 3"}) is None
    assert screening_of({"N1": "RAYYAN-INCLUSION: {}"}) is None


def test_names_and_reasons_cannot_break_the_note() -> None:
    evil = Screened((('A"=>"Included"}', "excluded"),), ("one, two | RAYYAN-LABELS: x",), ())
    found = screening_of({"N1": evil.note()})
    assert found.decision == "excluded" and len(found.votes) == 1
    assert found.reasons == ("one two RAYYAN-LABELS: x",) and found.labels == ()


def test_the_import_page_says_what_was_decided(base: EvidenceBase) -> None:
    intake = assess(base, [load_text(RIS, "rayyan.ris")])
    assert words.screened(intake) == (
        "Decisions of reviewers came with 2 records: 1 excluded, 1 on which reviewers disagree. "
        "Reasons of exclusion: wrong population (1), foreign language (1). They go out with the "
        "records, as Rayyan writes them."
    )
    table = words.records_table(intake)
    assert list(table["Decision"]) == ["excluded", "conflict"]
    assert list(table["Reason"]) == ["wrong population, foreign language", ""]
    plain = assess(base, [load_text("TY  - JOUR\nT1  - A trial\nER  - \n", "plain.ris")])
    assert words.screened(plain) == "" and "Decision" not in words.records_table(plain)
