"""Tables of one's own: how they are read, what their columns mean, and what each row becomes."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.names import Names
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.exchange.own_data.base import (
    OwnNames,
    base_of,
    named_by,
    saved,
    study_keys,
    view_of,
)
from ipt_evidence.exchange.own_data.bibliography import bibliography_of, with_bibliography
from ipt_evidence.exchange.own_data.bundle import own_bundle
from ipt_evidence.exchange.own_data.checks import checks_of
from ipt_evidence.exchange.own_data.columns import recognised
from ipt_evidence.exchange.own_data.effects import Effects, read_effects
from ipt_evidence.exchange.own_data.examples import EXAMPLES, example
from ipt_evidence.exchange.own_data.moderators import candidates, differences
from ipt_evidence.exchange.own_data.recipes import Settings
from ipt_evidence.exchange.own_data.table import read_table
from ipt_evidence.exchange.own_data.words import answer, basis, in_full, rows_table
from ipt_evidence.figures.look import Look
from ipt_evidence.meta_analysis import effect_sizes as es
from ipt_evidence.meta_analysis.effect_sizes import ZeroCells
from tests.own_tables import ARMS, DATA_ROWS, FILES, METAFOR, WORDS, text, workbook

BY_NAME = {file.name: file for file in FILES}
OF_ARMS = es.standardised_mean_difference(
    *(np.array([row[place] for row in ARMS], dtype=float) for place in range(1, 7))
)


def read(data: str | bytes, **settings: object) -> Effects:
    raw = data if isinstance(data, bytes) else data.encode()
    return read_effects(read_table(raw, "own.csv"), Settings(**settings))  # type: ignore[arg-type]


def row_of(found: Effects, line: int) -> pd.Series:  # type: ignore[type-arg]
    return found.rows.set_index("line").loc[line]


def reason(found: Effects, line: int) -> str:
    return str(found.left_out.set_index("line")["reason"].loc[line])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_kind_of_file_makes_effects(file) -> None:  # type: ignore[no-untyped-def]
    found = read_effects(read_table(file.data, file.name))
    assert found.measure == file.measure
    assert len(found.rows) == len(ARMS)
    assert found.left_out.empty
    assert found.rows["label"].tolist() == [row[0] for row in ARMS]
    assert (found.rows["vi"] > 0).all()
    assert found.rows["read_as"].ne("").all()


@pytest.mark.parametrize(
    "name",
    [
        "metafor.csv", "semicolons.csv", "tabs.tsv", "revman.csv", "excel.xlsx", "revman-web.csv",
        "arms.csv",
    ],
)  # fmt: skip
def test_the_same_arms_make_the_same_effects(name: str) -> None:
    found = read_effects(read_table(BY_NAME[name].data, name))
    assert_allclose(found.rows["yi"], OF_ARMS.yi, rtol=1e-12)
    assert_allclose(found.rows["vi"], OF_ARMS.vi, rtol=1e-12)


@given(
    mark=st.sampled_from([",", ";", "\t", "|"]),
    point=st.sampled_from([".", ","]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    ends=st.sampled_from(["\n", "\r\n"]),
    title=st.booleans(),
)
def test_dialects_do_not_change_an_effect(
    mark: str, point: str, encoding: str, ends: str, title: bool
) -> None:
    if mark == point:
        mark = ";"
    lines = ("Table 2. Results\n" if title else "") + text(WORDS, ARMS, mark, point)
    table = read_table(lines.replace("\n", ends).encode(encoding), "own.csv")
    assert_allclose(read_effects(table).rows["yi"], OF_ARMS.yi, rtol=1e-12)
    said = " ".join(table.notes)
    assert ("decimal commas" in said) == (point == ",")
    assert ("separated by" in said) == (mark != ",")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('study,x\na,"1,200.5"\nb,"1,100"\n', ["1200.5", "1100"]),
        ('study,x,y\na,"1,200",.3\nb,900,.1\n', ["1200", "900"]),
        ('study,x\na,"1,234,567"\nb,3\n', ["1234567", "3"]),
        ("study;x\na;1.200,5\nb;3,4\n", ["1200.5", "3.4"]),
        # Three digits behind a comma are decimals where nothing says otherwise.
        ("study;x\na;0,123\nb;1,200\n", ["0.123", "1.200"]),
        ('study,x\na,"1,5"\nb,"2,3"\n', ["1.5", "2.3"]),
    ],
)
def test_signs_between_thousands_are_no_decimal_commas(rows: str, expected: list[str]) -> None:
    table = read_table(rows.encode(), "own.csv")
    assert table.cells["x"].tolist() == expected
    assert any("thousands" in note for note in table.notes) == (float(expected[0]) > 999)


def test_a_sheet_can_be_named_and_others_are_said() -> None:
    table = read_table(workbook(METAFOR, ARMS), "own.xlsx")
    assert table.sheets == ("Data", "Notes")
    assert "sheet 'Data' was read, not 'Notes'" in table.notes
    assert table.lines[0] == 3
    with pytest.raises(DataError, match="has no sheet 'Other'; it has 'Notes', 'Data'"):
        read_table(workbook(METAFOR, ARMS), "own.xlsx", "Other")


def test_an_export_of_revman_web_is_read_one_analysis_at_a_time() -> None:
    data = BY_NAME["revman-web.csv"].data
    table = read_table(data, "rows.csv")
    assert table.sheets == ("1.1 Depression", "1.2 Response")
    assert "analysis '1.1 Depression' was read, not '1.2 Response'" in table.notes
    assert len(table.cells) == len(ARMS)
    counts = read_effects(read_table(data, "rows.csv", "1.2 Response"))
    assert counts.measure == "OR"
    assert counts.rows["line"].tolist() == list(range(len(ARMS) + 2, 2 * len(ARMS) + 2))
    events = read_effects(read_table(BY_NAME["events.csv"].data, "events.csv"))
    assert_allclose(counts.rows["yi"], events.rows["yi"], rtol=1e-12)
    with pytest.raises(DataError, match=r"has no analysis '9'; it has '1\.1 Depression'"):
        read_table(data, "rows.csv", "9")


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        (["30", "25", "35", "41", "22.5", "28"], "No clear association with age"),
        (["30%", "25%", "35%", "41%", "22.5%", "28%"], "No clear association with age"),
        (["30", "25", "unclear", "41", "22.5", "28"], "age is mostly numbers, but holds 'unclear'"),
        (["30", "25", "35", "41", "22.5", "28%"], "age is mostly numbers, but holds '28%'"),
        (["old", "Old", "young", "young", "old", "young"], "Groups by age"),
    ],
)
def test_trials_are_compared_by_numbers_or_words_and_a_mix_is_said(
    ages: list[str], said: str
) -> None:
    rows = [(*arm, age) for arm, age in zip(ARMS, ages, strict=True)]
    effects = read(text(f"{METAFOR}|age", rows))
    assert candidates(effects) == ("age",)
    answered = estimate_of(base_of(effects), view_of())
    panel = differences(effects, answered, study_keys(effects), "age")
    assert said in panel.sentences[0]
    assert ("differ only in case" in panel.note) == ("Old" in ages)


BIBLIOGRAPHY = """
@article{adams, author = {Adams, Ann and Bell, Bo}, title = {One trial}, year = {2001}}
@article{brown, author = {Brown, B}, title = {Running and mood}, year = {2003}, doi = {10.5555/b}}
@article{celik, author = {Çelik, Ada}, title = {A trial of running}, year = {2009}}
@article{dora1, author = {Dóra, D}, title = {First report}, year = {2012}}
@article{dora2, author = {Dóra, D}, title = {Second report}, year = {2012}}
@article{zorn, author = {Zorn, Z}, title = {Another}, year = {2012}}
"""


def test_a_bibliography_joins_by_doi_title_or_label_and_names_what_did_not_join() -> None:
    more = (
        ("", "https://doi.org/10.5555/B", "", "", "", ""),
        ("", "", "A Trial of Running.", "", "", ""),
    )
    rows = [(*arm, doi, title) for arm, doi, title in zip(ARMS, *more, strict=True)]
    effects = read(text(f"{METAFOR}|doi|title", rows))
    found = with_bibliography(effects, bibliography_of(BIBLIOGRAPHY.encode(), "own.bib"))
    assert found.rows["reference"].tolist() == ["adams", "brown", "celik", "", "", ""]
    said = " ".join(found.notes)
    assert "3 of 6 studies found their reference (1 by DOI, 1 by title, 1 by label)" in said
    assert "no reference was found for Evans 2016, Fischer 2020" in said
    assert "several references fit Dóra 2012" in said
    assert "3 of 6 references belong to no study" in said
    base = base_of(found)
    assert set(base.references["key"]) == {"adams", "brown", "celik"}
    assert base.studies["references"].tolist()[:2] == [("adams",), ("brown",)]
    with zipfile.ZipFile(io.BytesIO(saved(found))) as archive:
        assert "Running and mood" in archive.read("my-base/references.bib").decode()
    assert "10.5555/b" in rows_table(found)["Reference"].iloc[1]
    with pytest.raises(DataError, match="not a text file"):
        bibliography_of(b"\x00\x01" * 20, "own.bib")


def test_effects_that_revman_holds_ready() -> None:
    given = ("1", "1", "Relapse", "", "", "A", "2001", -0.4, 0.2, *("0",) * 13, "0.67", "")
    found = read(text(DATA_ROWS, [given]))
    assert found.measure == "GEN"
    assert_allclose(found.rows[["yi", "vi"]], [[-0.4, 0.04]])
    log_rank = (*given[:7], "0", "0", "0", "0", 5, 50, "0", "0", 7, 50, -1.5, 3.2, *("0",) * 5)
    found = read(text(DATA_ROWS, [log_rank]))
    assert_allclose(found.rows[["yi", "vi"]], [[-1.5 / 3.2, 1 / 3.2]])
    assert "observed minus expected" in found.rows["read_as"].iloc[0]


RESULTS = (
    "Study,Outcome,Data type,Effect measure,Arm,Reference arm,Sample size,Cases,Mean,SD,SE,Variance"
    ",CI start,CI end,Exp mean\n"
    "A 2001,BDI,Continuous,,IPT,,42,,9.2,5.1,,,,,\n"
    "A 2001,BDI,Continuous,,CBT,,41,,10.2,5.1,,,,,\n"
    "A 2001,BDI,Continuous,,Waiting list,,40,,13.4,6.2,,,,,\n"
    "B 2004,BDI,Continuous,,IPT,,25,,11.5,6.4,,,,,\n"
    "C 2009,Relapse,Dichotomous,OR,IPT,TAU,80,,-0.4,,0.2,,,,0.67\n"
)


def test_arms_in_rows_are_set_beside_the_comparison_of_their_study() -> None:
    found = read(RESULTS)
    assert found.rows["line"].tolist() == [2, 3]
    assert_allclose(found.rows["yi"].iloc[0], OF_ARMS.yi[0], rtol=1e-12)
    said = " ".join(found.notes)
    assert "rows are arms" in said and "(Waiting list)" in said
    assert "1 comparison arm stands in several comparisons" in said
    assert reason(found, 5).startswith("Missing: ")
    contrast = read_effects(read_table(RESULTS.encode(), "own.csv", "Relapse"))
    assert_allclose(contrast.rows[["yi", "vi"]], [[-0.4, 0.04]])
    counts = read("study,trt,year,n,events\nA,1,1999,20,5\nA,2,1999,22,9\nB,1,2001,30,5\n"
                  "B,2,2001,25,4\n")  # fmt: skip
    assert counts.measure == "OR"
    assert counts.table.cells["year"].tolist() == ["1999", "2001"]
    alone = read("study,arm,n,events\nA,1,20,5\nA,2,22,9\n", measure="PLO")
    assert len(alone.rows) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"one column\n1\n2\n", "one column"),
        (b"yi,vi\n", "no row below it"),
        (b"yi,vi,yi\n1,2,3\n", "more than one column called 'yi'"),
        (b"%PDF-1.7 nothing", "is not a table in text"),
        (b"PK\x03\x04nothing", "ZIP|zip"),
        (b"a,b\n1,2\n", "no columns make an effect"),
        (b"m1i,sd1i,n1i,m2i,sd2i,n2i\n1,0,5,2,1,5\n", "line 2: Standard deviation, treatment is"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read(data)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("ai bi ci di", {"e1": "ai", "f1": "bi", "e2": "ci", "f2": "di"}),
        ("yi ci.lb ci.ub", {"yi": "yi", "lower": "ci.lb", "upper": "ci.ub"}),
        ("x1i t1i x2i t2i", {"e1": "x1i", "pt1": "t1i", "e2": "x2i", "pt2": "t2i"}),
        ("study t p n1 n2", {"study": "study", "t": "t", "p": "p", "n1": "n1", "n2": "n2"}),
        ("r n", {"r": "r", "n": "n"}),
        ("mean.e sd.e n.e mean.c sd.c n.c",
         {"m1": "mean.e", "sd1": "sd.e", "n1": "n.e", "m2": "mean.c", "sd2": "sd.c", "n2": "n.c"}),
        ("MeanTreatment SdTreatment nTreatment",
         {"m1": "MeanTreatment", "sd1": "SdTreatment", "n1": "nTreatment"}),
        ("TE seTE studlab", {"yi": "TE", "se": "seTE", "study": "studlab"}),
        ("age rob country", {"rob": "rob"}),
    ],
)  # fmt: skip
def test_columns_are_recognised(columns: str, expected: dict[str, str]) -> None:
    assert recognised(columns.split()) == expected


def test_a_row_takes_the_best_way_that_its_numbers_allow() -> None:
    found = read(
        "study,m1,sd1,n1,m2,sd2,n2,t,ai,n1i_,ci,n2i_\n"
        "A,9,5,40,13,6,42,,,,,\nB,,,40,,,42,2.1,,,,\nC,,,40,,,42,,20,,10,\nD,,,40,,,42,,,,,\n",
        measure="smd".upper(),
    )
    ways = found.rows["read_as"].tolist()
    assert ways == [
        "means, standard deviations and people",
        "t and people",
        "events and people, log odds ratio × √3/π",
    ]
    assert reason(found, 5) == "Missing: t of the difference"


def test_bad_rows_are_left_out_with_their_reason() -> None:
    found = read(
        "study,ai,n1i,ci,n2i\nA,5,20,3,22\nB,3.5,20,3,22\nC,25,20,3,22\nD,NR,20,3,22\nE,x,20,3,22\n"
    )
    assert found.rows["line"].tolist() == [2]
    assert reason(found, 3) == "Not a whole number: Events, treatment"
    assert "more events than people" in reason(found, 4)
    assert reason(found, 5) == "Missing: Events, treatment"
    assert reason(found, 6) == "Not a number: Events, treatment"
    assert "4 of 5 rows make no effect and were left out" in found.notes


def test_lopsided_intervals_are_not_believed() -> None:
    found = read("study,g,lower,upper\nA,0.5,0.1,0.9\nB,2,1.1,9\nC,1.5,1.6,2\n")
    assert found.rows["line"].tolist() == [2]
    assert "log ratios" in reason(found, 3)
    ratios = read("study,OR,lower,upper\nA,2,1.1,3.636\nB,2,1.9,9\n")
    assert row_of(ratios, 2)["yi"] == pytest.approx(np.log(2))
    assert "far from the middle" in reason(ratios, 3)


def test_what_is_done_to_a_row_is_said() -> None:
    clustered = "study,m1,se1,n1,m2,se2,n2,icc,cluster size\nA,9,0.8,36,12,0.9,49,0.05,21\n"
    found, plain = read(clustered, flip=True), read(clustered.replace("0.05", "0"))
    row, without = row_of(found, 2), row_of(plain, 2)
    for part in ("from its standard error", "design effect", "sign turned", "× 2 "):
        assert part in row["done"]
    assert row["yi"] == pytest.approx(-without["yi"])
    assert row["vi"] == pytest.approx(2.0 * without["vi"])


def test_rules_for_empty_cells() -> None:
    events = "study,ai,n1i,ci,n2i\nA,0,20,3,22\nB,0,20,0,22\nC,4,20,9,22\n"
    usual = read(events, measure="RR")
    assert row_of(usual, 2)["done"] == "0.5 added to each cell"
    assert any("without an event in either arm" in note for note in usual.notes)
    assert read(events, measure="RR", zeros=ZeroCells(drop00=True)).rows["line"].tolist() == [2, 4]
    assert read(events, measure="RR", zeros=ZeroCells(to="none")).rows["line"].tolist() == [4]
    assert read(events, measure="PETO").rows["line"].tolist() == [2, 4]


SHARED = (
    "study,m1,sd1,n1,m2,sd2,n2\nA,9,5,40,12,6,42\nA,10,5,38,12,6,42\nB,9,5,30,13,6,31\n"
    "C,9,5,30,13,6,33\n"
)


def test_shared_arms_are_found_split_and_modelled() -> None:
    assert any("--shared-control" in note for note in read(SHARED).notes)
    halves = read(SHARED, shared="split")
    alone = es.standardised_mean_difference(9, 5, 40, 12, 6, 21)
    assert row_of(halves, 2)["vi"] == pytest.approx(float(alone.vi))
    assert "split among 2" in row_of(halves, 3)["done"]
    both = read(SHARED, shared="covariance")
    yi = both.rows["yi"].to_numpy()
    assert both.covariance is not None
    expected = 1 / 42 + yi[0] * yi[1] / (2 * (40 + 38 + 42))
    assert both.covariance[0, 1] == pytest.approx(expected)
    assert np.count_nonzero(both.covariance - np.diag(both.rows["vi"])) == 2
    with pytest.raises(DataError, match="split"):
        read(SHARED, shared="covariance", measure="ROM")


def test_outcomes_with_arms_of_their_own_are_no_shared_arm() -> None:
    rows = "study,outcome,m1,sd1,n1,m2,sd2,n2\nA,bdi,9,5,40,12,6,42\nA,hdrs,8,5,40,11,6,42\n"
    assert not any("comparison arm" in note for note in read(rows).notes)


def test_checks_name_their_lines() -> None:
    rows = [*ARMS, ("Goetz", 9.0, 0.9, 40, 12.0, 1.0, 36), ("Haas", 16.0, 5.0, 60, 9.0, 5.0, 60)]
    rows += [("Ibsen", *ARMS[0][1:]), ("adams 2001", *ARMS[1][1:])]
    found = checks_of(read(text(METAFOR, rows)))
    lines = {check.kind: check.lines for check in found}
    assert lines["se_for_sd"] == (8,)
    assert lines["large"] == (8,)
    assert lines["sign"] == (9,)
    assert set(lines["two_names"]) == {2, 3, 10, 11}
    assert lines["spelling"] == (2, 11)
    assert "line 8" in next(str(check) for check in found if check.kind == "large")


def test_an_effect_as_given_is_held_against_its_arms() -> None:
    lines = BY_NAME["metapsy.csv"].data.decode().splitlines()
    turned = [line.replace(";0,75;", ";-0,75;").replace(";0,27;", ";0,9;") for line in lines]
    found = {check.kind: check.lines for check in checks_of(read("\n".join(turned)))}
    assert found["sign_of_arms"] == (5,)
    assert 6 in found["not_of_arms"]


def test_a_meaning_can_be_given_by_hand() -> None:
    odd = text("who|a|b|c|d|e|f", ARMS)
    columns = dict(zip(("study", "m1", "sd1", "n1", "m2", "sd2", "n2"), "who a b c d e f".split(),
                       strict=True))  # fmt: skip
    assert_allclose(read(odd, columns=columns).rows["yi"], OF_ARMS.yi)
    with pytest.raises(DataError, match="has no column 'z'"):
        read(odd, columns={"m1": "z"})
    with pytest.raises(DataError, match="does not hold what OR needs; it allows SMD"):
        read(text(METAFOR, ARMS), measure="OR")


def test_twenty_thousand_rows_take_less_than_two_seconds(rng: np.random.Generator) -> None:
    n = rng.integers(10, 90, (20_000, 2))
    rows = [
        (f"S{i}", 10.5, 5.25, int(a), 12.25, 6.5, int(b)) for i, (a, b) in enumerate(n.tolist())
    ]
    data = text(METAFOR, rows).encode()
    start = time.process_time()
    found = read_effects(read_table(data, "many.csv"))
    checks_of(found)
    assert len(found.rows) == 20_000
    assert time.process_time() - start < 2.0


def test_a_table_is_a_base_for_every_analysis() -> None:
    # What a page, a report and the API show of a base is shown of a table in the reader's names.
    effects = read(text(METAFOR, ARMS), flip=True)
    base = base_of(effects, OwnNames("Running", "Rest", "mood"))
    view = view_of()
    answered = estimate_of(base, view)
    assert_allclose(answered.trials["yi"], -OF_ARMS.yi)
    for name in ("forest", "alternatives", "funnel", "leave-one-out", "curves", "certainty"):
        panel = analysis(name).panel(base, view)
        said = " ".join((*panel.sentences, panel.text_alternative, panel.how_to_read))
        assert "IPT" not in said, name
        if panel.drawn:
            drawn = analysis(name).figure(base, view, Look()).to_json()
            assert "IPT" not in drawn, name
    assert "on the side of Running" in answer(answered, effects, OwnNames("Running", "Rest"))


def test_ratios_are_told_on_their_plain_scale_and_not_by_cohens_words() -> None:
    effects = read(BY_NAME["events.csv"].data)
    said = answer(estimate_of(base_of(effects), view_of()), effects, named_by(effects))
    assert "odds ratio" in said
    assert "Cohen" not in said
    forest = analysis("forest").panel(base_of(effects), view_of())
    assert "ln OR" in forest.table.columns


def test_two_trials_are_told_one_by_one() -> None:
    effects = read(text(METAFOR, ARMS[:2]))
    said = answer(estimate_of(base_of(effects), view_of()), effects, OwnNames())
    assert said.startswith("Two trials: Hedges g −0.73 and Hedges g −0.42.")
    assert "Across" not in said
    pair = estimate_of(base_of(effects), view_of())
    assert basis(pair, effects).startswith("k = 2 · 2 effects · too few to pool")
    assert in_full(pair, effects, OwnNames()).empty


def test_a_group_of_two_trials_is_told_one_by_one() -> None:
    rows = [(*row, "yes" if place < 4 else "no") for place, row in enumerate(ARMS)]
    effects = read(text(f"{METAFOR}|blind", rows))
    answered = estimate_of(base_of(effects), view_of())
    found = differences(effects, answered, study_keys(effects), "blind").table.set_index("blind")
    assert found.loc["no", "Effect"].startswith("too few to pool: −")
    assert (found.loc["no", "Trials"], found.loc["no", "I²"]) == (2, "")
    assert "95% CI" in found.loc["yes", "Effect"]


@pytest.mark.parametrize("name", ["metafor.csv", "events.csv", "yi.csv", "changes.csv"])
def test_a_saved_base_opens_and_gives_the_same_number(name: str, tmp_path: Path) -> None:
    effects = read(BY_NAME[name].data)
    with zipfile.ZipFile(io.BytesIO(saved(effects, OwnNames("Running", "Rest", "mood")))) as file:
        file.extractall(tmp_path)
    base = EvidenceBase.load(tmp_path / "my-base")
    assert base.quarantined.empty
    assert base.names.treatment == "Running"
    there = estimate_of(base, View(Question("mood")))
    here = estimate_of(base_of(effects), view_of())
    assert there.pooled is not None
    assert here.pooled is not None
    scale = es.LOG_ODDS_TO_SMD if effects.measure == "OR" else 1.0
    assert there.pooled.estimate == pytest.approx(scale * here.pooled.estimate, rel=1e-9)


def test_what_a_base_cannot_hold_is_not_saved() -> None:
    effects = read(BY_NAME["correlations.csv"].data)
    with pytest.raises(DataError, match="standardised differences and odds ratios"):
        saved(effects)


def test_the_bundle_computes_the_number_again(tmp_path: Path) -> None:
    effects = read(BY_NAME["events.csv"].data)
    base = base_of(effects)
    data = own_bundle(base, estimate_of(base, view_of()), effects, OwnNames('A "b"\n# c', "Rest"))
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        file.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, tmp_path / "analysis.py"], capture_output=True, text=True, check=True
    )
    assert "The explorer showed the same." in done.stdout
    assert "IPT" not in done.stdout
    assert "Interpersonal" not in (tmp_path / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_read_without_a_choice(base: EvidenceBase, name: str) -> None:
    file, data = example(base, View(Question("depression")), name)
    found = read_effects(read_table(data, file))
    assert len(found.rows) >= 2
    assert found.left_out.empty


def test_names_of_a_base_replace_the_usual_ones() -> None:
    names = Names("the drug", "placebo", "Log odds ratio", "ln OR", standardised=False)
    said = names.said("IPT helped: a small effect (g 0.20, 95% CI 0.10 to 0.30). Hedges g.")
    assert said == "The drug helped: an effect (ln OR 0.20, 95% CI 0.10 to 0.30). Log odds ratio."
    assert Names().said("IPT (g 0.2)") == "IPT (g 0.2)"
