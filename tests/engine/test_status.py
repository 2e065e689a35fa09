from hypothesis import given
from hypothesis import strategies as st

from engine.company import PHASES, Company, Film, Workshop, a_run
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.service import Start
from trailerflow.engine.status import EDIT_SHARE, ItemCount, Items, progress_of, time_left

BANDS = ("upload", "analysis", "images", "clips", "assembly")
TOTALS = st.none() | st.integers(0, 60)


@st.composite
def bands(draw: st.DrawFn) -> dict[str, list[int | None]]:
    """Draw bands that cover 0-100 without gap."""
    edges = [0, *sorted(draw(st.lists(st.integers(0, 100), min_size=4, max_size=4))), 100]
    return {name: [edges[n], edges[n + 1], draw(TOTALS)] for n, name in enumerate(BANDS)}


DONE = st.dictionaries(st.sampled_from(BANDS), st.integers(0, 70))
HISTORY = st.lists(st.tuples(bands(), DONE), min_size=1, max_size=8)


@given(HISTORY)
def test_progress_never_falls_and_never_says_100_before_the_end(
    history: list[tuple[dict[str, list[int]], dict[str, int]]],
) -> None:
    run, seen = a_run(status="running"), [0]
    for layout, done in history:
        run.bands = layout
        run.progress = progress_of(run, done)
        seen.append(run.progress)
    assert seen == sorted(seen)
    assert seen[-1] <= 99
    run.status = "completed"
    assert progress_of(run, {}) == 100


@given(bands(), DONE)
def test_one_more_done_never_means_less(layout: dict[str, list[int]], done: dict[str, int]) -> None:
    run = a_run(status="running", bands=layout)
    before = progress_of(run, done)
    for band in BANDS:
        assert progress_of(run, {**done, band: done.get(band, 0) + 1}) >= before


def test_progress_is_the_share_done_over_each_band_rounded_down() -> None:
    run = a_run(status="running", bands={"short": [0, 45, 1], "images": [45, 70, 6], "clips": [70, 100, None]})
    assert progress_of(run, {"short": 1}) == 45
    assert progress_of(run, {"short": 1, "images": 3}) == 57


async def test_items_are_counted_by_what_became_of_them(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    film.items = 3
    workshop.failing = {2}
    with workshop.holding(0, 1, 2):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        status = await company.service.get_status(project_id)
        assert (status.items.images.total, status.items.images.done, status.items.clips.total) == (3, 0, None)
        assert (status.phase, status.progress) == (PHASES[1], 40)
    await company.becomes(project_id, "failed")
    images = (await company.service.get_status(project_id)).items.images
    assert (images.failed, images.skipped) == (1, 0)
    workshop.failing = set()
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert (await company.service.get_status(project_id)).items.images.model_dump() == {
        "done": 3,
        "total": 3,
        "failed": 0,
        "skipped": 0,
    }


async def test_the_entity_tag_names_the_run_and_its_last_event(studio: Studio, project_id: int) -> None:
    assert (await studio.service.get_status(project_id)).etag == 'W/"0-0"'
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    assert status.etag == f'W/"{status.run_id}-1"'
    assert status == await studio.service.get_status(project_id)
    assert status.created_at is not None
    assert status.created_at.tzinfo is not None


def test_the_time_left_follows_the_pace_of_the_last_items() -> None:
    items = Items(images=ItemCount(done=8, total=8), clips=ItemCount(done=2, skipped=1, total=8))
    seconds = 2.0 * (5 + 8 * EDIT_SHARE)
    assert time_left(items, [106.0, 104.0, 102.0, 100.0], at=106.0) == seconds
    assert time_left(items, [106.0, 104.0, 102.0, 100.0], at=107.0) == seconds - 1
    assert time_left(items, [106.0, 104.0], at=1000.0) == 1  # it takes longer than any before


def test_nobody_knows_the_time_left_before_two_items_are_made() -> None:
    items = Items(images=ItemCount(done=1, total=8), clips=ItemCount(total=8))
    assert time_left(items, [100.0], at=101.0) is None
    assert time_left(Items(images=ItemCount(), clips=ItemCount()), [101.0, 100.0], at=101.0) is None


def test_a_storyboard_has_no_edit() -> None:
    items = Items(images=ItemCount(done=2, total=8), clips=ItemCount())
    assert time_left(items, [101.0, 100.0], at=101.0) == 6


async def test_a_run_says_how_long_it_takes_once_two_pictures_are_there(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    film.items = 4
    with workshop.holding(2, 3):
        await company.start(project_id)

        async def told() -> int | None:
            return (await company.service.get_status(project_id)).eta_seconds

        await company.until(told, lambda seconds: seconds is not None)
