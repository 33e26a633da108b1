"""How Alembic runs here: in the database's own writing transaction, so a failed migration leaves nothing behind.

Of several processes that start at once one migrates; the others wait and find that there is nothing left to do.
"""

from alembic import context

from mailcase.store import triggers
from mailcase.store.db import Database, lock_ids
from mailcase.store.tables import metadata

database: Database = context.config.attributes["database"]
with database.tx() as connection:
    lock_ids(connection, ("migrations",))
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    context.run_migrations()
    if connection.dialect.has_table(connection, "event"):
        triggers.make(connection)
