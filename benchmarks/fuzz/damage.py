"""Bytes damaged at random: lost, changed, doubled, mixed with others, recoded, packed again."""

from __future__ import annotations

import random
import warnings
import zipfile
import zlib
from io import BytesIO

__all__ = ["MOST_BYTES", "damaged_text", "mutated"]

MOST_BYTES = 60_000
_MEMBERS = ("ris", "bib", "csv", "txt", "json")

_TOKENS = tuple(
    token.encode()
    for token in (
        *("\n", "\r", "\t", '"', "'", "{", "}", "[", "]", "(", ")", "<", ">", ",", ";", "\\", "%"),
        *("TY  - JOUR\n", "ER  - \n", "\nAU  - ", "PMID- 1\n", "%0 Journal Article\n", "@article{"),
        *(
            "\nPT J\n",
            "\nEF\n",
            "</",
            "<record>",
            "<![CDATA[",
            "&lt;",
            "&#x110000;",
            "<!DOCTYPE x>",
        ),
        *(
            "\\textless",
            "$^{2}$",
            "and ",
            " et al.",
            "10.1/",
            "doi.org/10.1002/(sici)1<",
            "NCT0123",
        ),
        *(
            "²",
            "٣",
            "①",
            "ı",
            "ß",
            "\u202e",
            "\ud7ff",
            "\ufeff",
            "\ufffe",
            "\U0001f600",
            "\0",
            "\x1a",
        ),
        *(
            "9" * 400,
            "1e999",
            "-1",
            "NaN",
            "null",
            "1999-99-99",
            "0000",
            "[" * 200,
            "{" * 200,
            "(" * 200,
        ),
        *("a" * 3_000, "1" * 3_000, "A. " * 1_000, "(1999) " * 300, ".," * 1_500, "- " * 900),
        *("a, " * 300, "and " * 300, "; " * 300, "=" * 300, " " * 300, "\n" * 300, '"' * 301),
        *("1. ", "[1] ", "<1. >\n", "Record #1 of 2\n", "SrcDatabase-X: 1\n", "RT Journal\n"),
    )
)


def mutated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """``data`` with one to six faults: bytes lost, changed, doubled, or parts of ``other``."""
    if data.startswith(b"PK") and chance.random() < 0.7:
        return _repacked(data, other, chance)
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((1, 1, 2, 8, 64, 512, 4096)))
        kind = chance.randrange(9)
        if kind == 0:
            data = data[:at] + data[end:]
        elif kind == 1:
            data = data[:at] + bytes(chance.randrange(256) for _ in range(end - at)) + data[end:]
        elif kind == 2:
            data = data[:at] + data[at:end] * chance.choice((2, 3, 50)) + data[end:]
        elif kind in (3, 4):
            data = data[:at] + chance.choice(_TOKENS) * chance.choice((1, 1, 3)) + data[at:]
        elif kind == 5:
            data = data[:at] if chance.random() < 0.5 else data[at:]
        elif kind == 6:
            start = chance.randint(0, len(other))
            data = data[:at] + other[start : start + chance.choice((20, 200, 5_000))] + data[end:]
        elif kind == 7:
            data = _recoded(data, chance)
        else:
            lines = data.split(b"\n")
            chance.shuffle(lines)
            data = b"\n".join(lines)
    return data[:MOST_BYTES]


def _recoded(data: bytes, chance: random.Random) -> bytes:
    """``data`` in another encoding, or in an archive of one file."""
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.3:
        archive = BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr(f"a.{chance.choice(_MEMBERS)}", data)
        return archive.getvalue()
    codec = chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "latin-1", "cp1251", "gb18030"))
    return text.encode(codec, "replace")


def _repacked(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """An archive, such as a workbook, of which one member is damaged, lost or renamed."""
    packed = BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # two members of one name are meant
            _pack(data, other, packed, chance)
    except (*_OF_ZIP, IndexError):
        return data[: chance.randint(0, len(data))]
    return packed.getvalue()


def _pack(data: bytes, other: bytes, packed: BytesIO, chance: random.Random) -> None:
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        names = old.namelist()
        chosen = chance.choice(names)
        for name in names:
            content = old.read(name)
            if name == chosen:
                kind = chance.randrange(8)
                if kind == 0:
                    continue
                if kind == 1:
                    name = chance.choice(names)
                content = mutated(content, other, chance)
            new.writestr(name, content)


_OF_ZIP = (EOFError, OSError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)


def damaged_text(text: str, other: str, chance: random.Random) -> str:
    """``text`` damaged as `mutated` does, in UTF-8 all the same."""
    data = text.encode("utf-8", "replace")
    for _ in range(20):
        found = mutated(data, other.encode("utf-8", "replace"), chance)
        if not found.startswith((b"PK", b"\xff\xfe", b"\xfe\xff")) and b"\0" not in found:
            return found.decode("utf-8", "replace")
    return text
