"""A person's hand on plan, cast and settings: checked, kept, obeyed from the next turn on. Endpoints for the router."""

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from trailerflow.bootstrap import Studio
from trailerflow.engine.tables import Project
from trailerflow.errors import Invalid, NotFound
from trailerflow.film import overrides
from trailerflow.film.casting import Cast
from trailerflow.film.record import Record
from trailerflow.film.settings import Settings
from trailerflow.web import answers, auth, inputs
from trailerflow.web.projects import hand_of, screenplay_of
from trailerflow.web.schemas import LookChange, PlanChange, SettingLookChange
from trailerflow.web.state import AppRequest
from trailerflow.web.views import LookHand


async def change_plan(request: AppRequest) -> Response:
    """Lock, ban, order scenes; allow spoilers; choose takes."""
    studio, project_id = request.state.studio, auth.project_id(request)
    change = await inputs.body_of(request, PlanChange)
    project = await studio.projects.get(project_id)
    scenes = {name: list(value) for name in ("lock", "ban", "order") if (value := getattr(change, name)) is not None}
    _check_scenes(project, scenes)
    switches = {} if change.spoilers is None else {"spoilers": change.spoilers}
    await studio.projects.edit_plan(project_id, {**scenes, **switches}, change.takes or {})
    return answers.of(hand_of(await studio.projects.get(project_id)))


def _check_scenes(project: Project, scenes: Mapping[str, list[int]]) -> None:
    for name, indices in scenes.items():
        for index in indices:
            if index >= project.scenes:
                raise _invalid(
                    name,
                    f"there is no scene {index} in project {project.id}",
                    f"its scenes are 0 to {project.scenes - 1}",
                )
    hand = {**hand_of(project).model_dump(), **scenes}
    both = sorted(set(hand["lock"]) & set(hand["ban"]))
    if both:
        name = "lock" if "lock" in scenes else "ban"
        raise _invalid(name, f"scene {both[0]} is both locked and banned", "take it out of `lock` or out of `ban`")


async def change_cast(request: AppRequest) -> Response:
    """Change a character's look."""
    change = await inputs.body_of(request, LookChange)
    studio, project = await _project(request)
    known = {one.name: one.look for one in (await _cast(studio, project)).characters}
    name = _name(request, known, "character")
    return await _change(studio, project, part="cast", name=name, look=known[name], change=change)


async def change_setting(request: AppRequest) -> Response:
    """Change how a place looks."""
    change = await inputs.body_of(request, SettingLookChange)
    studio, project = await _project(request)
    known = {one.name: one.look for one in (await _settings(studio, project)).settings}
    name = _name(request, known, "setting")
    return await _change(studio, project, part="settings", name=name, look=known[name], change=change)


async def _project(request: AppRequest) -> tuple[Studio, Project]:
    studio = request.state.studio
    return studio, await studio.projects.get(auth.project_id(request))


def _name(request: AppRequest, known: Mapping[str, Record], what: str) -> str:
    """Return the name as the screenplay has it; the path may write it in any case. Raises `NotFound`."""
    asked: str = request.path_params["name"]
    for name in known:
        if name.casefold() == asked.casefold():
            return name
    listed = ", ".join(list(known)[:12])
    raise NotFound(f"{what}_not_found", f"there is no {what} called {asked}", remedy=f"known are {listed}")


async def _change(
    studio: Studio, project: Project, *, part: str, name: str, look: Record, change: BaseModel
) -> Response:
    """Keep the fields that differ; one given as null goes back to what the rules choose."""
    assert project.id is not None
    asked = change.model_dump(include=change.model_fields_set)
    given = {field: value for field, value in asked.items() if value is not None}
    plain = overrides.apply(look, given, name).model_dump(mode="json")
    before: dict[str, Any] = project.edits.get(part, {}).get(name, {})
    kept = {field: value for field, value in before.items() if field not in asked}
    changed = {**kept, **{field: plain[field] for field in given}}
    await studio.projects.edit(project.id, part, {name: changed})
    return answers.of(LookHand(name=name, look=plain, changed=sorted(changed)))


async def _cast(studio: Studio, project: Project) -> Cast:
    """Return the cast as the last run gave it, or as the rules would give it now."""
    assert project.id is not None
    found = await studio.results.find_latest(project.id, "cast")
    if found is not None:
        return Cast.model_validate(found.value)
    read = await screenplay_of(studio, project)
    looks = project.edits.get("cast", {})
    return await asyncio.to_thread(lambda: studio.writer.cast(read, studio.writer.analyse(read), looks))


async def _settings(studio: Studio, project: Project) -> Settings:
    assert project.id is not None
    found = await studio.results.find_latest(project.id, "settings")
    if found is not None:
        return Settings.model_validate(found.value)
    read = await screenplay_of(studio, project)
    looks = project.edits.get("settings", {})
    return await asyncio.to_thread(lambda: studio.writer.scout(studio.writer.analyse(read), looks))


def _invalid(field: str, message: str, remedy: str) -> Invalid:
    return Invalid("invalid", f"{field}: {message}", remedy=remedy, extra={"field": field})
