"""What an operator asks: alive, ready, metrics, the API's own description. Endpoints for the router."""

from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from trailerflow.engine import health
from trailerflow.engine.health import Living
from trailerflow.web import answers, metrics
from trailerflow.web.schemas import Alive, Ready, WorkerView
from trailerflow.web.state import AppRequest


async def healthz(_request: AppRequest) -> Response:
    """Say that the process answers."""
    return answers.of(Alive())


async def readyz(request: AppRequest) -> Response:
    """Say whether database and schema are ready, and who is alive."""
    studio, version, alive = request.state.studio, None, list[Living]()
    try:
        async with studio.database.read() as session:
            alive = await health.workers_alive(session, studio.settings.lease_seconds)
            version = await health.schema_version(session)
            reachable = True
    except (SQLAlchemyError, OSError):
        reachable = False
    at_head = reachable and version == request.state.schema_head
    workers: dict[str, list[WorkerView]] = {"orchestrator": [], "render": []}
    for worker in alive:
        workers.setdefault(worker.role, []).append(WorkerView(id=worker.id, seen_at=worker.seen_at))
    ready = Ready(
        status="ready" if at_head else "not_ready",
        database=reachable,
        schema_at_head=at_head,
        bell=request.state.relay.is_hearing,
        workers=workers,
    )
    return answers.of(ready, 200 if at_head else 503)


async def expose_metrics(request: AppRequest) -> Response:
    """Return the metrics in Prometheus' text format."""
    return Response(await request.state.metrics.expose(), headers={"Content-Type": metrics.MEDIA_TYPE})
