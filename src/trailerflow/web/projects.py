"""Projects over HTTP: made of an upload, listed as they stand, shown with screenplay, removed. For the router."""

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from starlette.responses import Response

from trailerflow.bootstrap import Studio
from trailerflow.engine.projects import Standing
from trailerflow.engine.results import digest_of
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tables import Project
from trailerflow.errors import TrailerflowError
from trailerflow.film import account, decoding, importer, lines
from trailerflow.film.casting import Cast
from trailerflow.film.plan import Edits
from trailerflow.film.screenplay import Element, Screenplay, reading_inputs
from trailerflow.film.settings import Settings
from trailerflow.web import answers, auth, inputs, paths
from trailerflow.web.schemas import PageQuery
from trailerflow.web.state import AppRequest
from trailerflow.web.views import (
    NoticeView,
    PlanHand,
    ProjectPage,
    ProjectView,
    ReadAs,
    SceneView,
    ScreenplayView,
    TurningPointView,
)

READING = StepName(name="screenplay", kind="screenplay", phase="script_to_trailer", band="upload")


async def create(request: AppRequest) -> Response:
    """Make a project of an uploaded screenplay."""
    upload = await inputs.script_of(request)
    studio, user = request.state.studio, auth.caller(request)
    assert user.id is not None
    read = await asyncio.to_thread(studio.writer.read, upload.script, upload.filename)
    title = upload.title or inputs.clean(importer.title_of(read, upload.filename), inputs.TITLE_CHARACTERS)
    digest = await asyncio.to_thread(_digest, studio, upload)
    project = await studio.projects.create(
        user_id=user.id,
        title=title,
        script=upload.script,
        filename=upload.filename,
        read=await asyncio.to_thread(read.model_dump, mode="json"),
        step=READING,
        digest=digest,
    )
    return answers.of(view(Standing(project)), 201, {"Location": f"/api/projects/{project.id}"})


def _digest(studio: Studio, upload: inputs.Upload) -> str:
    """Return the digest under which the first run's first step looks for what was read now."""
    what = reading_inputs(sha256(upload.script).hexdigest(), upload.filename)
    return digest_of({"version": studio.writer.version, "inputs": what})


async def page(request: AppRequest) -> Response:
    """List the caller's projects, newest first."""
    query, user = inputs.query_of(request, PageQuery), auth.caller(request)
    assert user.id is not None
    found = await request.state.studio.projects.list_page(user.id, before=query.before, limit=query.limit + 1)
    shown = found[: query.limit]
    following = shown[-1].project.id if len(found) > query.limit else None
    return answers.of(ProjectPage(projects=[view(standing) for standing in shown], next=following))


async def show(request: AppRequest) -> Response:
    """Show one project."""
    return answers.of(view(await request.state.studio.projects.standing(auth.project_id(request))))


async def remove(request: AppRequest) -> Response:
    """Remove a project with its files."""
    await request.state.studio.projects.delete(auth.project_id(request))
    return Response(status_code=204)


def view(standing: Standing) -> ProjectView:
    """Return a project as the API shows it."""
    project = standing.project
    assert project.id is not None
    return ProjectView(
        id=project.id,
        title=project.title,
        format=project.format,
        scenes=project.scenes,
        warnings=[NoticeView.model_validate(notice) for notice in project.warnings],
        filename=project.script["name"],
        bytes=project.script["bytes"],
        run_id=project.run_id,
        status=standing.status,
        progress=standing.progress,
        poster=_poster(project),
        edits=hand_of(project),
        last_event_id=project.last_event_id,
        created_at=datetime.fromtimestamp(project.created_at, UTC),
    )


def _poster(project: Project) -> str | None:
    """Return where the picture is that stands for the film: the plan's best that is drawn, else any there is."""
    drawn = [shot for shot in project.shots if shot["shot"] in project.takes]
    best = max(drawn, key=lambda shot: float(shot.get("appeal", 0)), default=None)
    shot = best["shot"] if best else next(iter(project.takes), None)
    return None if shot is None else paths.picture(project, shot)


class Understood(NamedTuple):
    """What the last run understood of a screenplay; nothing before the first."""

    cast: Cast | None
    settings: Settings | None
    turning_points: list[TurningPointView]


