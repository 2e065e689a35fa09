"""Making the trailer: phases 2 and 3 against real time, and what moving the pictures costs beside encoding them.

    .venv/bin/python -m benchmarks.making [--quick] [--script FILE] [--moviepy PYTHON] [--only PART,PART]

Parts: `phases`, from the first picture ordered to the run's end, through a private service with two render workers;
`frames`, the processor's time of clips beside that of only encoding the same pictures with the same settings;
`moviepy`, the same shots by MoviePy, without the weather, grain and camera roll it would pay dearly for, where PYTHON
has it; `workers`, the same clips by one render process and by two; `memory`, the most that a render worker took for a
trailer at 1080p.
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
from benchmarks import making_moviepy
from benchmarks.harness import PeakMemory, Row, bundled_script, machine, report
from benchmarks.making_shots import Shelf, animate, animate_all, clip_orders
from benchmarks.whole_run import ENDS

from trailerflow.film import drawing, motion
from trailerflow.film.crew import ClipOrder
from trailerflow.film.encoding import Colours, Picture, VideoWriter
from trailerflow.film.motion import MARGIN, Pose
from trailerflow.film.plan import frame_of
from trailerflow.settings import PREFIX
from trailerflow.terminal.client import Client
from trailerflow.terminal.private_service import PrivateService

PARTS = ("phases", "frames", "moviepy", "workers", "memory")
SECONDS, QUICK_SECONDS = 60, 15
CLIPS, QUICK_CLIPS = 8, 3
ROUNDS, QUICK_ROUNDS = 3, 1
HEIGHT, LARGE_HEIGHT = 720, 1080
BAR_REAL_TIME, BAR_FLOOR, BAR_MEGABYTES = 1.0, 2.0, 500.0
LEAST_MOVIEPY, LEAST_WORKERS = 5.0, 1.8


def processor(work: Callable[[], object]) -> float:
    """Return the processor's seconds of something done by one thread: others on the machine do not count."""
    began = time.process_time()
    work()
    return time.process_time() - began


# Whole phases, through a service


@contextlib.contextmanager
def service(height: int) -> Iterator[PrivateService]:
    """Run a service with two render workers that makes pictures of this height."""
    with PrivateService(environment={f"{PREFIX}FRAME_HEIGHT": str(height)}, render_workers=2) as running:
        yield running


async def phases(url: str, script: Path, seconds: int) -> float:
    """Make a trailer; return the seconds from the begin of the second phase to the end of the run."""
    began: datetime | None = None
    async with Client(url) as client:
        project = await client.upload(script)
        started = await client.start(project["id"], seconds=seconds)
        async with contextlib.aclosing(client.events(project["id"], after=int(started["last_event_id"]))) as messages:
            async for message in messages:
                told = message.data
                if told.get("phase") == "trailer_to_storyboard" and told["type"] == "phase.started":
                    began = datetime.fromisoformat(told["at"])
                if told.get("type") in ENDS:
                    break
    if began is None or told["type"] != "run.completed":
        raise SystemExit(f"the run did not complete: {told}")
    return (datetime.fromisoformat(told["at"]) - began).total_seconds()


def phase_rows(script: Path, seconds: int) -> list[Row]:
    """Measure the phases against real time."""
    with service(HEIGHT) as running:
        took = asyncio.run(phases(running.url, script, seconds))
    return [Row(f"phases 2 and 3 of {seconds} s at {HEIGHT} lines, of real time", took, "s", seconds, seconds)]


def memory_rows(script: Path, seconds: int) -> list[Row]:
    """Measure a render worker's memory."""
    with service(LARGE_HEIGHT) as running:
        memory = PeakMemory(running)
        with memory.watching():
            took = asyncio.run(phases(running.url, script, seconds))
    peak = memory.megabytes["render"]
    return [
        Row(f"memory of a render worker at {LARGE_HEIGHT} lines", peak, "MB", bar=BAR_MEGABYTES),
        Row(f"phases 2 and 3 of {seconds} s at {LARGE_HEIGHT} lines, of real time", took, "s", seconds),
    ]


