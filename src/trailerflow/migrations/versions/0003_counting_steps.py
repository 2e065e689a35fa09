"""counting steps: by an index that holds all that is counted"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("step_by_band", "step", ["run_id", "band", "status"])


def downgrade() -> None:
    op.drop_index("step_by_band", "step")
