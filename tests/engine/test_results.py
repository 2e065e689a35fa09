import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col

from engine.company import Company, events_of, expire, make_project, picture, project_of, told
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.products import NewFile, Outcome, flat_name
from trailerflow.engine.results import LARGEST_VALUE_BYTES, digest_of
from trailerflow.engine.service import Start
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tables import Json, Run

LARGE = {"n": 1, "text": "ü" * LARGEST_VALUE_BYTES}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


async def new_claim(studio: Studio, project_id: int) -> Claim:
    """End the run there is and claim a new one."""
    status = await studio.service.get_status(project_id)
    if status.run_id is not None:
        await expire(studio, Run, status.run_id)
        last = await studio.claims.claim(status.run_id, "a worker")
        assert last is not None
        await studio.claims.mark_completed(last)
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    claim = await studio.claims.claim(status.run_id or 0, "a worker")
    assert claim is not None
    return claim


@pytest.fixture
async def claim(studio: Studio, project_id: int) -> Claim:
    return await new_claim(studio, project_id)


def stored(studio: Studio, content: bytes, name: str = "panel.png") -> NewFile:
    file = studio.storage.put_bytes(content)
    return NewFile(name, file.sha256, "image/png", file.bytes)


async def record(studio: Studio, claim: Claim, digest: str, content: bytes = b"a picture", n: int = 0) -> Outcome:
    files = [stored(studio, content)]
    return (await studio.results.record(claim.fence, picture(n), digest, value={"n": n}, files=files)).outcome


@given(st.dictionaries(st.text(), JSON))
def test_a_digest_does_not_depend_on_the_order_of_keys(inputs: Json) -> None:
    assert digest_of(inputs) == digest_of(dict(reversed(inputs.items())))


@given(st.dictionaries(st.text(), st.integers()), st.text(), st.integers())
def test_a_digest_depends_on_every_value(inputs: dict[str, int], key: str, value: int) -> None:
    changed = {**inputs, key: value}
    assert (digest_of(inputs) == digest_of(changed)) is (inputs == changed)


def test_an_items_file_carries_its_take_and_others_keep_their_name() -> None:
    file = NewFile("panel.png", "0" * 64, "image/png", 3)
    single = StepName(name="trailer", kind="trailer", phase="storyboard_to_movie", band="assembly")
    assert flat_name(picture(2), 3, file) == "image-s2-t3.png"
    assert flat_name(single, 3, file) == "panel.png"


async def test_a_result_is_found_by_its_name_and_digest_alone(studio: Studio, project_id: int, claim: Claim) -> None:
    made = await record(studio, claim, "digest")
    assert await studio.results.find(project_id, "image/s0", "digest") == made
    assert await studio.results.find(project_id, "image/s0", "another") is None
    assert await studio.results.find(project_id, "image/s1", "digest") is None
    assert await studio.results.find(await make_project(studio), "image/s0", "digest") is None


async def test_result_step_and_event_come_together(studio: Studio, project_id: int, claim: Claim) -> None:
    await record(studio, claim, "digest")
    assert (await told(studio, project_id))[-2:] == ["step.started image/s0", "step.finished image/s0"]
    assert (await studio.projects.get(project_id)).takes == {"s0": 1}


async def test_another_digest_makes_another_take_and_the_earlier_stays(
    studio: Studio, project_id: int, claim: Claim
) -> None:
    first = await record(studio, claim, "digest", b"first")
    second = await record(studio, await new_claim(studio, project_id), "changed", b"second")
    assert (first.take, second.take) == (1, 2)
    assert await studio.results.find_take(project_id, "image/s0", 1) == first
    assert await studio.projects.count_takes(project_id) == {"s0": 2}
    names = [artifact.name for artifact in await studio.projects.artifacts(project_id)]
    assert names == ["image-s0-t1.png", "image-s0-t2.png"]


async def test_a_reused_result_is_told_once(studio: Studio, project_id: int, claim: Claim) -> None:
    made = await record(studio, claim, "digest")
    second = await new_claim(studio, project_id)
    before = await told(studio, project_id)
    for _ in range(2):
        await studio.results.reuse(second.fence, picture(0), made)
    assert (await told(studio, project_id))[len(before) :] == ["step.reused image/s0"]


async def test_the_latest_is_what_was_used_last_not_what_was_made_last(
    studio: Studio, project_id: int, claim: Claim
) -> None:
    first = await record(studio, claim, "digest", b"first")
    second = await new_claim(studio, project_id)
    await record(studio, second, "changed", b"second")
    third = await new_claim(studio, project_id)
    await studio.results.reuse(third.fence, picture(0), first)
    assert await studio.results.find_latest(project_id, "image/s0") == first
    assert await studio.results.find_latest(project_id, "image/s9") is None


