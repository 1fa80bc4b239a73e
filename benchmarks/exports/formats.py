"""Records → the text of a file, as databases and EndNote write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from benchmarks.exports.databases import Row

__all__ = ["FORMATS"]


def as_csv(rows: Sequence[Row]) -> str:
    """A table with the columns of the published labelled sets."""
    stream = io.StringIO()
    names = "record_id author year title journal doi isbn pages volume number abstract label"
    writer = csv.DictWriter(stream, names.split())
    writer.writeheader()
    for line, row in enumerate(rows, 1):
        cells = {name: row[name] for name in names.split()[2:-1]}
        people = "; ".join(row["author"])
        writer.writerow({**cells, "record_id": line, "author": people, "label": "search"})
    return stream.getvalue()


def as_ris(rows: Sequence[Row]) -> str:
    """RIS as EndNote writes it."""
    tags = dict(
        title="TI", year="PY", journal="T2", volume="VL", number="IS", pages="SP", doi="DO",
        isbn="SN", abstract="AB", accession="AN",
    )  # fmt: skip
    lines = []
    for row in rows:
        lines.append("TY  - JOUR")
        lines += [f"AU  - {name}" for name in row["author"]]
        lines += [f"{tag}  - {row[name]}" for name, tag in tags.items() if row[name]]
        lines += ["ER  - ", ""]
    return "\n".join(lines)


def as_endnote(rows: Sequence[Row]) -> str:
    """EndNote XML, all on one line as EndNote writes it."""

    def styled(text: str) -> str:
        return f'<style face="normal" font="default" size="100%">{escape(text)}</style>'

    parts = ['<?xml version="1.0" encoding="UTF-8" ?><xml><records>']
    for number, row in enumerate(rows, 1):
        people = "".join(f"<author>{styled(name)}</author>" for name in row["author"])
        journal = f"<secondary-title>{styled(row['journal'])}</secondary-title>"
        parts.append(
            '<record><database name="all.enl">all.enl</database>'
            f'<rec-number>{number}</rec-number><ref-type name="Journal Article">17</ref-type>'
            f"<contributors><authors>{people}</authors></contributors>"
            f"<titles><title>{styled(row['title'])}</title>{journal if row['journal'] else ''}"
            "</titles>"
        )
        for tag, name in (("pages", "pages"), ("volume", "volume"), ("number", "number")):
            parts.append(f"<{tag}>{styled(row[name])}</{tag}>" if row[name] else "")
        if row["year"]:
            parts.append(f"<dates><year>{styled(row['year'])}</year></dates>")
        for tag, name in (
            ("isbn", "isbn"),
            ("accession-num", "accession"),
            ("abstract", "abstract"),
            ("electronic-resource-num", "doi"),
        ):
            parts.append(f"<{tag}>{styled(row[name])}</{tag}>" if row[name] else "")
        parts.append("</record>")
    return "".join([*parts, "</records></xml>"])


FORMATS: dict[str, tuple[str, Callable[[Sequence[Row]], str]]] = {
    "csv": ("export.csv", as_csv),
    "ris": ("export.ris", as_ris),
    "endnote": ("export.xml", as_endnote),
}