# Frames, in this process


def planes_of(order: ClipOrder, folder: Path, scratch: Path) -> list[Picture]:
    """Return every picture of a clip as it goes to the encoder."""
    planes: list[Picture] = []

    def keep(_: VideoWriter, picture: Picture) -> None:
        planes.append(picture.copy())

    with mock.patch.object(VideoWriter, "write_planes", keep), contextlib.suppress(Exception):
        animate(order, folder, scratch)  # nothing was encoded, so there is no clip to hand in
    return planes


def encode(planes: Sequence[Picture], order: ClipOrder, target: Path) -> None:
    """Only encode."""
    with VideoWriter(target, order.frame, order.keyframes) as video:
        for picture in planes:
            video.write_planes(picture)


def animated(order: ClipOrder, folder: Path, scratch: Path) -> tuple[float, float]:
    """Make a clip; return the processor's seconds before the first picture and from there on."""
    write, moments = VideoWriter.write_planes, [time.process_time()]

    def noted(video: VideoWriter, picture: Picture) -> None:
        if len(moments) == 1:
            moments.append(time.process_time())
        write(video, picture)

    with mock.patch.object(VideoWriter, "write_planes", noted):
        animate(order, folder, scratch)
    return moments[1] - moments[0], time.process_time() - moments[1]


def frame_rows(asked: Sequence[ClipOrder], folder: Path, rounds: int) -> list[Row]:
    """Measure clips beside the encoding of the same pictures, the best of some rounds each."""
    sums, frames = [0.0] * 4, 0
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for order in asked:
            planes = planes_of(order, folder, scratch)
            colours = Colours(order.frame.width, order.frame.height)
            pictures = [cv2.cvtColor(plane, cv2.COLOR_YUV2BGR_I420).astype(np.uint8) for plane in planes]
            spans = [
                (
                    *animated(order, folder, scratch),
                    processor(lambda: [colours.i420_of(picture) for picture in pictures]),  # noqa: B023 - called at once
                    processor(lambda: encode(planes, order, scratch / "floor.mp4")),  # noqa: B023
                )
                for _ in range(rounds)
            ]
            sums = [total + min(span) for total, span in zip(sums, zip(*spans, strict=True), strict=True)]
            frames += len(pictures)
    begun, moved, converted, encoded = sums
    floor = 1000 * encoded / frames
    return [
        Row(f"a frame composed and encoded, of {frames}", 1000 * moved / frames, "ms", floor),
        Row("that, of the encoding", moved / encoded, "times", bar=BAR_FLOOR),
        Row("of it the colours for the encoder", 1000 * converted / frames, "ms"),
        Row(f"before it, a clip's layers drawn, of {len(asked)}", 1000 * begun / len(asked), "ms"),
        Row("with that, a frame", 1000 * (begun + moved) / frames, "ms", floor),
    ]


# The peer


