"""set aside: a queued task that a worker means to take next"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("task", sa.Column("aside_until", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("task", "aside_until")
