"""Archives, bombs, binaries and endless structures: bounded, explained, nothing executed."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest

from ipt_evidence.citations import archives, sources
from ipt_evidence.citations.collecting import MAX_REJECTED_ROWS
from ipt_evidence.citations.loading import iter_citations, load_citations, load_text, load_titles
from ipt_evidence.errors import CitationError, DataError
from ipt_evidence.exchange.own_data.table import read_table

RIS = b"TY  - JOUR\nTI  - One\nER  - \n"
BIB = b"@article{good, title={A good entry}, year={2000}}\n"


def archive(*members: tuple[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return data.getvalue()


def test_an_archive_of_bibliographies(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(
        archive(
            ("../../etc/a.ris", RIS),
            ("folder/b.bib", BIB),
            ("inner.zip", archive(("c.ris", RIS))),
            ("d.pdf", b"%PDF-1.7"),
            ("__MACOSX/e", b"x"),
            ("folder/", b""),
        )
    )
    result = load_citations(path)
    assert list(result.citations["title"]) == ["One", "A good entry"]
    assert list(result.files["format"]) == ["ris", "bibtex", "none", "none"]
    assert list(result.rejected["reason"].str.contains("archive inside|a PDF")) == [True, True]
    assert result.citations["source_file"].iloc[0] == f"{path}/../../etc/a.ris"
    assert sorted(tmp_path.iterdir()) == [path]  # nothing was unpacked


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (archive(("a.ris", b"0" * 30_000_000)), "times its size"),
        (archive(*((f"{n}.ris", b"") for n in range(1_001))), "1,001 files"),
    ],
)
def test_bombs_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(CitationError, match=words):
        load_text(data, "bomb.zip")


def test_a_large_archive_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(CitationError, match="unpacks to"):
        load_text(archive(("a.ris", RIS)), "x.zip")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIS)))
    result = load_citations("-")
    assert result.files["file"].item() == "standard input"
    assert len(result.citations) == 1
    monkeypatch.setattr(sources, "MAX_INPUT_BYTES", 10)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(RIS)))
    with pytest.raises(CitationError, match="standard input"):
        load_citations("-")


@pytest.mark.parametrize(
    "bad",
    [
        b"@article{x, title=" + b"{" * 10_000 + b"a" + b"}" * 10_000 + b"}\n",
        b"@article{x, title=" + b"{" * 10_000 + b"\n",
        b"{" * 1_000_000 + b"\n",
        b'@a{x, t="' * 20_000 + b"\n",
    ],
)
def test_endless_braces_leave_the_good_entries(bad: bytes) -> None:
    result = load_text(BIB + bad + BIB.replace(b"good,", b"good2,"), "x.bib")
    assert {"good", "good2"} <= set(result.citations["key"])


@pytest.mark.parametrize(
    ("data", "records"),
    [
        (RIS.replace(b"ER  - \n", b"AU  - Smith, A\n" * 50_000 + b"ER  - \n"), 1),
        (RIS.replace(b"ER  - \n", b"go on\n" * 200_000), 1),
        (b"TY  - JOUR\n" * 20_000, 20_000),
        (b"PMID- 1\nTI  - x\n" + b"junk\n" * 50_000, 1),
        (b"<xml><records>" + b"<record>" * 20_000, 20_000),
        (b'[{"title":' + b"[" * 50_000 + b"]" * 50_000 + b'},{"title":"x"}]', 2),
        (b"<xml><records><record><titles>" + b"<style>" * 20_000 + b"</record></records></xml>", 1),
        (b'Title,DOI\n"never closed,10.1000/x\n' + b"a,10.1000/y\n" * 2_000, 2_001),
        (b"FN Clarivate\nPT J\n" + b"TI x\n" * 50_000, 1),
        (b"%0 Book\n%T x\n" + b"%A y\n" * 50_000, 1),
    ],
)
def test_endless_records_take_linear_time(data: bytes, records: int) -> None:
    file = load_text(data, "upload").files.iloc[0]
    assert file["records"] + file["rejected"] == records


def test_rejected_rows_are_bounded_and_counted() -> None:
    count = MAX_REJECTED_ROWS + 5
    result = load_text(b"TY  - JOUR\nER  - \n" * count, "x.ris")
    assert result.files["rejected"].item() == count
    assert len(result.rejected) == MAX_REJECTED_ROWS + 1
    assert "5 more were rejected" in result.rejected["reason"].iloc[-1]


def test_a_record_without_end_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipt_evidence.citations.loading.MAX_RECORD_CHARACTERS", 3_000)
    monkeypatch.setattr("ipt_evidence.citations.loading.PIECE_CHARACTERS", 1_000)
    result = load_text(b"@article{x, title={" + b"a" * 20_000 + b"\n" + BIB, "x.bib")
    assert "it was cut there" in result.files["note"].item()
    assert list(result.citations["key"]) == ["x", "good"]


WORDS = "words on one line "
A_RIS = "TY  - JOUR\nTI  - A\nER  - \n"


@pytest.mark.parametrize(
    ("name", "before", "endless", "after"),
    [
        ("x.ris", A_RIS, "TY  - JOUR\nTI  - B\nAB  - " + WORDS * 20_000, "\nER  - \n"),
        ("x.ris", A_RIS, "TY  - JOUR\nTI  - B\n" + "KW  - line\n" * 20_000, "ER  - \n"),
        ("x.nbib", "PMID- 1\nTI  - A\n\n", "PMID- 2\nAB  - " + WORDS * 20_000, "\n\n"),
        ("x.bib", "@article{a, title={A}}\n", "@misc{b, note={" + WORDS * 20_000, "}}\n"),
        ("x.csv", "Title,Abstract\nA,x\n", "B," + WORDS * 20_000, "\nA,x\n"),
    ],
)
def test_neighbours_of_an_endless_record_are_kept(
    monkeypatch: pytest.MonkeyPatch, name: str, before: str, endless: str, after: str
) -> None:
    monkeypatch.setattr("ipt_evidence.citations.loading.MAX_RECORD_CHARACTERS", 30_000)
    monkeypatch.setattr("ipt_evidence.citations.loading.PIECE_CHARACTERS", 8_000)
    monkeypatch.setattr("ipt_evidence.citations.readers.tables.MAX_CELL_CHARACTERS", 10_000)
    text = before + endless + after
    if name != "x.csv":
        text += before
    result = load_text(text, name)
    assert result.files["records"].item() == len(result.citations) == 3
    titles = list(result.citations["title"])
    assert (titles[0], titles[2]) == ("A", "A")
    assert result.citations["source_line"].iloc[2] == text[: text.rindex("A")].count("\n") + (
        0 if name in ("x.ris", "x.nbib") else 1
    )
    assert "was cut there" in result.files["note"].item()
    assert "left out" in " ".join(result.repaired["note"])


def test_ten_thousand_blank_lines_between_entries_take_linear_time() -> None:
    result = load_text(BIB + b"\n" * 1_000_000 + BIB.replace(b"good", b"other"), "x.bib")
    assert list(result.citations["key"]) == ["good", "other"]
    assert result.citations["source_line"].iloc[1] == 1_000_002


def test_a_cell_that_is_too_long_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipt_evidence.citations.readers.tables.MAX_CELL_CHARACTERS", 100)
    result = load_text(b"Title,Year\nOne,2001\n" + b"x" * 500 + b",2002\nTwo,2003\n", "x.csv")
    assert list(result.citations["year"]) == [2001, 2002, 2003]
    assert list(result.repaired["note"]) == ["a cell of the row is too long and was cut"]


def test_half_a_character_does_not_stop_anything() -> None:
    text = '[{"title":"a\\ud800b", "abstract":"\\udfff", "volume":"\\ud801"}]'
    row = load_text(text, "x.json").citations.iloc[0]
    assert (row["title"], row["volume"]) == ("a?b", "?")


def test_a_long_text_of_no_format_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ipt_evidence.citations.loading.PIECE_CHARACTERS", 1_000)
    monkeypatch.setattr("ipt_evidence.citations.loading.MAX_PLAIN_CHARACTERS", 3_000)
    with pytest.raises(CitationError, match="no known format"):
        load_text("ab\n" * 5_000, "x.txt")


def test_a_few_null_bytes_are_dropped_and_said() -> None:
    result = load_text(RIS * 200 + b"\0\0", "x.ris")
    assert result.files["records"].item() == 200
    assert result.files["note"].item() == "2 null bytes were dropped"


@pytest.mark.parametrize(
    ("text", "codec", "reported"),
    [
        ("抑郁症的人际心理治疗：随机对照试验", "gbk", "gbk"),
        ("Межличностная психотерапия депрессии", "cp1251", "cp1251"),
        ("うつ病の対人関係療法に関する研究", "shift_jis", "cp932"),
        ("Depresión posparto: señales y más “citas”", "cp1252", "cp1252"),
    ],
)
def test_old_encodings_are_guessed_and_said(text: str, codec: str, reported: str) -> None:
    data = (f"TY  - JOUR\nTI  - {text}\nAU  - Wang, Wei\nER  - \n" * 20).encode(codec)
    result = load_text(data, "x.ris")
    assert set(result.citations["title"]) == {text}
    assert result.files["encoding"].item() == reported
    assert "guessed" in result.files["note"].item()


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\n\r\n"])
def test_line_ends_do_not_matter(ends: str) -> None:
    text = RIS.decode() * 3
    result = load_text(text.replace("\n", ends).encode(), "x")
    assert list(result.citations["title"]) == ["One"] * 3


def test_parts_keep_keys_apart(tmp_path: Path) -> None:
    for name in ("a.ris", "b.ris"):
        (tmp_path / name).write_bytes(RIS.replace(b"ER", b"PY  - 2001\nER") * 5)
    parts = list(iter_citations([tmp_path / "a.ris", tmp_path / "b.ris"], chunk=3))
    keys = [key for part in parts for key in part.citations["key"]]
    assert len(set(keys)) == len(keys) == 10
    assert [len(part.citations) for part in parts[:-1]] == [3] * (len(parts) - 1)
    assert sum(len(part.files) for part in parts) == 2
    assert not any(len(part.repaired) for part in parts if "key" in part.repaired["note"].to_list())
    with pytest.raises(ValueError, match="at least 1"):
        iter_citations(tmp_path / "a.ris", chunk=0)


def test_a_list_of_titles(tmp_path: Path) -> None:
    path = tmp_path / "titles.txt"
    path.write_text(
        "Interpersonal psychotherapy for depression\n\n"
        "2. Panic: a trial of 1999\n"
        "Cuijpers, P., Geraedts, A. S. (2011). Interpersonal psychotherapy for depression. "
        "American Journal of Psychiatry, 168(6), 581-592.\n",
        encoding="utf-8",
    )
    result = load_titles(path)
    assert list(result.citations["title"]) == [
        "Interpersonal psychotherapy for depression",
        "Panic: a trial of 1999",
        "Interpersonal psychotherapy for depression",
    ]
    assert list(result.citations["source_line"]) == [1, 3, 4]
    assert result.citations["key"].iloc[2] == "cuijpers2011"
    assert result.files["format"].item() == "titles"
    path.write_bytes(RIS)
    assert load_titles(path).files["format"].item() == "ris"


def damaged(part: str, old: bytes, new: bytes) -> bytes:
    """A workbook of which one part has been damaged."""
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(["Title", "Year"])
    book.active.append(["One", 2016])
    whole, broken = io.BytesIO(), io.BytesIO()
    book.save(whole)
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(broken, "w") as file:
        for name in parts.namelist():
            content = parts.read(name)
            file.writestr(name, content.replace(old, new) if name == part else content)
    return broken.getvalue()


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("docProps/core.xml", b"openpyxl<", b"& <<"),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"<"),
        ("xl/styles.xml", b"</styleSheet>", b"<"),
        ("xl/styles.xml", b"patternType", b"paternType"),
    ],
)
def test_a_damaged_workbook_is_refused_with_what_to_do(part: str, old: bytes, new: bytes) -> None:
    with pytest.raises(CitationError, match=r"x\.xlsx: the workbook is damaged.*save it as CSV"):
        load_text(damaged(part, old, new), "x.xlsx")


SHEET = "xl/worksheets/sheet1.xml"
CELL = b'<c r="A2" t="inlineStr"><is><t>One</t></is></c>'
YEAR = b"<v>2016</v>"


@pytest.mark.parametrize(
    ("old", "new", "title", "year"),
    [
        (b'<row r="2"', b'<row r="1048576"', "One", 2016),  # a million rows lie between
        (b'<row r="2"', b'<row r="99999999999"', "One", 2016),
        (b'<row r="2"', b'<row r="two"', "One", 2016),
        (b'r="A2"', b'r="2A"', "One", 2016),
        (CELL, b'<c r="A2" t="s"><v>99</v></c>', None, 2016),
        (CELL, b'<c r="A2" t="s"><v>-1</v></c>', None, 2016),
        (CELL, b'<c r="A2" t="b"><v>maybe</v></c>', "maybe", 2016),
        (YEAR, b"<v>twenty</v>", "One", None),
        (YEAR, b"<v>" + b"9" * 5_000 + b"</v>", "One", None),
        (YEAR, b"<v>NaN</v>", "One", None),
        (
            b"</sheetData>",
            b'</sheetData><mergeCells><mergeCell ref="x"/></mergeCells>',
            "One",
            2016,
        ),
    ],
)
def test_a_damaged_cell_costs_no_other(
    old: bytes, new: bytes, title: str | None, year: int | None
) -> None:
    result = load_text(damaged(SHEET, old, new), "x.xlsx")
    row = result.citations.iloc[0]
    assert (row["title"] if isinstance(row["title"], str) else None) == title
    assert (None if result.citations["year"].isna().item() else row["year"]) == year
    noted = "damaged" in " ".join(result.repaired["note"])
    assert noted == (b"row" not in old and b"sheetData" not in old)


STRICT = b"http://purl.oclc.org/ooxml/"


def test_strict_open_xml_is_read() -> None:
    data = damaged("", b"", b"")
    names = (
        (b"http://schemas.openxmlformats.org/spreadsheetml/2006/", STRICT + b"spreadsheetml/"),
        (b"http://schemas.openxmlformats.org/officeDocument/2006/", STRICT + b"officeDocument/"),
    )
    parts = []
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        for name in book.namelist():
            content = book.read(name)
            for usual, strict in names:
                content = content.replace(usual, strict)
            parts.append((name, content))
    assert list(load_text(archive(*parts), "x.xlsx").citations["title"]) == ["One"]


@pytest.mark.parametrize(
    ("part", "words"),
    [("[Content_Types].xml", "no item named"), (SHEET, "holds no sheet")],
)
def test_a_workbook_with_a_part_missing_is_a_workbook(part: str, words: str) -> None:
    with zipfile.ZipFile(io.BytesIO(damaged("", b"", b""))) as book:
        parts = [(name, book.read(name)) for name in book.namelist() if name != part]
    with pytest.raises(CitationError, match=rf"x\.xlsx: the workbook is damaged.*{words}"):
        load_text(archive(*parts), "x.xlsx")


def test_a_workbook_of_ones_own_data_that_is_a_bomb_is_refused() -> None:
    bomb = damaged(SHEET, b"</sheetData>", b"</sheetData>" + b" " * 30_000_000)
    with zipfile.ZipFile(io.BytesIO(bomb)) as book:
        packed = archive(*((name, book.read(name)) for name in book.namelist()))
    with pytest.raises(DataError, match=r"x\.xlsx: the archive unpacks to .* times its size"):
        read_table(packed, "x.xlsx")


@pytest.mark.parametrize(
    ("name", "data", "records"),
    [
        ("x.json", b'[[{"a":' * 9_000 + b"1" + b"}]" * 9_000 + b'],{"title": "One"}]', 1),
        ("x.ciw", b"FN Clarivate\nPT \nTI One\nPY 2001\nER\nPT Z\nTI Two\nPY 2002\nER\nEF", 2),
        ("x.ciw", b"FN Clarivate\nVR 1.0\nTI One\nPY 2001\nER\nPT J\nTI Two\nPY 2\nER\nEF", 2),
        ("x.ris", RIS.replace(b"One", b"O\0ne"), 1),
        ("x.json", b'[{"title": "One", "volume": ' + b"9" * 5_000 + b"}]", 1),
        ("x.ciw", b"", 0),
        ("x.ciw", b" \n", 0),
        ("x.bib", "@article{a, title={One}, year={²}}".encode(), 1),
        ("x.bib", b"@article{a, title={One}, year={" + b"0" * 5_000 + b"}}", 1),
        ("x.csv", b'Title,Original fields\nOne,"{""a"": ' + b"9" * 5_000 + b'}"\n', 1),
    ],
)
def test_values_that_no_format_allows(name: str, data: bytes, records: int) -> None:
    assert len(load_text(data, name).citations) == records


def test_utf16_that_breaks_off_is_said() -> None:
    data = b"\xff\xfe" + RIS.decode().encode("utf-16-le") + b"x"
    with pytest.raises(CitationError, match="breaks off after its byte order mark"):
        load_text(data, "x.ris")


def with_bad_member(old: bytes, new: bytes, *, last: bool = False) -> bytes:
    data = archive(("good.ris", RIS), ("évil.ris", RIS))
    at = data.rfind(old) if last else data.find(old)
    return data[:at] + new + data[at + len(old) :]


@pytest.mark.parametrize(
    "data",
    [
        with_bad_member("é".encode(), b"\xff\xfe"),
        with_bad_member("é".encode(), b"\xff\xfe", last=True),
        with_bad_member(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff"),  # a version to come
    ],
)
def test_an_entry_that_lies_costs_its_own_member_alone(data: bytes) -> None:
    result = load_text(data, "all.zip")
    assert "One" in list(result.citations["title"])
    assert len(result.citations) + len(result.rejected) == 2


def test_a_fault_below_a_reader_names_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise ValueError("no such value")

    monkeypatch.setattr("ipt_evidence.citations.loading._read", fault)
    with pytest.raises(CitationError, match=r"x\.ris: .*no such value.*Export it again"):
        load_text(RIS, "x.ris")