def moviepy_rows(asked: Sequence[ClipOrder], folder: Path, python: str) -> list[Row]:
    """Measure the same shots made with MoviePy; nothing where there is none."""
    with tempfile.TemporaryDirectory() as name:
        shots = [laid_out(order, folder, Path(name)) for order in asked]
        (Path(name) / "shots.json").write_text(json.dumps(shots))
        command = [python, making_moviepy.__file__, name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        if said == "absent":
            print(f"moviepy: skipped, {python} does not have it; name one that has with --moviepy")
            return []
        began = time.perf_counter()
        used = animate_all(asked, folder)
        ours = time.perf_counter() - began
    took, busy = map(float, said.split())
    return [
        Row("the same clips by MoviePy", took, "s", ours),
        Row("MoviePy's seconds for each of ours", took / ours, "times", least=LEAST_MOVIEPY),
        Row("its processor's seconds, beside ours", busy, "s", used),
    ]


def laid_out(order: ClipOrder, folder: Path, target: Path) -> dict[str, object]:
    """Write a shot's layers as PNGs; return where they lie in each frame."""
    if order.panel.drawing is None:
        raise SystemExit(f"the panel of {order.shot.id} has no layers")
    size = (order.frame.width, order.frame.height)
    drawn = drawing.read((folder / order.panel.drawing.name).read_text(encoding="utf-8"))
    path = motion.path_of(order.shot, order.frames)
    layers = []
    for place, layer in enumerate(drawn.layers):
        raster = drawn.raster(layer, size, 0.0 if layer.motion == "lens" else MARGIN)
        alpha = cv2.extractChannel(raster.pixels, 3)
        if not alpha.any():
            continue
        x, y, width, height = cv2.boundingRect(alpha)
        name = f"{order.shot.id}-{place}.png"
        cv2.imwrite(str(target / name), raster.pixels[y : y + height, x : x + width])
        corner = (x + raster.left, y + raster.top)
        places = [placed(path.at(number), layer.depth, corner, size) for number in range(order.frames)]
        layers.append({"picture": name, "places": places})
    return {"id": order.shot.id, "size": size, "frames": order.frames, "layers": layers}


def placed(camera: Pose, depth: float, corner: tuple[int, int], size: tuple[int, int]) -> tuple[float, float, float]:
    """Return zoom, x and y of a layer: those nearer to the camera move further."""
    near = 0.3 + 0.7 * depth
    zoom = 1 + (camera.zoom - 1) * near
    x, y = (
        middle + (at - middle) * zoom + shift * length * near
        for at, middle, shift, length in (
            (corner[0], size[0] / 2, camera.x, size[0]),
            (corner[1], size[1] / 2, camera.y, size[1]),
        )
    )
    return zoom, x, y


# Two at once


def worker_rows(asked: Sequence[ClipOrder], folder: Path, rounds: int) -> list[Row]:
    """Measure the same clips by one process and by two that share them."""
    work = sorted([*asked] * 2, key=lambda order: -order.frames)
    (one, busy), (two, busier) = (min(shared(work, folder, count) for _ in range(rounds)) for count in (1, 2))
    return [
        Row(f"{len(work)} clips by two render processes", two, "s", one),
        Row("two render processes, of one", one / two, "times", least=LEAST_WORKERS),
        Row("their processor's seconds, beside one's", busier, "s", busy),
    ]


def shared(work: Sequence[ClipOrder], folder: Path, count: int) -> tuple[float, float]:
    """Return the seconds in which so many processes, warm before, make clips, and the processor's."""
    with ProcessPoolExecutor(count, mp_context=get_context("spawn")) as processes:
        for warm in [processes.submit(animate_all, work[-1:], folder) for _ in range(4 * count)]:
            warm.result()
        began = time.perf_counter()
        busy = sum(processes.map(animate_all, [[order] for order in work], [folder] * len(work)))
        return time.perf_counter() - began, busy


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--script", type=Path, default=bundled_script())
    parser.add_argument("--quick", action="store_true", help="a shorter trailer, fewer clips, one round")
    parser.add_argument("--moviepy", default=sys.executable, help="a Python that has MoviePy")
    parser.add_argument("--only", default=",".join(PARTS), help="parts, with a comma between")
    told = parser.parse_args()
    seconds, count, rounds = (QUICK_SECONDS, QUICK_CLIPS, QUICK_ROUNDS) if told.quick else (SECONDS, CLIPS, ROUNDS)
    wanted = told.only.split(",")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame = frame_of("16:9", HEIGHT)
        asked = clip_orders(told.script, frame, count, Shelf(folder)) if set(wanted) - {"phases", "memory"} else []
        parts: dict[str, Callable[[], list[Row]]] = {
            "phases": lambda: phase_rows(told.script, seconds),
            "frames": lambda: frame_rows(asked, folder, rounds),
            "moviepy": lambda: moviepy_rows(asked, folder, told.moviepy),
            "workers": lambda: worker_rows(asked, folder, rounds),
            "memory": lambda: memory_rows(told.script, seconds),
        }
        for part in PARTS:
            if part in wanted:
                rows += parts[part]()
    return report(f"Making {told.script.name}, {machine()}", rows)


if __name__ == "__main__":
    sys.exit(main())
