"""Bytes off the wire, bounded in size and time.

Replies are read piece by piece and unpacked as they come: a reply of ten megabytes, a gzip bomb or
a server that sends a byte a second is given up when it passes the bound, not after.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import DecodeError, HTTPError, ReadTimeoutError

from ipt_evidence.citations.enrichment.faults import CutOff, TimedOut, TooLarge, Unreadable
from ipt_evidence.citations.enrichment.pacing import Clock, Pace, PatientRetry

__all__ = ["BoundedAdapter"]

_PIECE = 64 * 1024


class BoundedAdapter(HTTPAdapter):
    """Reads a whole reply of at most ``max_bytes`` within ``deadline`` seconds, or raises."""

    def __init__(
        self,
        retry: PatientRetry,
        *,
        label: str,
        max_bytes: int,
        deadline: float,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._pace = pace
        self._label = label
        self._max_bytes = max_bytes
        self._deadline = deadline
        self._clock = clock
        super().__init__(max_retries=retry)

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """As `requests` does, in turn, with the body read and bounded."""
        self._pace.wait()
        response = super().send(
            request, stream=True, timeout=timeout, verify=verify, cert=cert, proxies=proxies
        )
        heard = response.headers
        self._pace.learn(heard.get("X-Rate-Limit-Limit"), heard.get("X-Rate-Limit-Interval"))
        raw = response.raw
        try:
            response._content = self._read(raw)
        except ReadTimeoutError as error:
            raise TimedOut(f"{self._label} stopped in the middle of its reply") from error
        except DecodeError as error:
            raise Unreadable(f"{self._label} sent a reply that cannot be unpacked") from error
        except (HTTPError, OSError) as error:
            raise CutOff(f"{self._label} ended the connection in its reply") from error
        finally:
            raw.close()
        response._content_consumed = True  # type: ignore[attr-defined]
        return response

    def _read(self, raw: Any) -> bytes:
        declared = raw.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > self._max_bytes:
            raise self._too_large()
        end = self._clock.now() + self._deadline
        pieces: list[bytes] = []
        size = 0
        while piece := raw.read1(_PIECE, decode_content=True):
            size += len(piece)
            if size > self._max_bytes:
                raise self._too_large()
            if self._clock.now() > end:
                raise TimedOut(
                    f"{self._label} sent its reply too slowly: {size:,} bytes in "
                    f"{self._deadline:g} seconds"
                )
            pieces.append(piece)
        return b"".join(pieces)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"{self._label} sent a reply of more than {self._max_bytes // 1024**2} MB, which "
            "no honest reply has"
        )
