"""The tables: one class a table, plain columns. Only the modules of `engine` read or write them.

user 1─* project 1─* run 1─* step *─1 result 1─* result_file
     └─* idempotency_key
                 ├─* event      (the log: ids rise by one per project)
                 ├─* artifact   (flat name → content, the latest)
                 └─* task       (work outside the orchestrator)
worker                          (who is alive)

Times are seconds since 1970 (UTC) by the database's clock, so that leases compare alike on both databases.
"""

from typing import Any

from sqlalchemy import JSON, Column, Index, text
from sqlmodel import Field, SQLModel

Json = dict[str, Any]
HERE = ("local", "stand_in")
"""The providers whose work is done by our own render workers."""
ACTIVE_STATES = "('queued', 'running', 'pausing', 'paused', 'cancelling')"


def _json() -> Any:
    return Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


def _json_list() -> Any:
    return Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class User(SQLModel, table=True):
    """Who owns projects; `priority` is the highest class the user's runs may have, `served_at` when one last began."""

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    priority: str = "normal"
    served_at: float | None = None


class IdempotencyKey(SQLModel, table=True):
    """A start a client asked for under a key of its own; asked for again, it is answered with the same run.

    `fingerprint` is the digest of the request. It lives for a fixed time, whatever becomes of run and project.
    """

    __tablename__ = "idempotency_key"

    user_id: int = Field(foreign_key="user.id", primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    run_id: int
    created_at: float = Field(index=True)


class Project(SQLModel, table=True):
    """One screenplay and all that is made from it.

    `last_event_id`, `run_id` (the latest run) and `epoch` are the lock, the number and the fence of every write.
    `edits` is a person's hand, `takes` the chosen take of each shot, `variations` which variation that take is, `shots`
    the items of the last plan.
    """

    __table_args__ = {"sqlite_autoincrement": True}

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="user.id", index=True)
    title: str
    format: str
    scenes: int
    warnings: list[Json] = _json_list()
    script: Json = _json()
    edits: Json = _json()
    takes: Json = _json()
    variations: Json = _json()
    shots: list[Json] = _json_list()
    plan_result_id: int | None = None
    run_id: int | None = None
    epoch: int = 0
    last_event_id: int = 0
    created_at: float


class Run(SQLModel, table=True):
    """One start of a workflow; `owner`, `epoch` and `lease_expires_at` say who may write it now.

    `bands` is {band: [from %, to %, steps or null]}, `phases` is {phase: started, finished or held (for review)},
    `skips` names the items that are stood in for, `variations` {shot: n} those to be made anew, `cost` is in USD.
    """

    __table_args__ = (
        Index(
            "run_one_active",
            "project_id",
            unique=True,
            sqlite_where=text(f"status IN {ACTIVE_STATES}"),
            postgresql_where=text(f"status IN {ACTIVE_STATES}"),
        ),
        Index("run_by_status", "status", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", ondelete="CASCADE", index=True)
    user_id: int = Field(foreign_key="user.id")
    workflow_type: str
    options: Json = _json()
    priority: int = 1
    status: str = "queued"
    phase: str | None = None
    phases: Json = _json()
    progress: int = 0
    bands: Json = _json()
    error: Json | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    failed_at: str | None = None
    retry_count: int = 0
    skips: list[str] = _json_list()
    variations: Json = _json()
    cost: float = 0.0
    cancel_asked_at: float | None = None
    owner: str | None = None
    epoch: int = 0
    lease_expires_at: float | None = None
    deliveries: int = 0
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None


class Step(SQLModel, table=True):
    """One named unit of work of a run; it points to a result."""

    __table_args__ = (
        Index("step_by_name", "run_id", "name", unique=True),
        Index("step_by_band", "run_id", "band", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="run.id", ondelete="CASCADE")
    name: str
    kind: str
    phase: str
    band: str
    scene: int | None = None
    shot: str | None = None
    status: str = "waiting"
    attempts: int = 0
    result_id: int | None = None
    error: Json | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    started_at: float | None = None
    finished_at: float | None = None


IS_STORED = text("value_sha256 IS NOT NULL")


class Result(SQLModel, table=True):
    """What a step produced, used again by any later run whose inputs have the same digest.

    A value of more than 64 kB is a file of its own (`value_sha256`). `provider` and `model` made it; later takes
    of the same item are made by them too. `variation` counts the pictures of a shot made anew on demand. A
    stand-in names the run it belongs to.
    """

    __table_args__ = (
        Index("result_by_digest", "project_id", "name", "digest", unique=True),
        Index("result_by_value", "value_sha256", sqlite_where=IS_STORED, postgresql_where=IS_STORED),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", ondelete="CASCADE")
    name: str
    digest: str
    take: int
    value: Json | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    value_sha256: str | None = None
    provider: str | None = None
    model: str | None = None
    variation: int = 0
    stand_in_run_id: int | None = None
    created_at: float


class ResultFile(SQLModel, table=True):
    """A file of a result, under the flat name it is offered by."""

    __tablename__ = "result_file"

    result_id: int = Field(foreign_key="result.id", ondelete="CASCADE", primary_key=True)
    position: int = Field(primary_key=True)
    name: str
    sha256: str = Field(index=True)
    media_type: str
    bytes: int


class Artifact(SQLModel, table=True):
    """The latest file of a flat name in a project."""

    project_id: int = Field(foreign_key="project.id", ondelete="CASCADE", primary_key=True)
    name: str = Field(primary_key=True)
    sha256: str = Field(index=True)
    media_type: str
    bytes: int
    created_at: float


class Event(SQLModel, table=True):
    """One durable fact in a project's log."""

    project_id: int = Field(foreign_key="project.id", ondelete="CASCADE", primary_key=True)
    id: int = Field(primary_key=True)
    run_id: int | None = None
    type: str
    at: float
    data: Json = _json()


class Task(SQLModel, table=True):
    """One piece of work outside the orchestrator; its id is the ticket, its key (project, name, digest).

    `position` is its place in the story, the order in which a run's tasks are taken. `attempts` counts how often it
    failed or was done, `tries` the same since a person last asked, `deliveries` how often its worker went. Until
    `aside_until` a worker means to take it next.

    Work at a provider: `submit_key` is the intent, written before anything is sent; `remote_id` the provider's id of
    the job, written before it is waited for; `received` the files fetched, of which a render worker makes the product;
    `cost` what all its jobs came to (USD), `billed` what of it is this job's.
    """

    __table_args__ = (
        Index("task_by_digest", "project_id", "name", "digest", unique=True),
        Index("task_by_status", "status", "run_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="project.id", ondelete="CASCADE")
    run_id: int
    name: str
    digest: str
    position: int = 0
    kind: str
    provider: str
    model: str | None = None
    order: Json = _json()
    status: str = "queued"
    owner: str | None = None
    epoch: int = 0
    lease_expires_at: float | None = None
    attempts: int = 0
    tries: int = 0
    deliveries: int = 0
    not_before: float | None = None
    aside_until: float | None = None
    submit_key: str | None = None
    remote_id: str | None = None
    submitted_at: float | None = None
    cancel_asked: bool = False
    received: list[Json] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    cost: float = 0.0
    billed: float = 0.0
    product: Json | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    files: list[Json] = _json_list()
    error: Json | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    created_at: float
    finished_at: float | None = None


class Worker(SQLModel, table=True):
    """A living process, by an id made of host, process id and start."""

    id: str = Field(primary_key=True)
    role: str
    host: str
    pid: int
    started_at: float
    seen_at: float
