"""control: keys, skips, variations, work at providers"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EMPTY_LIST = sa.text("'[]'")
EMPTY_OBJECT = sa.text("'{}'")


def upgrade() -> None:
    op.create_table(
        "idempotency_key",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
    op.add_column("user", sa.Column("served_at", sa.Float()))
    op.add_column("project", sa.Column("variations", sa.JSON(), nullable=False, server_default=EMPTY_OBJECT))
    op.add_column("run", sa.Column("skips", sa.JSON(), nullable=False, server_default=EMPTY_LIST))
    op.add_column("run", sa.Column("variations", sa.JSON(), nullable=False, server_default=EMPTY_OBJECT))
    op.add_column("run", sa.Column("cost", sa.Float(), nullable=False, server_default="0"))
    op.add_column("run", sa.Column("cancel_asked_at", sa.Float()))
    op.add_column("result", sa.Column("provider", sa.String()))
    op.add_column("result", sa.Column("model", sa.String()))
    op.add_column("result", sa.Column("variation", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("result", sa.Column("stand_in_run_id", sa.Integer()))
    op.add_column("task", sa.Column("model", sa.String()))
    op.add_column("task", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("not_before", sa.Float()))
    op.add_column("task", sa.Column("submit_key", sa.String()))
    op.add_column("task", sa.Column("remote_id", sa.String()))
    op.add_column("task", sa.Column("submitted_at", sa.Float()))
    op.add_column("task", sa.Column("cancel_asked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("task", sa.Column("received", sa.JSON()))
    op.add_column("task", sa.Column("billed", sa.Float(), nullable=False, server_default="0"))
    op.add_column("task", sa.Column("cost", sa.Float(), nullable=False, server_default="0"))
    op.execute("UPDATE result SET provider = 'local' WHERE name LIKE 'image/%' OR name LIKE 'clip/%'")
