"""The plan over HTTP: what is in the trailer, and why a scene or a line is not. Endpoints for the router."""

import asyncio
from typing import Any

from starlette.responses import Response

from trailerflow.bootstrap import Studio
from trailerflow.engine.tables import Project
from trailerflow.errors import NotFound
from trailerflow.film import doubts
from trailerflow.film.casting import Cast
from trailerflow.film.plan import FPS, Plan
from trailerflow.film.screenplay import Screenplay
from trailerflow.web import answers, auth, paths
from trailerflow.web.projects import hand_of, screenplay_of
from trailerflow.web.state import AppRequest
from trailerflow.web.views import LineDoubt, PlanView, TakeView, WhyView

MATTERS_LESS = "it matters less to the story than the scenes that were weighed one by one"


async def show(request: AppRequest) -> Response:
    """Show the last plan, with the reason for every scene in it and out of it, and the takes of each shot."""
    studio, project_id = request.state.studio, auth.project_id(request)
    project = await studio.projects.get(project_id)
    plan = await _plan_of(studio, project)
    counts = await studio.projects.count_takes(project_id)
    beside = {
        "project_id": project_id,
        "fps": FPS,
        "shots": _shots(plan),
        "left_out": [doubt.model_dump() for doubt in plan.left_out],
        "obeyed": {"spoilers": False, **plan.obeyed.model_dump()},
        "takes": {shot.id: _take(project, shot.id, counts) for shot in plan.shots},
        "edits": hand_of(project),
    }
    return answers.of(PlanView.model_validate({**plan.model_dump(mode="json"), **beside}))


async def why(request: AppRequest) -> Response:
    """Say why a scene is in the trailer or not, and why lines of it are not heard."""
    studio = request.state.studio
    project = await studio.projects.get(auth.project_id(request))
    scene = _scene(request, project)
    plan = await _plan_of(studio, project)
    read = await screenplay_of(studio, project)
    cast = await studio.results.find_latest(project.id or 0, "cast")
    leads = Cast(characters=()) if cast is None else Cast.model_validate(cast.value)
    return answers.of(await asyncio.to_thread(_why, scene, plan, read, leads))


async def _plan_of(studio: Studio, project: Project) -> Plan:
    found = None if project.plan_result_id is None else await studio.results.find_id(project.plan_result_id)
    if found is None:
        raise NotFound(
            "no_plan", f"project {project.id} has no plan yet", remedy="start a run; the plan comes in its first phase"
        )
    return Plan.model_validate(found.value)


def _scene(request: AppRequest, project: Project) -> int:
    asked: str = request.path_params["scene"]
    if asked.isascii() and asked.isdigit() and len(asked) < 8 and int(asked) < project.scenes:
        return int(asked)
    raise NotFound(
        "scene_not_found",
        f"there is no scene {asked} in project {project.id}",
        remedy=f"its scenes are 0 to {project.scenes - 1}",
    )


def _why(scene: int, plan: Plan, read: Screenplay, cast: Cast) -> WhyView:
    chosen = [choice.reason for choice in plan.choices if choice.scene == scene]
    doubt = next((doubt for doubt in plan.left_out if doubt.scene == scene), None)
    return WhyView(
        scene=scene,
        heading=read.scenes[scene].heading,
        chosen=bool(chosen),
        reason="; ".join(chosen) or (doubt.reason if doubt else MATTERS_LESS),
        instead=doubt.instead if doubt else None,
        lines=[
            LineDoubt(text=unsaid.text, line=read.elements[unsaid.element].line, reason=unsaid.reason)
            for unsaid in doubts.lines(read, cast, plan)
            if unsaid.scene == scene
        ],
    )


def _shots(plan: Plan) -> list[dict[str, Any]]:
    """Return the shots with their place and length in the trailer."""
    cuts = {cut.id: cut for cut in plan.cuts if cut.kind == "shot"}
    return [
        {
            **shot.model_dump(mode="json"),
            "start_frame": cuts[shot.id].start if shot.id in cuts else None,
            "frames": cuts[shot.id].frames if shot.id in cuts else 0,
            "seconds": cuts[shot.id].frames / FPS if shot.id in cuts else 0.0,
        }
        for shot in plan.shots
    ]


def _take(project: Project, shot: str, counts: dict[str, int]) -> TakeView:
    chosen = project.takes.get(shot)
    url = None if chosen is None else paths.picture(project, shot)
    return TakeView(chosen=chosen, count=counts.get(shot, 0), url=url)
