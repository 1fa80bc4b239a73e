"""The addresses under /api/v1, all read-only: JSON or CSV, ETags, errors in words; the feed."""

from __future__ import annotations

import hashlib
import json
import threading
from typing import Any

import pandas as pd
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ipt_evidence.api.answers import BASE_PATH, RESOURCES, Resource, openapi
from ipt_evidence.errors import DataError, EvidenceError, QuestionError
from ipt_evidence.evidence.base import EvidenceBase, current_base
from ipt_evidence.exchange.citation import public_page
from ipt_evidence.exchange.feed import FEED_PATH, FEED_TYPE, atom_feed, versions_of
from ipt_evidence.limits import limit
from ipt_evidence.paths import default_data_folder
from ipt_evidence.wording.plain import csv_safe, plain

__all__ = ["routes"]

_BY_NAME = {resource.name: resource for resource in RESOURCES}
_FORMS = ("json", "csv")
MOST_CHARACTERS = 8_000  # of all words of an address
MOST_VALUES = 200
MOST_OF_A_VALUE = 200  # characters
AT_ONCE = limit("IPT_EVIDENCE_ANSWERS")  # answers that are computed; others wait
PATIENCE = 10.0  # seconds that they wait
_computing = threading.BoundedSemaphore(AT_ONCE)
_JSON, _CSV = "application/json", "text/csv; charset=utf-8"
_HEADERS = {
    "Access-Control-Allow-Origin": "*",  # public, read-only: any page may ask
    "Cache-Control": "no-cache",  # ask again each time; the ETag makes that cheap
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[BaseRoute]:
    """Routes to mount beside Streamlit; plain functions, which Starlette runs in its threads."""
    return [
        Route(BASE_PATH, _index, methods=["GET"]),
        Route(f"{BASE_PATH}/openapi.json", _openapi, methods=["GET"]),
        Route(f"{BASE_PATH}/{{name:path}}", _resource, methods=["GET"]),
        Route(FEED_PATH, _feed, methods=["GET"]),
    ]


def _index(request: Request) -> Response:
    base = current_base()
    listed = {
        f"{BASE_PATH}/{resource.name}.{'csv' if resource.table else 'json'}": resource.about
        for resource in RESOURCES
    }
    return _reply(
        request, base, {"addresses": listed, "openapi": f"{BASE_PATH}/openapi.json"}, "json"
    )


def _feed(request: Request) -> Response:
    versions = versions_of(default_data_folder())
    if not versions:
        return _error(404, "No version of these data has been released yet")
    feed = atom_feed(versions, public_page("") or str(request.base_url))
    return _tagged(request, feed, f"{FEED_TYPE}; charset=utf-8", _HEADERS)


def _openapi(request: Request) -> Response:
    base = current_base()
    return _reply(request, base, openapi(base), "json")


def _resource(request: Request) -> Response:
    name, _, form = request.path_params["name"].partition(".")
    resource, form = _BY_NAME.get(name), form or "json"
    if resource is None or form not in _FORMS or (form == "csv" and not resource.table):
        known = ", ".join(f"{BASE_PATH}/{name}" for name in _BY_NAME)
        return _error(404, f"Nothing is here. There are {known}, with .json or .csv")
    if len(request.url.query) > MOST_CHARACTERS:
        return _error(414, f"The address has more than {MOST_CHARACTERS:,} characters of words")
    try:
        words, base = _words(request, resource), current_base()
    except QuestionError as err:
        return _error(400, str(err))
    except EvidenceError as err:
        return _error(503, f"The evidence cannot be read: {err}")
    if not _computing.acquire(timeout=PATIENCE):
        return _error(503, "Other questions are being answered. Ask again in a minute", retry=60)
    try:
        return _reply(request, base, resource.answer(base, words), form)
    except DataError as err:
        return _error(503, f"The evidence cannot be read: {err}")
    except EvidenceError as err:  # what cannot be answered as it is asked
        return _error(400, str(err))
    finally:
        _computing.release()


def _words(request: Request, resource: Resource) -> dict[str, list[str]]:
    """The words of the address; one that this resource does not know is an error, not ignored.

    The words of an analysis beside those of a view are its options, which it knows itself.
    """
    words: dict[str, list[str]] = {}
    for word, value in request.query_params.multi_items():
        if word not in resource.words and resource.analysis is None:
            known = ", ".join(resource.words) or "no words"
            raise QuestionError(f"{resource.name} does not know {word!r}. It knows {known}")
        if len(value) > MOST_OF_A_VALUE:
            raise QuestionError(f"A value of {word!r} has more than {MOST_OF_A_VALUE} characters")
        words.setdefault(word, []).append(value)
    if (count := sum(map(len, words.values()))) > MOST_VALUES:
        raise QuestionError(f"The address has {count} values; up to {MOST_VALUES} are taken")
    return words


def _reply(
    request: Request, base: EvidenceBase, answer: pd.DataFrame | dict[str, Any], form: str
) -> Response:
    """The response for ``answer`` as ``form`` (``json`` or ``csv``); empty with 304 if known."""
    table = answer if isinstance(answer, pd.DataFrame) else answer.get("table")
    if form == "csv" and table is not None:
        body, kind = csv_safe(table), _CSV
    else:
        body, kind = _document(base, answer), _JSON
    return _tagged(request, body, kind, {**_HEADERS, "X-Data-Version": base.version})


def _tagged(request: Request, body: str, kind: str, headers: dict[str, str]) -> Response:
    """``body`` with its ETag; empty with 304 where the caller has it."""
    content = body.encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:24]}"'
    headers = {**headers, "ETag": tag}
    if _known(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=kind, headers=headers)


def _error(status: int, message: str, retry: int = 0) -> Response:
    """A refusal that says what is wrong; ``retry`` is in how many seconds to ask again."""
    body = json.dumps({"error": message}, ensure_ascii=False).encode("utf-8", "replace")
    headers = {**_HEADERS, **({"Retry-After": str(retry)} if retry else {})}
    return Response(body, status_code=status, media_type=_JSON, headers=headers)


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
