"""The files of a provider over HTTP: out with an order, back whole or not at all; and cancelling what is not wanted."""

import asyncio
import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import httpx
import numpy as np
import pytest

from provider_double import Double
from trailerflow.errors import PermanentError, TemporaryError, TooLarge
from trailerflow.providers.http import HttpProvider
from trailerflow.providers.wire import Input

Make = Callable[..., HttpProvider]


async def submit(provider: HttpProvider, *, kind: str = "panel", **more: Any) -> str:
    given_order = {"model": "m-1", "order": {"n": 3}, "inputs": (), **more}
    return await provider.submit(key="k1", kind=kind, **given_order)


async def fetch(provider: HttpProvider, remote_id: str, path: Path) -> bytes:
    report = await provider.poll(remote_id)
    await provider.fetch(report.outputs[0].url, path)
    return await asyncio.to_thread(path.read_bytes)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_an_order_arrives_with_its_key_its_model_and_its_files(
    provider: HttpProvider, double: Double, tmp_path: Path
) -> None:
    path = tmp_path / "panel.png"
    path.write_bytes(b"a picture")
    enclosed = Input(sha256=hashlib.sha256(b"a picture").hexdigest(), media_type="image/png", path=path)

    remote_id = await submit(provider, kind="clip", order={"shot": {"id": "s012-2"}}, inputs=[enclosed])

    (job,) = double.report()["jobs"]
    expected = {"id": remote_id, "key": "k1", "kind": "clip", "model": "m-1", "shot": "s012-2", "inputs": 1}
    assert expected.items() <= job.items()


async def test_an_input_that_is_gone_is_noticed_before_anything_is_sent(
    provider: HttpProvider, double: Double, tmp_path: Path
) -> None:
    with pytest.raises(PermanentError) as raised:
        await submit(provider, inputs=[Input(sha256="00", media_type="image/png", path=tmp_path / "none.png")])

    assert (raised.value.code, double.report()["calls"]) == ("input_gone", {})


async def test_a_job_goes_from_queued_to_its_files(provider: HttpProvider, double: Double, tmp_path: Path) -> None:
    double.tell(hold=True, price=0.5)
    remote_id = await submit(provider)
    waiting = await provider.poll(remote_id)
    double.tell(hold=False)
    finished = await provider.poll(remote_id)

    assert (waiting.status, waiting.cost, waiting.outputs, waiting.error) == ("running", 0.5, (), None)
    assert (finished.status, finished.done) == ("succeeded", 1.0)
    assert [(file.name, file.media_type) for file in finished.outputs] == [("panel.png", "image/png")]
    picture = cv2.imdecode(np.frombuffer(await fetch(provider, remote_id, tmp_path / "it"), np.uint8), 1)
    assert picture is not None
    assert picture.shape == (36, 64, 3)


async def test_a_clip_has_the_frames_that_were_ordered(provider: HttpProvider, tmp_path: Path) -> None:
    order = {"frames": 7, "frame": {"width": 96, "height": 54}}
    content = await fetch(provider, await submit(provider, kind="clip", order=order), tmp_path / "clip.mp4")

    with av.open(io.BytesIO(content), "r") as film:
        assert [(frame.width, frame.height) for frame in film.decode(video=0)] == [(96, 54)] * 7


@pytest.mark.parametrize("absolute_urls", [True, False])
async def test_a_file_cut_short_is_fetched_again_and_whole(
    provider: HttpProvider, double: Double, tmp_path: Path, absolute_urls: bool
) -> None:
    double.tell(lose_answers={"on": "fetch", "times": 1}, absolute_urls=absolute_urls)
    content = await fetch(provider, await submit(provider, kind="note"), tmp_path / "note.txt")

    assert content == b'note: {"n": 3}\n'
    assert names(tmp_path) == ["note.txt"]


@pytest.mark.parametrize("trouble", [{"on": "fetch", "times": 99}, {"on": "fetch", "times": 99, "silent": True}])
async def test_a_file_that_never_comes_whole_leaves_nothing(
    make: Make, double: Double, tmp_path: Path, trouble: dict[str, Any]
) -> None:
    provider = make(patience_seconds=0.4)
    double.tell(lose_answers=trouble)
    with pytest.raises(TemporaryError):
        await fetch(provider, await submit(provider, kind="note"), tmp_path / "note.txt")

    assert names(tmp_path) == []


@pytest.mark.parametrize("length_unknown", [True, False])
async def test_a_file_above_the_bound_is_refused_and_leaves_nothing(
    make: Make, double: Double, tmp_path: Path, length_unknown: bool
) -> None:
    provider = make(file_bytes=150)
    double.tell(length_unknown=length_unknown)
    with pytest.raises(TooLarge):
        await fetch(provider, await submit(provider, order={"n": "x" * 200}, kind="note"), tmp_path / "note.txt")

    assert names(tmp_path) == []


@pytest.mark.parametrize("url", ["files/job-9/panel.png", "file:///etc/passwd", "http://[", "/files/../.."])
async def test_a_file_that_is_nowhere_is_gone_for_good(provider: HttpProvider, tmp_path: Path, url: str) -> None:
    with pytest.raises(PermanentError):
        await provider.fetch(url, tmp_path / "it")


async def test_the_key_is_not_sent_where_a_file_lies_elsewhere(
    provider: HttpProvider, double: Double, tmp_path: Path
) -> None:
    remote_id = await submit(provider)
    url = httpx.URL(double.url).copy_with(host="localhost")
    with pytest.raises(PermanentError, match="401"):
        await provider.fetch(f"{url}/files/{remote_id}/panel.png", tmp_path / "it")


# Cancelling


async def test_a_cancelled_job_is_cancelled_and_asking_again_is_no_error(
    provider: HttpProvider, double: Double
) -> None:
    double.tell(hold=True)
    remote_id = await submit(provider)
    await provider.cancel(remote_id)
    await provider.cancel(remote_id)

    assert (await provider.poll(remote_id)).status == "cancelled"
    assert double.report()["cancels"] == [remote_id, remote_id]


@pytest.mark.parametrize("status", [404, 405, 409, 501])
async def test_a_provider_may_refuse_to_cancel(provider: HttpProvider, double: Double, status: int) -> None:
    double.tell(hold=True, throttle={"on": "cancel", "status": status})
    remote_id = await submit(provider)
    await provider.cancel(remote_id)

    assert (await provider.poll(remote_id)).status == "running"


async def test_cancelling_with_a_wrong_key_is_an_error(make: Make) -> None:
    with pytest.raises(PermanentError):
        await make(key="other").cancel("job-1")
