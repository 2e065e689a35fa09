"""The soak: a seeded killer among the processes of a whole service, while small films are made that cost money.

`make soak` makes it long; the suite has a short one. `SOAK_KILLS` and `SOAK_SEED` say how many and which,
`SOAK_DATABASE=PostgreSQL` has the films made on that. What the provider offers when an answer is lost changes with the
seed; with one that offers nothing a run fails, and is retried or its item skipped, as a person would who was told.
"""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx
import psutil
import pytest

import postgres
import provider_double
from provider_double import Double
from trailerflow.terminal.private_service import PrivateService

pytestmark = pytest.mark.alone

ServiceMaker = Callable[..., PrivateService]
Json = dict[str, Any]

KILLS: Final = int(os.environ.get("SOAK_KILLS", "10"))
SEED: Final = int(os.environ.get("SOAK_SEED", "20261123"))
DATABASE: Final = os.environ.get("SOAK_DATABASE", "SQLite")
AT_ONCE: Final = 3
LEASE_SECONDS: Final = 2.0
RUN_SECONDS: Final = 240.0
SUBMISSION: Final = ("idempotent", "lookup_by_key", "neither")[SEED % 3]
IN_DOUBT: Final = "it may have been bought, or not"
VICTIMS: Final = ("worker", "worker", "render", "render", "web", "redis")
SCRIPT: Final = """Title: The Letter {number}

INT. KITCHEN - NIGHT

MARA tears the letter open. Rain on the window.

MARA
You knew. You knew all along.

EXT. HARBOUR - DAWN

TOM runs along the pier, the ship already moving.

TOM
Wait for me!

INT. TRAIN - DAY

Mara looks out. A gun lies in her open bag.

MARA
There is no way back.

EXT. FOREST - NIGHT

They stand and look at the fire. Nobody speaks.
"""


