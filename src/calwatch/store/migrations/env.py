"""What Alembic runs: the migrations on the connection and inside the transaction that ``store.opening`` hands over."""

from __future__ import annotations

from alembic import context

from calwatch.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=True)
context.run_migrations()
