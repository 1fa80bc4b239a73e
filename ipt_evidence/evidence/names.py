"""What a base calls its treatment and its effect: IPT and Hedges g, unless it says otherwise.

Words of analyses are written for IPT and g. A base about something else has them replaced where
they are handed over, once, in `analyses.registry` and whoever shows words beside it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from ipt_evidence.evidence.sources import read_toml

__all__ = ["Names", "load_names", "names_text"]

_SYMBOL = re.compile(r"(?<![\w-])g(?![\w'’.-])")
_SIZES = re.compile(r"\b(?:a|an) (?:very small|small|moderate|large) effect")
_IN_SD = re.compile(r" in standard deviations")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the treatment, of what it is compared with, and of the effect.

    ``standardised`` effects are in standard deviations: words for sizes, which are about those,
    are left out of others.
    """

    treatment: str = "IPT"
    comparison: str = "the comparison condition"
    effect: str = "Hedges g"
    symbol: str = "g"
    standardised: bool = True

    @property
    def usual(self) -> bool:
        """True where nothing has to be replaced."""
        return self == Names()

    def said(self, text: str) -> str:
        """``text`` with these names in the place of the usual ones."""
        if self.usual:
            return text
        if not self.standardised:
            text = _IN_SD.sub("", _SIZES.sub("an effect", text))
        if self.effect != "Hedges g":
            text = _SYMBOL.sub(lambda _: self.symbol, text.replace("Hedges g", self.effect))
        said = text.replace("the comparison condition", self.comparison)
        said = re.sub(r"\bIPT\b", lambda _: self.treatment, said)
        # A sentence that begins with a name begins with a capital all the same.
        return said[:1].upper() + said[1:] if text[:1].isupper() and said != text else said


def names_text(treatment: str, comparison: str) -> str:
    """What ``taxonomy.toml`` of a base about another treatment says of its names."""
    named = {"treatment": treatment, "comparison": comparison}
    lines = (f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in named.items())
    return "\n".join(["", "[names]", *lines, ""])


def load_names(path: Path) -> Names:
    """The names that a taxonomy gives in ``[names]``; the usual ones where it gives none."""
    given = read_toml(path).get("names", {})
    texts = {one.name for one in fields(Names) if one.type == "str"}
    usable: dict[str, Any] = {
        name: value
        for name, value in (given.items() if isinstance(given, dict) else ())
        if name in texts and isinstance(value, str) and value.strip()
    }
    return replace(Names(), **usable)
