"""What the application has open while it runs, as every endpoint finds it at `request.state`. Filled by `app`."""

from starlette.datastructures import State
from starlette.requests import Request

from trailerflow.bootstrap import Studio
from trailerflow.engine.tables import User
from trailerflow.web.metrics import Metrics
from trailerflow.web.relay import Relay


class Opened(State):
    """The studio, the relay, the metrics, the local user and the schema revision this program wants."""

    studio: Studio
    relay: Relay
    metrics: Metrics
    user: User
    schema_head: str | None


AppRequest = Request[Opened]
