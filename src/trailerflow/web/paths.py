"""Where files of a project are offered. Called by the endpoints."""

from urllib.parse import quote

from trailerflow.engine.tables import Project


def artifact(project_id: int | None, name: str) -> str:
    """Return where a file is offered."""
    return f"/api/projects/{project_id}/artifacts/{quote(name, safe='')}"


def picture(project: Project, shot: str) -> str:
    """Return where the chosen picture of a shot is offered; it must have one."""
    return artifact(project.id, f"image-{shot}-t{project.takes[shot]}.png")
