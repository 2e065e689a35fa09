"""alembic's entry: applies the migrations on the connection that `bootstrap.migrate` hands over."""

from alembic import context
from sqlmodel import SQLModel

from trailerflow.engine import tables

assert tables.Project  # the import fills SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
