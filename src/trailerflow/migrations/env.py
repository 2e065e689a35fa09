"""alembic's entry: applies the migrations on the connection that `bootstrap.migrate` hands over."""

from alembic import context

from trailerflow.engine import tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.Project.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