async def test_the_result_of_an_upload_counts_as_the_latest_before_any_run(studio: Studio, project_id: int) -> None:
    found = await studio.results.find_latest(project_id, "screenplay")
    assert found is not None
    assert found.value["format"] == "fountain"


async def test_a_large_value_goes_to_a_file_and_comes_back(studio: Studio, project_id: int, claim: Claim) -> None:
    made = (await studio.results.record(claim.fence, picture(0), "digest", value=LARGE, files=[])).outcome
    assert sum(path.stat().st_size > LARGEST_VALUE_BYTES for path in files_in(studio)) == 1
    found = await studio.results.find(project_id, "image/s0", "digest")
    assert found == made
    assert found is not None
    assert found.value == LARGE


def files_in(studio: Studio) -> list[Path]:
    return [path for path in studio.storage.folder.rglob("*") if path.is_file()]


async def test_a_result_whose_file_is_lost_is_not_found(studio: Studio, project_id: int, claim: Claim) -> None:
    made = await record(studio, claim, "digest")
    for path in files_in(studio):
        path.unlink()
    assert await studio.results.find(project_id, "image/s0", "digest") is None
    assert await studio.results.find_id(made.result_id) is None


async def test_a_result_made_again_keeps_its_id_and_take(studio: Studio, project_id: int, claim: Claim) -> None:
    first = await record(studio, claim, "digest")
    for path in files_in(studio):
        path.unlink()
    again = await record(studio, await new_claim(studio, project_id), "digest", b"drawn anew")
    assert again == first
    assert await studio.results.find(project_id, "image/s0", "digest") == first
    (artifact,) = await studio.projects.artifacts(project_id)
    assert studio.storage.path(artifact.sha256).read_bytes() == b"drawn anew"


async def test_the_artifact_of_a_name_is_its_latest_file(studio: Studio, project_id: int, claim: Claim) -> None:
    single = StepName(name="trailer", kind="trailer", phase="storyboard_to_movie", band="assembly")
    for digest, content in (("one", b"first"), ("two", b"second cut")):
        files = [stored(studio, content, "trailer.mp4"), stored(studio, b"captions", "captions.vtt")]
        await studio.results.record(claim.fence, single, digest, value={}, files=files)
    trailer = await studio.projects.artifact(project_id, "trailer.mp4")
    assert studio.storage.path(trailer.sha256).read_bytes() == b"second cut"
    assert trailer.bytes == len(b"second cut")


async def test_a_file_lost_between_two_runs_is_made_again_under_its_take(company: Company, project_id: int) -> None:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    lost = await company.studio.projects.artifact(project_id, "image-s2-t1.png")
    company.studio.storage.path(lost.sha256).unlink()
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert company.studio.storage.has(lost.sha256)
    assert await company.studio.projects.count_takes(project_id) == dict.fromkeys(("s0", "s1", "s2", "s3"), 1)
    lines = await told(company.studio, project_id)
    second = lines[lines.index("run.completed") + 1 :]
    assert sorted(line for line in second if line.startswith("step.reused image")) == [
        "step.reused image/s0",
        "step.reused image/s1",
        "step.reused image/s3",
    ]
    assert "step.finished image/s2" in second


async def test_results_recorded_at_the_same_moment_are_one_writing_with_every_event_and_rising_progress(
    studio: Studio, claim: Claim
) -> None:
    async with studio.database.write() as session:
        bands = {"images": [0, 100, 5]}
        await session.execute(update(Run).where(col(Run.id) == claim.fence.run_id).values(bands=bands))
    recorded = await asyncio.gather(*(record(studio, claim, f"digest {n}", b"%d" % n, n) for n in range(4)))
    assert [outcome.value for outcome in recorded] == [{"n": n} for n in range(4)]
    events = await events_of(studio, claim.project_id)
    steps = [(event.type, event.data["step"], event.data["progress"]) for event in events if "step" in event.data]
    assert steps[-8:] == [
        *(("step.started", f"image/s{n}", 0) for n in range(4)),
        *(("step.finished", f"image/s{n}", 20 * (n + 1)) for n in range(4)),
    ]
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert (await project_of(studio, claim.project_id)).takes == {f"s{n}": 1 for n in range(4)}
    assert (await studio.service.get_status(claim.project_id)).progress == 80
