from __future__ import annotations

from pathlib import Path

import pytest

from ipt_evidence.citations import decoding
from ipt_evidence.citations.loading import load_citations, load_text
from ipt_evidence.errors import CitationError

ENTRY = "@article{müller, title = {Für die Körperpsychotherapie – ein Überblick}, year = {2001}}\n"


@pytest.mark.parametrize(
    ("data", "reported"),
    [
        (ENTRY.encode("utf-8"), "utf-8"),
        (ENTRY.encode("utf-8-sig"), "utf-8-sig"),
        (ENTRY.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + ENTRY.encode("utf-16-be"), "utf-16-be"),
        (ENTRY.encode("utf-16-le"), "utf-16-le"),
        (ENTRY.encode("utf-16-be"), "utf-16-be"),
        (ENTRY.encode("cp1252"), "cp1252"),
        (b"% Encoding: ISO8859_1\n" + ENTRY.replace("–", "-").encode("latin-1"), "iso8859-1"),
    ],
)
def test_encodings_give_the_same_text(data: bytes, reported: str) -> None:
    result = load_text(data, "x.bib")
    row = result.citations.iloc[0]
    assert row["key"] == "müller"
    assert row["title"].replace("–", "-") == "Für die Körperpsychotherapie - ein Überblick"
    assert result.files["encoding"].item() == reported


def test_a_stray_byte_does_not_spoil_a_utf8_file() -> None:
    data = (ENTRY * 3).encode() + b"@misc{x, title = {Caf\xe9}}"
    result = load_text(data, "x.bib")
    assert result.citations["title"].iloc[-1] == "Café"
    assert result.citations["title"].iloc[0].startswith("Für die Körper")
    assert result.files["encoding"].item() == "utf-8 with cp1252 bytes"


def test_plain_ascii_is_called_ascii() -> None:
    assert load_text("@misc{a, title={b}}", "x.bib").files["encoding"].item() == "ascii"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "a PDF"),
        (b"PK\x03\x04....", "ZIP archive or Office document"),
        (b"<!DOCTYPE html><html><body>Log in</body></html>", "a web page"),
        (b"\n  <html>", "a web page"),
        (bytes(range(256)) * 20, "not a text file"),
        (b"abc\0def", "not a text file (it holds 1 null bytes)"),
    ],
)
def test_what_is_no_text_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with pytest.raises(CitationError) as caught:
        load_text(data, "upload.bib")
    assert str(caught.value).startswith("upload.bib: ")
    assert words in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CitationError, match=r"nothing\.bib: there is no such file"):
        load_citations(tmp_path / "nothing.bib")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CitationError, match="is a folder"):
        load_citations(tmp_path)


def test_large_files_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ipt_evidence.citations.sources.MAX_FILE_BYTES", 10)
    path = tmp_path / "large.bib"
    path.write_text("@misc{a, title={b}}", encoding="utf-8")
    with pytest.raises(CitationError, match="Split the file"):
        load_citations(path)
    monkeypatch.setattr(decoding, "MAX_FILE_BYTES", 10)
    with pytest.raises(CitationError, match="Split the file"):
        load_text("@misc{a, title={b}}", "large.bib")


def test_an_empty_file_holds_nothing() -> None:
    result = load_text(b"", "empty.bib")
    assert len(result.citations) == 0
    assert result.files[["records", "rejected"]].iloc[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("codec", "title", "author"),
    [
        ("cp1250", "Skuteczność psychoterapii w leczeniu depresji poporodowej", "Żółkiewski"),
        ("iso8859_2", "Skuteczność psychoterapii u dorosłych: wyniki badań", "Łoś"),
        ("cp1250", "Účinnost interpersonální psychoterapie u žen: randomizovaná studie", "Dvořák"),
        ("cp1250", "A pszichoterápia hatékonysága szülés utáni depresszióban", "Győrffy"),
        ("cp1254", "Doğum sonrası depresyonda kişilerarası psikoterapinin etkinliği", "Yılmaz"),
        ("cp1257", "Atsitiktinių imčių tyrimas žmonėms šeimoje gydant depresiją", "Kazlauskas"),
        ("iso8859_7", "Διαπροσωπική ψυχοθεραπεία για την κατάθλιψη", "Παπαδόπουλος"),
        ("cp1251", "Межличностная психотерапия при депрессии", "Иванов"),
        ("koi8_r", "Межличностная психотерапия при депрессии", "Иванов"),
        ("cp1255", "פסיכותרפיה בינאישית לדיכאון: מחקר אקראי מבוקר", "כהן"),
        ("mac_roman", "Psychothérapie interpersonnelle et dépression périnatale", "Lefèvre"),
        ("cp1252", "Eficácia da psicoterapia: ‘ensaio’ de Conceição", "São João"),
        ("cp1252", "Behandlung – über größere Wirkung bei 50 µg ± 2", "Müller"),
        ("cp1252", "Lodtrækningsforsøg på ældre", "Sørensen"),
    ],
)
def test_code_pages_are_told_apart_by_their_words_and_said(
    codec: str, title: str, author: str
) -> None:
    record = f"TY  - JOUR\nTI  - {title}\nAU  - {author}, J.\nER  - \n"
    loaded = load_text(record.encode(codec), "a.ris")
    assert loaded.citations["title"].iloc[0] == title
    assert loaded.citations["authors"].iloc[0][0]["family"] == author
    file = loaded.files.iloc[0]
    assert file["encoding"] in file["note"]
    assert file["note"].startswith("the encoding was guessed from the bytes")
