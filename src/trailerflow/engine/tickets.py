"""What a provider was sent, in writing: intent, ticket, what came back. Called by `courier`.

The intent is written before anything is sent and the ticket before it is waited for, so that whoever takes the task
over knows what may have been bought. A ticket belongs to its intent, not to a lease: it is recorded even when the task
has passed on meanwhile, for it was paid for.
"""

from dataclasses import asdict

from sqlalchemy import Update, exists, func, or_, update
from sqlmodel import col

from trailerflow.engine.database import now
from trailerflow.engine.products import NewFile
from trailerflow.engine.tables import Json, Run, Task
from trailerflow.engine.task_claims import TaskClaim, TaskClaims, of_claim

FORGET = {"submit_key": None, "remote_id": None, "submitted_at": None, "billed": 0.0}
"""The job is over and brought nothing: the next submission has a key of its own."""


class Tickets:
    """The verbs of a courier on a task it has claimed."""

    def __init__(self, task_claims: TaskClaims) -> None:
        self._task_claims = task_claims

    async def intend(self, claim: TaskClaim, key: str) -> bool:
        """Write down that the task is about to be submitted under a key; False when its run does not want it now."""
        run_goes_on = exists().where(col(Run.id) == claim.run_id, col(Run.status) == "running")
        intent = update(Task).where(*of_claim(claim), run_goes_on).values(submit_key=key)
        return await self._task_claims.write(claim, intent)

    async def keep(self, claim: TaskClaim, key: str, remote_id: str) -> bool:
        """Write down the provider's id of the job; False when another job is written there already."""
        none_or_this = or_(col(Task.remote_id).is_(None), col(Task.remote_id) == remote_id)
        ticket = update(Task).where(col(Task.id) == claim.task_id, col(Task.submit_key) == key, none_or_this)
        first = func.coalesce(Task.submitted_at, now())
        return await self._task_claims.write(claim, ticket.values(remote_id=remote_id, submitted_at=first))

    async def receive(self, claim: TaskClaim, files: list[NewFile], cost: float) -> bool:
        """Write down what the provider handed in and what it cost; a render worker makes the product of it."""
        came = (
            update(Task)
            .where(*of_claim(claim))
            .values(
                status="queued",
                received=[asdict(file) for file in files],
                cost=Task.cost + _unbilled(claim, cost),
                billed=cost,
                owner=None,
                lease_expires_at=None,
            )
        )
        return await self._task_claims.write(claim, came, _paid(claim, cost))

    async def fail(self, claim: TaskClaim, error: Json, *, cost: float = 0.0, forget: bool = True) -> bool:
        """Record that the job failed; unless its ticket is kept, another try is another submission."""
        spent = {"cost": Task.cost + _unbilled(claim, cost), **(FORGET if forget else {})}
        return await self._task_claims.fail(claim, error, also=(_paid(claim, cost),), **spent)

    async def forgive(self, claim: TaskClaim) -> bool:
        """Count no tries any more: the job goes on, whatever failed on the way to it."""
        return await self._task_claims.write(claim, update(Task).where(*of_claim(claim)).values(tries=0))

    async def postpone(self, claim: TaskClaim, seconds: float, *, forget: bool) -> bool:
        """Put a task back that the provider will take later: nothing failed, no try is spent."""
        return await self._let_go(claim, status="queued", not_before=now() + seconds, **(FORGET if forget else {}))

    async def park(self, claim: TaskClaim, error: Json) -> bool:
        """Leave a task whose answer was lost to a person: nobody knows whether it was bought."""
        return await self._let_go(claim, status="unknown", error=error)

    async def hold(self, claim: TaskClaim) -> bool:
        """Keep a task back that was not sent yet: its run is pausing, or cancelled."""
        return await self._let_go(claim, status="held")

    async def call_off(self, claim: TaskClaim) -> bool:
        """Record that the provider was asked to stop; the ticket is kept."""
        return await self._let_go(claim, status="cancelled")

    async def _let_go(self, claim: TaskClaim, **values: object) -> bool:
        let_go = update(Task).where(*of_claim(claim)).values(owner=None, lease_expires_at=None, **values)
        return await self._task_claims.write(claim, let_go)


def _paid(claim: TaskClaim, cost: float) -> Update:
    return update(Run).where(col(Run.id) == claim.run_id).values(cost=Run.cost + _unbilled(claim, cost))


def _unbilled(claim: TaskClaim, cost: float) -> float:
    """Return what of a job's cost was not counted yet: its files may be fetched a second time."""
    return max(cost - claim.billed, 0.0)
