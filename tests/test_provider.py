"""Films whose pictures and clips are bought: the whole service beside a provider that counts."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import provider_double
from provider_double import Double
from trailerflow.terminal.client import Client
from trailerflow.terminal.private_service import PrivateService

ServiceMaker = Callable[..., PrivateService]
PRICE = 0.25
LEAST_FRAMES = 64  # two seconds beside the longest fade


def setup_of(double: Double, **others: str) -> dict[str, str]:
    return {
        "PROVIDER_URL": double.url,
        "PROVIDER_KEY": double.key,
        "PROVIDER_POLL_SECONDS": "0.1",
        "PROVIDER_PER_MINUTE": "100000",
        "PROVIDER_PRICE": str(PRICE),
        **others,
    }


async def ended(client: Client, project: int) -> dict[str, Any]:
    """Return the status of a run that has ended."""
    async with asyncio.timeout(120):
        while (status := await client.status(project))["status"] in ("queued", "running"):  # noqa: ASYNC110 - elsewhere
            await asyncio.sleep(0.1)
    return status


async def test_adding_a_key_never_buys_a_film_again_that_was_drawn_here(
    make_service: ServiceMaker, tmp_path: Path, example_script: Path
) -> None:
    with provider_double.running() as double:
        double.tell(price=PRICE)
        drawn = make_service(data=tmp_path / "data")
        async with Client(drawn.url) as client:
            project = (await client.upload(example_script))["id"]
            await client.start(project, seconds=15)
            assert (await ended(client, project))["status"] == "completed"
        drawn.end()
        with_key = make_service(data=tmp_path / "data", **setup_of(double))
        async with Client(with_key.url) as client:
            await client.start(project, seconds=15)
            again = await ended(client, project)
            assert (again["status"], again["cost"]["actual"]) == ("completed", 0.0)
            assert double.report()["jobs"] == []

            other = (await client.upload(example_script))["id"]
            await client.start(other, seconds=15)
            await check_bought(client, double, other)
            assert double.key not in with_key.log.read_text()
            await check_stand_ins(client, double, other)


async def check_bought(client: Client, double: Double, project: int) -> None:
    """A new project's items are bought, each once, and its second run buys none."""
    bought = await ended(client, project)
    items = bought["items"]["images"]["total"] + bought["items"]["clips"]["total"]
    assert bought["status"] == "completed", bought["error_message"]
    assert bought["cost"] == {"currency": "USD", "estimate": items * PRICE, "actual": items * PRICE}
    await client.start(project, seconds=15)
    assert (await ended(client, project))["cost"]["actual"] == 0.0
    report = double.report()
    assert len(report["jobs"]) == len(report["submissions"]) == items


async def check_stand_ins(client: Client, double: Double, project: int) -> None:
    """A frozen clip fails its own step and names its shot; a stand-in serves one run, a retry buys the clip again."""
    double.tell(spoil=[{"look": "frozen", "least_frames": LEAST_FRAMES}])
    before = len(double.report()["jobs"])
    await client.start(project, seconds=15, seed=9)
    failed = await ended(client, project)
    assert (failed["status"], failed["failed_at"].rpartition("/")[0]) == ("failed", "storyboard_to_movie/clip")
    assert f"for shot {failed['failed_at'].rpartition('/')[2]} " in failed["error_message"]
    assert "it is frozen for" in failed["error_message"]
    await client.act(project, "skip")
    await client.act(project, "retry")
    skipped = await check_stood_in(client, project, 1)
    bought = len(double.report()["jobs"])
    assert bought == before + skipped["images"]["total"] + skipped["clips"]["total"]

    await client.start(project, seconds=15, seed=9, on_error="skip_and_continue")
    await check_stood_in(client, project, 1)
    await client.start(project, seconds=15, seed=9)
    assert (await ended(client, project))["status"] == "failed"  # what came is looked at again before it is bought
    assert len(double.report()["jobs"]) == bought
    await client.act(project, "retry")
    await check_stood_in(client, project, 0)
    assert len(double.report()["jobs"]) == bought + 1


async def check_stood_in(client: Client, project: int, skipped: int) -> dict[str, Any]:
    """The run is completed with so many stand-ins among its clips."""
    status = await ended(client, project)
    items: dict[str, Any] = status["items"]
    assert (status["status"], items["clips"]["skipped"]) == ("completed", skipped), status["error_message"]
    assert items["clips"]["done"] == items["clips"]["total"] - skipped
    return items
