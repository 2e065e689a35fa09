"""Taking tasks back: for a while because a run pauses, for good because it is cancelled. Called by `service`, `claims`.

What a provider has been sent stays on its books, so it is never forgotten: a pause lets it finish, a cancel has the
provider asked to stop and keeps the ticket, and a later run that wants the same collects it.
"""

from typing import Final

from sqlalchemy import or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.tables import Run, Task

BAD_PRODUCT: Final = "bad_product"
"""The code of a failure whose cause is what a provider handed in."""


async def withhold_tasks(session: AsyncSession, run: Run) -> None:
    """Keep back a run's tasks that nobody has begun; its next turn puts them on the queue again."""
    untouched = (col(Task.run_id) == run.id, col(Task.status) == "queued", col(Task.submit_key).is_(None))
    await session.execute(update(Task).where(*untouched).values(status="held"))


async def withdraw_tasks(session: AsyncSession, run: Run) -> None:
    """Take all of a run's unfinished tasks back; who is at work on one here notices within a second."""
    of_run = update(Task).where(col(Task.run_id) == run.id)
    unfinished = col(Task.status).in_(("queued", "held", "claimed"))
    at_provider = (col(Task.submit_key).is_not(None), col(Task.received).is_(None))
    await session.execute(
        of_run.where(unfinished, *at_provider, col(Task.cancel_asked).is_(False)).values(
            cancel_asked=True, status="queued", owner=None, lease_expires_at=None, not_before=None
        )
    )
    await session.execute(
        of_run.where(
            unfinished,
            or_(col(Task.submit_key).is_(None), col(Task.received).is_not(None)),
        ).values(status="cancelled", owner=None, lease_expires_at=None, not_before=None)
    )


async def buy_again(session: AsyncSession, run: Run) -> None:
    """Make a run's unknown and failed tasks ready for another try that a person asked for.

    What may have been bought without an answer, or came unfit for use, is ordered anew under another key.
    """
    of_run = update(Task).where(col(Task.run_id) == run.id, col(Task.name).not_in(run.skips))
    unanswered = (col(Task.status) == "unknown", col(Task.remote_id).is_(None))
    await session.execute(of_run.where(*unanswered).values(status="held", submit_key=None, billed=0.0, error=None))
    await session.execute(of_run.where(col(Task.status) == "unknown").values(status="held", error=None))
    unfit = (col(Task.status) == "failed", col(Task.received).is_not(None))
    code = col(Task.error)["code"].as_string()
    await session.execute(
        of_run.where(*unfit, code == BAD_PRODUCT).values(received=None, submit_key=None, remote_id=None, billed=0.0)
    )
