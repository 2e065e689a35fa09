"""Who asks, and for which project. On loopback there is one local user, to whom everything belongs.

Called by `app` at start and by every endpoint. A public address is refused at start until there are users with tokens.
"""

import ipaddress

from trailerflow.engine.tables import User
from trailerflow.errors import Misconfigured, NotFound
from trailerflow.settings import Settings
from trailerflow.web.state import AppRequest

LARGEST_ID = 2**31 - 1


def is_loopback(host: str) -> bool:
    """Say whether a host name or address can only be reached from this machine."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def refuse_public_host(settings: Settings) -> None:
    """Raise `Misconfigured` when the service would listen where other machines can reach it."""
    if not is_loopback(settings.host):
        raise Misconfigured(
            "misconfigured",
            f"TRAILERFLOW_HOST is {settings.host}, which other machines can reach, and there are no users yet",
            remedy="listen on 127.0.0.1 and put a proxy that asks who is there before it",
        )


def caller(request: AppRequest) -> User:
    """Return who asks."""
    return request.state.user


def project_id(request: AppRequest) -> int:
    """Return the id of the project a path names. Raises `NotFound` for what can be no id."""
    text: str = request.path_params["project_id"]
    if text.isascii() and text.isdigit() and int(text[:11]) <= LARGEST_ID and len(text) < len(str(LARGEST_ID)) + 1:
        return int(text)
    raise NotFound(
        "project_not_found", f"there is no project {text}", remedy="list the projects with GET /api/projects"
    )
