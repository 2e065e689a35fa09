"""A whole run through a private service: seconds of work for each second of trailer, and the memory it took.

    .venv/bin/python -m benchmarks.whole_run [--script FILE] [--seconds 60] [--render-workers N]

The floor is the same trailer's frames, decoded beforehand, only encoded, with the encoder the clips are made with.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from benchmarks.harness import PeakMemory, Row, Stopwatch, bundled_script, cores, report
from numpy.typing import NDArray

from trailerflow.film.encoding import VideoWriter
from trailerflow.film.plan import Frame
from trailerflow.terminal.client import Client
from trailerflow.terminal.private_service import PrivateService

BAR_SECONDS = 2.0
BAR_MEGABYTES = 400.0
CHUNK_FRAMES = 48
ENDS = {"run.completed", "run.failed", "run.cancelled"}


async def run(url: str, script: Path, seconds: int, trailer: Path) -> float:
    """Make the trailer over HTTP like any client; return the seconds from the start to the end of the run."""
    watch = Stopwatch()
    async with Client(url) as client:
        with watch.running():
            project = await client.upload(script)
            started = await client.start(project["id"], seconds=seconds)
            await over(client, started)
        artifacts = await client.artifacts(project["id"])
        await client.download(next(a for a in artifacts if a["name"] == "trailer.mp4"), trailer)
    return watch.seconds


async def over(client: Client, started: dict[str, object]) -> None:
    """Wait until the run is over. Raises `SystemExit` when it has not completed."""
    project_id, after = int(str(started["project_id"])), int(str(started["last_event_id"]))
    async with contextlib.aclosing(client.events(project_id, after=after)) as messages:
        async for message in messages:
            if message.data.get("type") in ENDS:
                if message.data["type"] != "run.completed":
                    raise SystemExit(f"the run did not complete: {message.data}")
                return


def chunks(trailer: Path) -> Iterator[list[NDArray[np.uint8]]]:
    """Yield the trailer's frames as BGR pictures, so many at a time that they fit in memory."""
    chunk: list[NDArray[np.uint8]] = []
    with av.open(str(trailer)) as container:
        for frame in container.decode(video=0):
            chunk.append(frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False))
            if len(chunk) == CHUNK_FRAMES:
                yield chunk
                chunk = []
    yield chunk


def encode_only(trailer: Path, target: Path) -> tuple[float, float]:
    """Encode the trailer's frames anew; return the seconds that took and the trailer's length."""
    with av.open(str(trailer)) as container:
        stream = container.streams.video[0]
        frame = Frame(width=stream.width, height=stream.height)
        length = float((container.duration or 0) / av.time_base)
    watch = Stopwatch()
    with VideoWriter(target, frame) as writer:
        for chunk in chunks(trailer):
            with watch.running():
                for picture in chunk:
                    writer.write(picture)
    return watch.seconds, length


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", type=Path, default=bundled_script())
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--render-workers", type=int)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        trailer = Path(folder) / "trailer.mp4"
        with PrivateService(render_workers=told.render_workers) as service:
            memory = PeakMemory(service)
            with memory.watching():
                took = asyncio.run(run(service.url, told.script, told.seconds, trailer))
        floor, length = encode_only(trailer, Path(folder) / "floor.mp4")
    rows = [Row("seconds for each second of trailer", took / length, "s", floor / length, BAR_SECONDS)]
    rows += [Row(f"memory of {role}", peak, "MB", bar=BAR_MEGABYTES) for role, peak in sorted(memory.megabytes.items())]
    return report(f"{told.script.name}, {length:.1f} s of trailer, {cores()} cores", rows)


if __name__ == "__main__":
    sys.exit(main())
