"""The door: refuses strangers' hosts and origins, and gives every answer its security headers. Wraps the application.

A page of another site must not be able to drive this service through the browser of the person who runs it: neither
by a request across origins, nor by a name that points at loopback.
"""

import logging
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trailerflow.errors import Refused
from trailerflow.settings import Settings
from trailerflow.web import problems
from trailerflow.web.auth import is_loopback

log = logging.getLogger(__name__)

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": PAGE_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._own = urlsplit(settings.service)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in or answer it with a refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_api = scope["path"].startswith("/api/")

        has_begun = False

        async def dressed(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store" if is_api else "no-cache")
            await send(message)

        refused = self._refusal(scope)
        if refused is not None:
            await problems.response(refused)(scope, receive, dressed)
            return
        try:
            await self._app(scope, receive, dressed)
        except Exception:
            if has_begun:
                raise
            log.exception("%s %s broke", scope["method"], scope["path"])
            await problems.internal()(scope, receive, dressed)

    def _refusal(self, scope: Scope) -> Refused | None:
        headers = Headers(scope=scope)
        local = (scope.get("server") or ("",))[0]
        if _is_address(local) and not is_loopback(local):
            return Refused("not_loopback", f"the service is reached at {local}, not on loopback", remedy=_REMEDY)
        host = headers.get("host", "")
        if not self._knows(_name_of(host)):
            return Refused("unknown_host", f"this service is not called {host!r}", remedy=_REMEDY)
        if scope["method"] in SAFE_METHODS or self._is_from_here(headers, host):
            return None
        return Refused(
            "cross_origin", "a page of another site may not change anything here", remedy="use the service's own page"
        )

    def _knows(self, name: str) -> bool:
        return is_loopback(name) or name == (self._own.hostname or "")

    def _is_from_here(self, headers: Headers, host: str) -> bool:
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") not in ("cross-site", "same-site")
        return urlsplit(origin).netloc.lower() in (host.lower(), self._own.netloc.lower())


_REMEDY = "use http://127.0.0.1 or http://localhost with the service's port, or set TRAILERFLOW_URL to its public name"


def _name_of(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(local: object) -> bool:
    """Say whether the listening socket's name is an IP address (a Unix socket's is a path)."""
    return isinstance(local, str) and bool(local) and "/" not in local
