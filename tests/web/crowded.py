"""The application with little patience and room for few, for the tests of many viewers."""

from starlette.applications import Starlette

from trailerflow.web import app, room, viewer

STALL_SECONDS = 1.0
MOST_STREAMS = 210


def create_app() -> Starlette:
    """Make it."""
    viewer.STALL_SECONDS = STALL_SECONDS
    room.MOST_STREAMS_OF_USER = MOST_STREAMS
    return app.create_app(ping_seconds=0.5)
