"""The story of a run: three phases as plain async Python. Called by the orchestrator's worker, once for each turn.

Every turn tells the story from its first line; steps that have a result are passed over, so that it goes on where it
stopped. It never touches a table, a queue or a picture: it gives orders and waits.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from trailerflow.bands import bands_of
from trailerflow.engine.products import Maker
from trailerflow.engine.steps import Product, Turn
from trailerflow.engine.storage import Storage
from trailerflow.engine.submission import Order
from trailerflow.errors import TrailerflowError
from trailerflow.film import orders
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.crew import Brief, Cards, Clip, Crew, Panel, Score, Sheets, Storyboard, Trailer, Voices, Writer
from trailerflow.film.loudness import TARGET_LUFS
from trailerflow.film.plan import Edits, Frame, Plan, Shot, frame_of
from trailerflow.film.record import Record
from trailerflow.film.retakes import vary
from trailerflow.film.screenplay import Screenplay, reading_inputs
from trailerflow.film.settings import Settings
from trailerflow.providers import local

HERE: Final = Maker(local.LOCAL)


class WorkflowOrchestrator:
    """Tells runs' stories with one writer and the crews of several providers.

    `makers` says by kind of work who makes an item's first take today, where that is not the local crew.
    """

    def __init__(
        self,
        *,
        writer: Writer,
        crews: Mapping[str, Crew],
        makers: Mapping[str, Maker],
        storage: Storage,
        frame_height: int,
        loudness_lufs: float = TARGET_LUFS,
    ) -> None:
        self._writer = writer
        self._crews = crews
        self._makers = makers
        self._storage = storage
        self._frame_height = frame_height
        self._loudness_lufs = loudness_lufs

    async def execute(self, turn: Turn) -> None:
        """Tell the whole story of a run; returns when it is completed or failed, a halt goes through."""
        try:
            await self._tell(turn)
            await self.mark_completed(turn)
        except TrailerflowError as error:
            await self.mark_failed(turn, error)

    async def _tell(self, turn: Turn) -> None:
        workflow_type = turn.claim.workflow_type
        if workflow_type in ("video_only", "regenerate_scene"):
            await self._tell_again(turn)
            return
        turn.declare(bands_of(workflow_type, None))
        cast, settings, plan = await self.script_to_trailer(turn)
        if workflow_type == "script_analysis_only":
            return
        panels = await self.trailer_to_storyboard(turn, cast, settings, plan)
        if workflow_type == "storyboard_only":
            return
        await self.storyboard_to_movie(turn, cast, settings, plan, panels)

    async def _tell_again(self, turn: Turn) -> None:
        """Film the last plan: the pictures as they are, but for those to be made anew and those that are missing."""
        claim = turn.claim
        cast, settings = await turn.last("cast", Cast), await turn.last("settings", Settings)
        plan = await turn.last("plan", Plan)
        is_filmed = claim.workflow_type == "video_only" or claim.options["film"]
        # A shot that only ever had a stand-in has no take: stand-ins do not outlive their run.
        missing = {shot.id for shot in plan.shots if is_filmed and shot.id not in claim.takes}
        anew = {shot.id for shot in plan.shots if shot.id in claim.retakes} | missing
        bands = claim.workflow_type if is_filmed else "regenerate_pictures"
        turn.declare(bands_of(bands, len(plan.shots), pictures=len(anew)))
        panels = {
            shot.id: await turn.take(f"image/{shot.id}", claim.takes[shot.id], Panel)
            for shot in plan.shots
            if shot.id not in anew and shot.id in claim.takes
        }
        if anew:
            panels = await self.trailer_to_storyboard(turn, cast, settings, plan, anew=anew, kept=panels)
        if is_filmed:
            await self.storyboard_to_movie(turn, cast, settings, plan, panels, is_printed=bool(anew))

    async def script_to_trailer(self, turn: Turn) -> tuple[Cast, Settings, Plan]:
        """Phase 1: read, analyse, give looks, choose; then the reference sheets of who and what was chosen."""
        edits, options, writer = turn.claim.edits, turn.claim.options, self._writer
        looks, places = edits.get("cast", {}), edits.get("settings", {})
        async with turn.phase("script_to_trailer"):
            screenplay = await self._read(turn)
            analysis = await self._write(turn, "analysis", Analysis, screenplay, lambda: writer.analyse(screenplay))
            inputs = {"screenplay": screenplay, "looks": looks}
            cast = await self._write(turn, "cast", Cast, inputs, lambda: writer.cast(screenplay, analysis, looks))
            inputs = {"analysis": analysis, "looks": places}
            settings = await self._write(turn, "settings", Settings, inputs, lambda: writer.scout(analysis, places))
            brief = Brief(
                screenplay=screenplay,
                analysis=analysis,
                cast=cast,
                settings=settings,
                title=turn.claim.title,
                seconds=options["seconds"],
                aspect=options["aspect"],
                seed=options["seed"],
                edits=Edits.model_validate(edits.get("plan", {})),
            )
            plan = await self._write(turn, "plan", Plan, brief, lambda: writer.draft(brief), band="scenes")
            turn.keep_shots([{"shot": one.id, "scene": one.scene, "appeal": one.appeal} for one in plan.shots])
            turn.declare(bands_of(turn.claim.workflow_type, len(plan.shots)))
            await self._single(turn, "sheets", orders.sheets(plan, cast, settings), Sheets, band="sheets")
        return cast, settings, plan

    async def trailer_to_storyboard(
        self,
        turn: Turn,
        cast: Cast,
        settings: Settings,
        plan: Plan,
        *,
        anew: Collection[str] | None = None,
        kept: Mapping[str, Panel] | None = None,
    ) -> dict[str, Panel]:
        """Phase 2: one panel for each shot, or for those in `anew` beside the `kept` ones; then all of them on paper.

        A take chosen by hand is taken as it is, unless a new one is wanted.
        """
        frame, retakes = self._frame(plan), turn.claim.retakes
        chosen = {shot: take for shot, take in turn.claim.edits.get("takes", {}).items() if shot not in retakes}
        shots = [shot for shot in vary(plan, turn.claim.variations).shots if anew is None or shot.id in anew]
        async with turn.phase("trailer_to_storyboard"):
            drawn = await turn.gather([
                self._item(
                    turn, "image", "panel", orders.panel(plan, shot, cast, settings, frame), Panel,
                    shot=shot, take=chosen.get(shot.id),
                )
                for shot in shots
            ])  # fmt: skip
            panels = {**(kept or {}), **{shot.id: panel for shot, panel in zip(shots, drawn, strict=True)}}
            await self._print(turn, cast, settings, plan, panels)
        return panels

    async def storyboard_to_movie(
        self,
        turn: Turn,
        cast: Cast,
        settings: Settings,
        plan: Plan,
        panels: Mapping[str, Panel],
        *,
        is_printed: bool = True,
    ) -> Trailer:
        """Phase 3: one clip for each shot; voices, music, sounds and cards beside them; then the edit."""
        frame = self._frame(plan)
        async with turn.phase("storyboard_to_movie"):
            if not is_printed:  # the pictures as they are may be others than those it was printed with
                await self._print(turn, cast, settings, plan, panels)
            moves = orders.clips(vary(plan, turn.claim.variations), panels, frame)
            voices, (score, foley), cards, clips = await turn.together(
                self._single(turn, "voices", orders.voices(plan, cast), Voices),
                self._sound(turn, plan),
                self._single(turn, "cards", orders.cards(plan, frame), Cards),
                turn.gather(self._item(turn, "clip", "clip", move, Clip, shot=move.shot) for move in moves),
            )
            joined = orders.trailer(
                plan, frame, clips,
                lettered=cards, spoken=voices, composed=score, sounded=foley, loudness_lufs=self._loudness_lufs,
            )  # fmt: skip
            return await self._single(turn, "trailer", joined, Trailer)

    async def mark_completed(self, turn: Turn) -> None:
        """Record that the film is done."""
        await turn.mark_completed()

    async def mark_failed(self, turn: Turn, error: TrailerflowError) -> None:
        """Record where and why the run failed, for good."""
        await turn.mark_failed(error)

    async def _read(self, turn: Turn) -> Screenplay:
        script, filename = turn.claim.script["sha256"], turn.claim.script["name"]
        path = self._storage.path(script)
        return await self._write(
            turn,
            "screenplay",
            Screenplay,
            reading_inputs(script, filename),
            lambda: self._writer.read(path.read_bytes(), filename),
            band="upload",
        )

    async def _write(
        self,
        turn: Turn,
        name: str,
        product: type[Product],
        inputs: Record | Mapping[str, Any],
        work: Callable[[], Product],
        *,
        band: str | None = None,
    ) -> Product:
        return await turn.step(
            name, band=band or name, version=self._writer.version, inputs=inputs, product=product, work=work
        )

    async def _item(
        self,
        turn: Turn,
        kind: str,
        skill: str,
        order: Record,
        product: type[Product],
        *,
        shot: Shot,
        take: int | None = None,
    ) -> Product:
        name = f"{kind}/{shot.id}"
        maker = turn.claim.makers.get(name) or self._makers.get(skill) or HERE
        data = order.model_dump(mode="json")
        return await turn.order(
            name,
            band=f"{kind}s",
            kind=kind,
            version=self._crews[maker.provider][skill].version,
            order=Order(kind=skill, provider=maker.provider, model=maker.model, order=data),
            product=product,
            scene=shot.scene,
            shot=shot.id,
            take=take,
            stand_in=Order(kind=skill, provider=local.STAND_IN, order=data),
            # Nobody buys the clip of a picture that is there for this run only.
            skip=kind == "clip" and maker != HERE and f"image/{shot.id}" in turn.stood_in,
        )

    async def _sound(self, turn: Turn, plan: Plan) -> tuple[Score, Score]:
        """Have music and sounds made side by side."""
        score, foley = await turn.gather([
            self._single(turn, "score", orders.score(plan), Score),
            self._single(turn, "foley", orders.foley(plan), Score),
        ])  # fmt: skip
        return score, foley

    async def _print(self, turn: Turn, cast: Cast, settings: Settings, plan: Plan, panels: Mapping[str, Panel]) -> None:
        """Have the storyboard printed with the pictures there are."""
        order = orders.storyboard(vary(plan, turn.claim.variations), cast, settings, panels, self._frame(plan))
        await self._single(turn, "storyboard", order, Storyboard, band="storyboard")

    async def _single(
        self, turn: Turn, name: str, order: Record, product: type[Product], *, band: str = "assembly"
    ) -> Product:
        return await turn.order(
            name,
            band=band,
            kind=name,
            version=self._crews[local.LOCAL][name].version,
            order=Order(kind=name, provider=local.LOCAL, order=order.model_dump(mode="json")),
            product=product,
        )

    def _frame(self, plan: Plan) -> Frame:
        return frame_of(plan.aspect, self._frame_height)
