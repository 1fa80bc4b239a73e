"""Replies of a service as bytes: bounded in size and time, with a rate limit and retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3.exceptions import DecodeError, HTTPError, InvalidHeader, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util import Retry

from ipt_evidence.services.faults import CutOff, RateLimited, TimedOut, TooLarge, Unreadable

__all__ = ["BoundedAdapter", "Clock", "PatientRetry", "RateLimiter", "unreachable"]

AGAIN = (429, 500, 502, 503, 504)
BACKOFF_FACTOR = 0.5  # 0, 1, 2, 4 seconds ...
JITTER = 0.5  # and up to half a second at random, so that many clients do not retry at once


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds that only go forward, a way to wait, and today's date."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    today: Callable[[], date] = date.today


def unreachable(url: str, timeout: float) -> str:
    """Why ``url`` does not answer within ``timeout`` seconds; empty when it does."""
    try:
        requests.head(url, timeout=timeout, allow_redirects=False)
    except requests.RequestException as err:
        return f"{url} does not answer ({type(err).__name__})"
    return ""


class RateLimiter:
    """Spaces the questions to one service: at most ``rate`` a second."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._gap = 1.0 / rate
        self._clock = clock
        self._next = 0.0

    def wait(self) -> None:
        """Return when the next question may be asked."""
        now = self._clock.now()
        if now < self._next:
            self._clock.sleep(self._next - now)
            now = self._next
        self._next = now + self._gap

    def learn(self, limit: str | None, interval: str | None) -> None:
        """Slow down to what ``X-Rate-Limit-Limit`` and ``-Interval`` announce; never speed up."""
        try:
            rate = float(limit or "") / float((interval or "").rstrip("s"))
        except (ValueError, ZeroDivisionError):
            return
        if rate > 0:
            self._gap = max(self._gap, 1.0 / rate)


class PatientRetry(Retry):
    """urllib3's Retry, which waits by a `Clock` and not longer than ``longest`` for anybody.

    ``Retry-After`` is respected, in seconds or as a date; without it pauses double, with jitter.
    """

    clock: Clock = Clock()
    longest: float = 120.0
    service: str = ""
    counted: Callable[[], None] = staticmethod(lambda: None)

    @classmethod
    def build(
        cls,
        attempts: int,
        *,
        clock: Clock,
        longest: float,
        service: str,
        counted: Callable[[], None],
    ) -> PatientRetry:
        """As many as ``attempts`` tries in all; ``counted`` is called at each further one."""
        retry = cls(
            total=attempts - 1,
            status_forcelist=AGAIN,
            allowed_methods=frozenset({"GET"}),
            backoff_factor=BACKOFF_FACTOR,
            backoff_jitter=JITTER,
            backoff_max=longest,
            retry_after_max=10**9,  # what is too long is for `sleep` to say
            raise_on_status=False,
            redirect=0,
        )
        return retry._like(clock, longest, service, counted)

    def _like(
        self, clock: Clock, longest: float, service: str, counted: Callable[[], None]
    ) -> Self:
        self.clock, self.longest, self.service = clock, longest, service
        self.counted = counted
        return self

    def new(self, **kw: Any) -> Self:
        """The copy that urllib3 makes at each try keeps our clock."""
        copy = super().new(**kw)
        return copy._like(self.clock, self.longest, self.service, self.counted)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait before the next try, as the reply asks for or as the backoff says."""
        self.counted()
        wanted = self._retry_after(response)
        if wanted and wanted > self.longest:
            raise RateLimited(
                f"{self.service} asks to wait {wanted:,.0f} seconds. Try again later; what was "
                "answered so far is kept"
            )
        pause = wanted or self.get_backoff_time()
        if pause > 0:
            self.clock.sleep(pause)

    def _retry_after(self, response: BaseHTTPResponse | None) -> float | None:
        if response is None:
            return None
        try:
            return self.get_retry_after(response)
        except InvalidHeader:  # neither seconds nor a date: as if it were not there
            return None


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
        limiter: RateLimiter,
    ) -> None:
        self._limiter = limiter
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
        self._limiter.wait()
        response = super().send(
            request, stream=True, timeout=timeout, verify=verify, cert=cert, proxies=proxies
        )
        headers = response.headers
        self._limiter.learn(headers.get("X-Rate-Limit-Limit"), headers.get("X-Rate-Limit-Interval"))
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
