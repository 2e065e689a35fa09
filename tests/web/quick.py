"""The application with pings twice a second, for the tests."""

from starlette.applications import Starlette

from trailerflow.web import app


def create_app() -> Starlette:
    """Make it."""
    return app.create_app(ping_seconds=0.5)
