"""A worker's hands for tests of the web: they move a run by the engine's own verbs, without any worker."""

import asyncio
from typing import Any

from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.products import NewFile
from trailerflow.engine.results import digest_of
from trailerflow.engine.service import Start
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tasks import Begun
from trailerflow.errors import PermanentError
from trailerflow.film.screenplay import Screenplay

SCRIPT = """Title: The Lamp

INT. KITCHEN - NIGHT

Anna lights the lamp.

ANNA
Who is there?

EXT. STREET - DAY

Ben runs through the rain.

BEN
Nobody.
"""
OPTIONS: dict[str, Any] = {"seconds": 60, "aspect": "16:9", "seed": 0, "on_error": "fail_fast", "pause_after": None}


def image(shot: str, scene: int = 0) -> StepName:
    """Return the step that draws a shot."""
    return StepName(
        name=f"image/{shot}", kind="image", phase="trailer_to_storyboard", band="images", scene=scene, shot=shot
    )


class Hands:
    """Moves runs."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    async def start(self, project_id: int) -> int:
        """Start a run; return its id."""
        status = (
            await self.studio.service.start_workflow(
                project_id, Start("full_pipeline", {**OPTIONS, "priority": "normal"})
            )
        ).status
        assert status.run_id is not None
        return status.run_id

    async def claim(self, run_id: int) -> Claim:
        """Claim a run as a worker does."""
        claim = await self.studio.claims.claim(run_id, "test:1:x")
        assert claim is not None
        return claim

    async def run(self, project_id: int) -> Claim:
        """Start and claim a run, and enter its second phase: events 1 to 3 of a new project."""
        claim = await self.claim(await self.start(project_id))
        await self.studio.claims.begin_phase(claim, "trailer_to_storyboard", {"images": (0, 100, 100)})
        return claim

    async def begin(self, claim: Claim, shot: str) -> None:
        """Begin a picture: one event."""
        await self.studio.tasks.mark_started(claim, Begun(image(shot)))

    async def draw(self, claim: Claim, shot: str, content: bytes = b"a picture", *, digest: str = "") -> NewFile:
        """Finish a picture, begun or not: one or two events."""
        stored = await asyncio.to_thread(self.studio.storage.put_bytes, content)
        file = NewFile("panel.png", stored.sha256, "image/png", stored.bytes)
        digest = digest or digest_of(shot)
        await self.studio.results.record(claim.fence, image(shot), digest, value={}, files=[file])
        return file

    async def deliver(self, claim: Claim, name: str, content: bytes, media_type: str) -> NewFile:
        """Finish a single step that hands in one file."""
        stored = await asyncio.to_thread(self.studio.storage.put_bytes, content)
        file = NewFile(name, stored.sha256, media_type, stored.bytes)
        step = StepName(name=f"deliver/{name}", kind="trailer", phase="storyboard_to_movie", band="assembly")
        await self.studio.results.record(claim.fence, step, digest_of(file.sha256), value={}, files=[file])
        return file

    async def understand(self, claim: Claim) -> None:
        """Analyse and cast as the first phase does, and record both."""
        found = await self.studio.results.find_latest(claim.project_id, "screenplay")
        assert found is not None
        read, writer = Screenplay.model_validate(found.value), self.studio.writer
        analysis = writer.analyse(read)
        for name, made in (("analysis", analysis), ("cast", writer.cast(read, analysis, {}))):
            step = StepName(name=name, kind=name, phase="script_to_trailer", band=name)
            value = made.model_dump(mode="json")
            await self.studio.results.record(claim.fence, step, digest_of(value), value=value, files=[])

    async def tick(self, claim: Claim, shot: str, done: float) -> None:
        """Ring a tick as a render worker does."""
        tick = {"step": f"image/{shot}", "run_id": claim.fence.run_id, "done": done}
        self.studio.bell.ring(claim.project_id, tick=tick)

    async def complete(self, claim: Claim) -> None:
        """End the run well: one event."""
        await self.studio.claims.mark_completed(claim)

    async def fail(self, claim: Claim) -> None:
        """End the run badly: one event."""
        await self.studio.claims.mark_failed(claim, PermanentError("broken", "the brush broke"), "x/y")