@dataclass(slots=True)
class Soak:
    """One soak: the service, the provider that counts, the films begun and what was done to the processes."""

    service: PrivateService
    double: Double
    chance: random.Random
    projects: list[int] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    in_doubt: int = 0

    async def ask(
        self, question: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]], *, settled: int | None = None
    ) -> Any:
        """Ask until the web process, which may be dead just now, answers; `settled`: it was done the time before."""
        async with asyncio.timeout(60):
            while True:
                try:
                    async with httpx.AsyncClient(base_url=self.service.url, timeout=20) as client:
                        answer = await question(client)
                    if answer.status_code < 500:
                        assert answer.is_success or answer.status_code == settled, answer.text
                        return answer.json()
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)

    async def make_film(self) -> None:
        """Make one film, to the end."""
        number = len(self.projects)
        self.projects.append(0)
        script = {"script": (f"letter-{number}.fountain", SCRIPT.format(number=number).encode())}
        project: int = (await self.ask(lambda client: client.post("/api/projects", files=script)))["id"]
        self.projects[number] = project
        key = {"Idempotency-Key": uuid4().hex}
        path = f"/api/workflow/{project}"
        await self.ask(lambda client: client.post(f"{path}/start", json={"seconds": 15, "seed": number}, headers=key))
        async with asyncio.timeout(RUN_SECONDS):
            while (status := await self.ask(lambda client: client.get(f"{path}/status")))["status"] != "completed":
                if status["status"] == "failed":
                    await self.decide(path, status)
                assert status["status"] in ("queued", "running", "failed"), status
                await asyncio.sleep(0.5)

    async def decide(self, path: str, failed: Json) -> None:
        """Have what may have been bought bought again, or have a stand-in take its place: both know what they do."""
        assert SUBMISSION == "neither", failed
        assert IN_DOUBT in failed["error_message"], failed
        if self.chance.random() < 0.5:
            step = {"step": failed["failed_at"].partition("/")[2]}
            await self.ask(lambda client: client.post(f"{path}/skip", json=step))
        await self.ask(lambda client: client.post(f"{path}/retry"), settled=409)

    async def kill(self) -> None:
        """Kill a process, or freeze a worker until its leases are another's."""
        role = self.chance.choice(VICTIMS)
        freeze = role in ("worker", "render") and self.chance.random() < 0.15
        pids = self.service.pids(role)
        if not pids:  # it is being started again
            return
        pid = self.chance.choice(pids)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP if freeze else signal.SIGKILL)
            self.killed[f"{role} frozen" if freeze else role] += 1
            if freeze:
                await asyncio.sleep(1.5 * LEASE_SECONDS)  # what is awaited is that its time is over
                os.kill(pid, signal.SIGCONT)

    async def lose_an_answer(self) -> None:
        """Have the provider's next answer to an order be lost, after it took the order or before."""
        loss = {"times": 1, "before": self.chance.random() < 0.5}
        await asyncio.to_thread(self.double.tell, lose_answers=loss)

    async def run(self, kills: int) -> None:
        """Make films and kill processes until enough were killed; the films begun are finished."""

        async def films() -> None:
            while self.killed.total() < kills:
                await self.make_film()

        async def killer() -> None:
            while self.killed.total() < kills:
                await asyncio.sleep(self.chance.uniform(0.2, 2.4))  # the schedule of the killer, no waiting
                await self.kill()
                if self.chance.random() < 0.3:
                    await self.lose_an_answer()

        async with asyncio.TaskGroup() as group:
            group.create_task(killer())
            for _ in range(AT_ONCE):
                group.create_task(films())

    async def check(self) -> None:
        """Look at what is left: every film whole, every step once, every item bought once unless someone was told."""
        made = 0
        for project in self.projects:
            path = f"/api/workflow/{project}/status"
            status = await self.ask(partial(httpx.AsyncClient.get, url=path))
            assert status["status"] == "completed"
            made += sum(items["done"] for items in status["items"].values())
            assert all(items["done"] + items["skipped"] == items["total"] for items in status["items"].values())
            events = [event async for event in self.log_of(project, status["last_event_id"])]
            assert [event["id"] for event in events] == list(range(1, status["last_event_id"] + 1))
            assert events[-1]["type"] == "run.completed"
            done = Counter(event["step"] for event in events if event["type"] in ("step.finished", "step.reused"))
            assert set(done.values()) == {1}, done
            errors = [event["error"]["code"] for event in events if event["type"] == "step.failed"]
            assert set(errors) <= ({"submit_unknown"} if SUBMISSION == "neither" else set()), errors
            self.in_doubt += len(errors)
            await self._check_files(project)
        report = self.double.report()
        jobs = report["jobs"]
        assert made <= len(jobs) <= made + self.in_doubt
        assert {job["status"] for job in jobs} <= ({"succeeded", "cancelled"} if self.in_doubt else {"succeeded"})
        assert max(Counter(job["key"] for job in jobs).values()) == 1
        assert SUBMISSION != "neither" or max(report["submissions"].values()) == 1

    async def _check_files(self, project: int) -> None:
        listed = await self.ask(lambda client: client.get(f"/api/projects/{project}/artifacts"))
        assert "trailer.mp4" in {artifact["name"] for artifact in listed["artifacts"]}
        for artifact in listed["artifacts"]:
            stored = self.service.data / "files" / artifact["sha256"][:2] / artifact["sha256"]
            assert stored.stat().st_size == artifact["bytes"]

    async def log_of(self, project: int, last: int) -> AsyncIterator[Json]:
        """Yield a project's whole log."""
        async with httpx.AsyncClient(base_url=self.service.url, timeout=20) as client:
            path = f"/api/workflow/{project}/events?last_event_id=0"
            async with client.stream("GET", path) as stream:
                event: Json = {}
                async for line in stream.aiter_lines():
                    name, _, value = line.partition(": ")
                    if name == "id":
                        event["id"] = int(value)
                    elif name == "data":
                        event.update(httpx.Response(200, text=value).json())
                    elif not line and "id" in event:
                        yield event
                        if event["id"] == last:
                            return
                        event = {}
                    elif not line:
                        event = {}


@pytest.fixture
def database() -> Iterator[dict[str, str]]:
    """Give what a service is told of its database: nothing of SQLite, the address of a PostgreSQL of its own."""
    if DATABASE == "SQLite":
        yield {}
        return
    assert DATABASE == "PostgreSQL", f"SOAK_DATABASE is SQLite or PostgreSQL, not {DATABASE}"
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine, and no wheel of it for its kind")
    with postgres.running(programs) as url:
        yield {"DATABASE_URL": url}


async def test_nothing_is_lost_or_bought_twice_under_a_killer(
    database: dict[str, str], make_service: ServiceMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with provider_double.running() as double:
        double.tell(price=0.25, delay_seconds=0.2, idempotent=SUBMISSION == "idempotent")
        service = make_service(
            data=tmp_path / "data",
            LEASE_SECONDS=str(LEASE_SECONDS),
            FRAME_HEIGHT="64",
            PROVIDER_URL=double.url,
            PROVIDER_KEY=double.key,
            PROVIDER_SUBMISSION=SUBMISSION,
            PROVIDER_POLL_SECONDS="0.2",
            PROVIDER_PER_MINUTE="100000",
            **database,
        )
        soak = Soak(service, double, random.Random(SEED))
        await soak.run(KILLS)
        await soak.check()
        assert soak.killed.total() >= KILLS
        left = [process for process in psutil.Process(service.pid).children(recursive=True) if not process.is_running()]
        assert left == []
        killed = ", ".join(f"{role} {count}" for role, count in sorted(soak.killed.items()))
        with capsys.disabled():
            sys.stdout.write(
                f"\nsoak {SEED} on {DATABASE}, {SUBMISSION}: {len(soak.projects)} films, "
                f"{soak.in_doubt} orders in doubt, killed {killed}\n"
            )
