"""large values: only results that have one are in its index"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STORED = sa.text("value_sha256 IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_result_value_sha256", "result")
    op.create_index("result_by_value", "result", ["value_sha256"], sqlite_where=STORED, postgresql_where=STORED)


def downgrade() -> None:
    op.drop_index("result_by_value", "result")
    op.create_index("ix_result_value_sha256", "result", ["value_sha256"])
