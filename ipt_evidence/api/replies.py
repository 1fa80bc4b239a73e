"""How an answer travels: JSON or CSV, an ETag that says when nothing changed, errors in words."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.wording.plain import csv_safe, plain

__all__ = ["error", "reply"]

_JSON, _CSV = "application/json", "text/csv; charset=utf-8"
_HEADERS = {
    "Access-Control-Allow-Origin": "*",  # public, read-only: any page may ask
    "Cache-Control": "no-cache",  # ask again each time; the ETag makes that cheap
    "X-Content-Type-Options": "nosniff",
}


def reply(
    request: Request, base: EvidenceBase, answer: pd.DataFrame | dict[str, Any], form: str
) -> Response:
    """The response for ``answer`` as ``form`` (``json`` or ``csv``); empty with 304 if known."""
    if form == "csv" and isinstance(answer, pd.DataFrame):
        body, kind = csv_safe(answer), _CSV
    else:
        body, kind = _document(base, answer), _JSON
    content = body.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {**_HEADERS, "ETag": tag, "X-Data-Version": base.version}
    if _known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def error(status: int, message: str) -> Response:
    """A refusal that says what is wrong."""
    body = json.dumps({"error": message}, ensure_ascii=False)
    return Response(body.encode(), status_code=status, media_type=_JSON, headers=_HEADERS)


def _known(header: str, tag: str) -> bool:
    """``If-None-Match`` may list several tags; proxies mark theirs as weak (RFC 9110, 13.1.2)."""
    tags = [part.strip().removeprefix("W/") for part in header.split(",")]
    return tag in tags or tags == ["*"]


def _document(base: EvidenceBase, answer: pd.DataFrame | dict[str, Any]) -> str:
    if isinstance(answer, pd.DataFrame):
        rows = answer.astype(object).to_dict("records")
        document: dict[str, Any] = {"data_version": base.version, "rows": rows}
    else:
        document = {"data_version": base.version, **answer}
    return json.dumps(plain(document, missing="NA"), ensure_ascii=False, allow_nan=False) + "\n"
