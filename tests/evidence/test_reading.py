"""One CSV in: sound rows, and a problem with place and remedy for each row that is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.csv_tables import LINE, present, read_table
from ipt_evidence.evidence.schema import Column, Table

TABLE = Table(
    name="pets",
    file="pets.csv",
    key="pet",
    title="Pets",
    description="Made up for these tests",
    columns=(
        Column("pet", "string", "Key", required=True),
        Column("legs", "integer", "Legs", minimum=0),
        Column("weight", "number", "Weight"),
        Column("kind", "string", "Kind", levels=("cat", "dog")),
        Column("tame", "boolean", "Tame"),
        Column("friends", "list", "Friends"),
    ),
)
HEADER = "pet,legs,weight,kind,tame,friends\n"


def read(folder: Path, body: str, encoding: str = "utf-8"):
    (folder / "pets.csv").write_bytes((HEADER + body).encode(encoding))
    return read_table(folder, TABLE)


def test_types_and_missing_values_arrive_as_they_are(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, "tom,4,3.5,cat,true,jerry;spike\nrex,NA,,dog,NA,NA\n")
    assert problems == []
    assert frame["legs"].tolist()[0] == 4
    assert frame["legs"].isna().tolist() == [False, True]
    assert frame["weight"].isna().tolist() == [False, True]
    assert frame["friends"].tolist() == [("jerry", "spike"), ()]
    assert frame[LINE].tolist() == [2, 3]


def test_a_blank_is_missing_and_never_zero(tmp_path: Path) -> None:
    frame, _ = read(tmp_path, "tom,,,,,\n")
    assert frame.loc[0, ["legs", "weight", "kind", "tame"]].isna().all()


def test_an_optional_column_may_be_absent_and_a_needed_one_may_not(tmp_path: Path) -> None:
    nick = replace(TABLE, columns=(*TABLE.columns, Column("nick", "string", "Nick", optional=True)))
    (tmp_path / "pets.csv").write_text(HEADER + "tom,4,1,cat,true,NA\n", encoding="utf-8")
    frame, problems = read_table(tmp_path, nick)
    assert problems == []
    assert frame["nick"].isna().tolist() == [True]
    assert present(tmp_path, nick).column_names == TABLE.column_names
    (tmp_path / "pets.csv").write_text("pet,legs\ntom,4\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"no column weight, kind, tame, friends\. The header"):
        read_table(tmp_path, nick)


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("tom,four,1,cat,true,NA", "legs", "'four' is not a whole number"),
        ("tom,4,heavy,cat,true,NA", "weight", "'heavy' is not a number"),
        ("tom,4,inf,cat,true,NA", "weight", "'inf' is not a finite number"),
        ('tom,4,"3,5",cat,true,NA', "weight", "'3,5' is not a number"),
        ("tom,-1,1,cat,true,NA", "legs", "-1 is below 0"),
        ("tom,4,1,cow,true,NA", "kind", "'cow' is not one of the allowed values"),
        ("tom,4,1,cat,yes,NA", "tame", "'yes' is neither true nor false"),
        ("NA,4,1,cat,true,NA", "pet", "a value is required here"),
    ],
)
def test_a_bad_cell_sets_its_row_aside_and_keeps_the_others(
    tmp_path: Path, row: str, column: str, reason: str
) -> None:
    frame, problems = read(tmp_path, f"ann,4,1,cat,true,NA\n{row}\nzoe,4,1,dog,true,NA\n")
    assert frame["pet"].tolist() == ["ann", "zoe"]
    assert [(p.file, p.line, p.column, p.reason) for p in problems] == [
        ("pets.csv", 3, column, reason)
    ]
    assert problems[0].remedy


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, 'tom,4,1,cat,true,"a\nb"\n\nrex,x,1,dog,true,NA\n')
    assert frame[LINE].tolist() == [2]
    assert problems[0].line == 5


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "tom,4,1,cat,true,NA,surplus\n")
    assert problems[0].reason == "7 cells where the header has 6"


def test_a_repeated_key_names_the_first_line(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, "tom,4,1,cat,true,NA\ntom,3,1,dog,true,NA\n")
    assert len(frame) == 1
    assert problems[0].reason == "the key stands already in line 2"


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    frame, problems = read(tmp_path, "tom,4,1,cat,true,NA\n", encoding="utf-8-sig")
    assert len(frame) == 1
    assert problems == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "is missing"),
        (b"", "is empty"),
        (b"pet,legs\ntom,4\n", "no column weight, kind, tame, friends"),
        ("pet\nzo\u00e9\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "pets.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path, TABLE)


def test_an_unclosed_quotation_mark_swallows_nothing(tmp_path: Path) -> None:
    body = 'tom,4,1,cat,true,"see\nrex,4,1,dog,true,NA\n'
    (tmp_path / "pets.csv").write_text(HEADER + body, encoding="utf-8")
    with pytest.raises(DataError, match=r"line 2.*quotation mark"):
        read_table(tmp_path, TABLE)


def test_a_repeated_column_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text("pet,legs,legs\ntom,4,3\n", encoding="utf-8")
    with pytest.raises(DataError, match="column legs stands there twice"):
        read_table(tmp_path, TABLE)


@pytest.mark.parametrize("number", ["1_000", "99999999999999999999", "4.0"])
def test_numbers_that_only_python_would_read_are_refused(tmp_path: Path, number: str) -> None:
    frame, problems = read(tmp_path, f"tom,{number},1,cat,true,NA\n")
    assert frame.empty
    assert problems[0].column == "legs"
