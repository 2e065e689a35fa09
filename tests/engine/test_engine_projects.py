from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from engine.company import READING, Company, make_project, project_of
from trailerflow.bootstrap import Studio
from trailerflow.engine.results import LARGEST_VALUE_BYTES
from trailerflow.engine.service import Start
from trailerflow.engine.transactions import Work
from trailerflow.errors import Conflict, Invalid, NotFound


def files_in(studio: Studio) -> list[Path]:
    return [path for path in studio.storage.folder.rglob("*") if path.is_file()]


async def rows(studio: Studio) -> dict[str, int]:
    """Count the rows of every table that has any."""
    counts = {}
    async with studio.database.read() as session:
        for name, table in SQLModel.metadata.tables.items():
            counts[name] = (await session.execute(select(func.count()).select_from(table))).scalar_one()
    return {name: count for name, count in counts.items() if count}


async def filmed(company: Company, project_id: int) -> int:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    return project_id


async def test_removing_a_project_removes_its_rows_and_files(company: Company, project_id: int) -> None:
    await filmed(company, project_id)
    assert len(files_in(company.studio)) == 5
    await company.studio.projects.delete(project_id)
    assert files_in(company.studio) == []
    assert await rows(company.studio) == {"user": 1, "worker": 1}
    with pytest.raises(NotFound):
        await company.studio.projects.get(project_id)


async def test_a_file_that_another_project_names_stays(company: Company, project_id: int) -> None:
    other = await make_project(company.studio, "Another")
    for each in (project_id, other):
        await filmed(company, each)
    before = files_in(company.studio)
    await company.studio.projects.delete(project_id)
    assert files_in(company.studio) == before
    await company.studio.projects.delete(other)
    assert files_in(company.studio) == []


async def test_a_large_value_goes_with_its_project(studio: Studio) -> None:
    user = await studio.projects.local_user()
    read = {"format": "fountain", "scenes": [], "warnings": [], "text": "x" * LARGEST_VALUE_BYTES}
    project = await studio.projects.create(
        user_id=user.id or 0, title="Long", script=b"INT.", filename="a.fountain", read=read, step=READING, digest="d"
    )
    assert len(files_in(studio)) == 2
    await studio.projects.delete(project.id or 0)
    assert files_in(studio) == []


async def test_a_script_removed_while_it_was_uploaded_again_is_there(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal falls between the upload's storing of the file and the row that names it."""
    first = await make_project(studio)
    carry_out = studio.database.carry_out

    async def removal_in_between(work: Work[Any]) -> Any:
        monkeypatch.undo()
        await studio.projects.delete(first)
        return await carry_out(work)

    monkeypatch.setattr(studio.database, "carry_out", removal_in_between)
    second = await project_of(studio, await make_project(studio))
    assert studio.storage.has(second.script["sha256"])


async def test_a_project_with_an_active_run_cannot_be_removed(studio: Studio, project_id: int) -> None:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    before = await rows(studio)
    with pytest.raises(Conflict) as refused:
        await studio.projects.delete(project_id)
    assert (refused.value.code, refused.value.extra["run_id"]) == ("run_active", status.run_id)
    assert await rows(studio) == before


async def test_an_unknown_project_is_not_found(studio: Studio) -> None:
    for verb in (studio.projects.get, studio.projects.delete, studio.projects.artifacts):
        with pytest.raises(NotFound):
            await verb(404)


async def test_projects_are_listed_in_pages_newest_first(studio: Studio) -> None:
    made = [await make_project(studio, f"Title {number}") for number in range(5)]
    user = (await studio.projects.local_user()).id or 0
    pages, before = [], None
    while page := await studio.projects.list_page(user, before=before, limit=2):
        pages.append([standing.project.id for standing in page])
        before = page[-1].project.id
    assert pages == [made[4:2:-1], made[2:0:-1], made[:1]]
    assert await studio.projects.list_page(user + 1, before=None, limit=2) == []


async def test_the_local_user_is_one(studio: Studio) -> None:
    assert (await studio.projects.local_user()).id == (await studio.projects.local_user()).id


async def test_edits_are_merged_part_by_part(studio: Studio, project_id: int) -> None:
    await studio.projects.edit(project_id, "cast", {"ANNA": {"hair": "red"}})
    await studio.projects.edit(project_id, "cast", {"BEN": {"hair": "grey"}})
    await studio.projects.edit_plan(project_id, {"ban": [3]}, {})
    assert (await project_of(studio, project_id)).edits == {
        "cast": {"ANNA": {"hair": "red"}, "BEN": {"hair": "grey"}},
        "plan": {"ban": [3]},
        "takes": {},
    }


async def test_the_hand_on_the_plan_and_the_takes_change_together_or_not_at_all(
    company: Company, project_id: int
) -> None:
    await filmed(company, project_id)
    projects = company.studio.projects
    with pytest.raises(Invalid, match="no take 2"):
        await projects.edit_plan(project_id, {"ban": [3]}, {"s0": 1, "s1": 2})
    assert (await project_of(company.studio, project_id)).edits == {}
    await projects.edit_plan(project_id, {"ban": [3]}, {"s0": 1})
    assert (await project_of(company.studio, project_id)).edits == {"plan": {"ban": [3]}, "takes": {"s0": 1}}


async def test_an_artifact_is_found_by_its_name(company: Company, project_id: int) -> None:
    await filmed(company, project_id)
    assert (await company.studio.projects.artifact(project_id, "image-s0-t1.png")).media_type == "image/png"
    with pytest.raises(NotFound, match=r"no artifact trailer\.mp4"):
        await company.studio.projects.artifact(project_id, "trailer.mp4")


async def test_positions_tell_where_each_log_ends_and_what_is_in_work(studio: Studio, project_id: int) -> None:
    other = await make_project(studio, "Another")
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    user = (await studio.projects.local_user()).id
    found = await studio.projects.positions([project_id, other, 404])
    assert {key: (each.user_id, each.last_event_id, each.in_work) for key, each in found.items()} == {
        project_id: (user, status.last_event_id, frozenset()),
        other: (user, 0, frozenset()),
    }
    assert await studio.projects.last_event_ids(user or 0) == {project_id: 1, other: 0}
