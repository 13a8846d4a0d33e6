"""The history of the schema, one file per step, run by Alembic behind a backup."""
