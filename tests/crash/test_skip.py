"""What a killed worker had perhaps bought is skipped: a stand-in takes its place, nothing is bought again."""

from pathlib import Path

import pytest

from crash.books import ITEMS, check_recorded_once
from crash.stage import DATABASES, ORCHESTRATOR, RENDER, Place, Stage

pytestmark = pytest.mark.alone


@pytest.mark.parametrize("database", DATABASES)
async def test_an_item_in_doubt_that_a_person_skips_is_never_bought_again(
    place: Place, tmp_path: Path, database: str
) -> None:
    place.double.reset()
    async with Stage(place, title="skipped", folder=tmp_path, database=database, stop_at="after submit") as stage:
        await stage.start()
        stage.hire(ORCHESTRATOR, ORCHESTRATOR, RENDER)
        await stage.ended(await stage.stopped())
        await stage.becomes("failed")
        unknown = await stage.unknown()
        for name in unknown:
            await stage.studio.service.skip(stage.project_id, name)
        await stage.studio.service.retry(stage.project_id)
        await stage.becomes("completed")
        books = await stage.books()
    check_recorded_once(books, skipped=frozenset(unknown))
    assert unknown
    assert max(books.jobs.values()) == 1
    assert ITEMS - len(unknown) < books.jobs.total() <= ITEMS
