"""Stand-ins for alembic, sqlalchemy and django that write down the SQL of a migration. Run in a child process."""