async def screenplay(request: AppRequest) -> Response:
    """Show what was read as what, and what was understood of it. Raises `TrailerflowError` when its file is gone."""
    studio, project_id = request.state.studio, auth.project_id(request)
    project = await studio.projects.get(project_id)
    read = await screenplay_of(studio, project)
    understood = await _understood(studio, project_id)
    source = studio.storage.path(project.script["sha256"]).read_bytes
    try:
        return await asyncio.to_thread(_report, project, read, source, understood)
    except FileNotFoundError as gone:
        raise _files_lost(project) from gone


async def _understood(studio: Studio, project_id: int) -> Understood:
    cast = await studio.results.find_latest(project_id, "cast")
    settings = await studio.results.find_latest(project_id, "settings")
    analysis = await studio.results.find_latest(project_id, "analysis")
    return Understood(
        None if cast is None else Cast.model_validate(cast.value),
        None if settings is None else Settings.model_validate(settings.value),
        # Not the whole analysis: it is long, and nothing else of it is shown. One of long ago has no turning points.
        [] if analysis is None else [TurningPointView(**one) for one in analysis.value.get("turning_points", ())],
    )


async def screenplay_of(studio: Studio, project: Project) -> Screenplay:
    """Return a project's screenplay as the upload read it. Raises `TrailerflowError` when its files are gone."""
    assert project.id is not None
    read = await studio.results.find_latest(project.id, "screenplay")
    if read is None:
        raise _files_lost(project)
    return await asyncio.to_thread(Screenplay.model_validate, read.value)


def _files_lost(project: Project) -> TrailerflowError:
    message = f"the files of project {project.id} are gone"
    return TrailerflowError("files_lost", message, remedy="restore the data folder, or upload again")


def _report(project: Project, read: Screenplay, source: Callable[[], bytes], understood: Understood) -> Response:
    cast, settings, turning_points = understood
    speakers = [character.model_dump() for character in read.characters]
    assert project.id is not None
    return answers.of(
        ScreenplayView(
            project_id=project.id,
            format=read.format,
            encoding=read.encoding,
            lines=read.lines,
            title_page=read.title_page,
            scenes=[SceneView(**scene.model_dump(include=set(SceneView.model_fields))) for scene in read.scenes],
            characters=account.characters(cast) if cast else speakers,
            settings=[one.model_dump(mode="json") for one in settings.settings] if settings else [],
            turning_points=turning_points,
            warnings=[NoticeView(**notice.model_dump()) for notice in read.warnings],
            read_as=ranges(read, decoding.decode(source()).text if read.text is None else read.text),
        )
    )


def ranges(read: Screenplay, text: str) -> list[ReadAs]:
    """Return for every source line what it was read as; neighbours of one kind share a range."""
    starts = [0, *(end.end() for end in lines.END.finditer(text))]
    kinds: list[str] = []
    for number, start in enumerate(starts):
        line = text[start : starts[number + 1] if number + 1 < len(starts) else len(text)]
        kinds.append("left_out" if line.strip() else "blank")
    for element in _outermost_last(read.elements):
        first, last = bisect_right(starts, element.start), bisect_right(starts, max(element.start, element.end - 1))
        kinds[first - 1 : last] = [element.type] * (last - first + 1)
    if read.title_page:
        first_element = min((element.line for element in read.elements), default=len(kinds) + 1)
        for position in range(min(first_element - 1, len(kinds))):
            kinds[position] = "title_page" if kinds[position] == "left_out" else kinds[position]
    if kinds and not text[starts[-1] :]:
        kinds.pop()
    return _joined(kinds)


def _outermost_last(elements: tuple[Element, ...]) -> list[Element]:
    """Return the elements so that a note inside a paragraph does not hide the paragraph."""
    return sorted(elements, key=lambda element: element.type != "note")


def _joined(kinds: list[str]) -> list[ReadAs]:
    joined: list[ReadAs] = []
    for number, kind in enumerate(kinds, start=1):
        if joined and joined[-1].type == kind:
            joined[-1].last_line = number
        else:
            joined.append(ReadAs(first_line=number, last_line=number, type=kind))
    return joined


def hand_of(project: Project) -> PlanHand:
    """Return a person's hand on a project's plan."""
    edits = Edits.model_validate(project.edits.get("plan", {}))
    takes = project.edits.get("takes", {})
    return PlanHand(
        lock=list(edits.lock), ban=list(edits.ban), order=list(edits.order), spoilers=edits.spoilers, takes=takes
    )
