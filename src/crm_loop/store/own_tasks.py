"""To-dos of ours among those that were pulled, where the CRM has no field for our key."""

from sqlalchemy import Connection, bindparam, select, update

from crm_loop.store.tables import crm, work


def name_own(connection: Connection, organisation: str, name: str) -> int:
    """Give pulled to-dos of one account the keys under which we wrote them; returns how many.

    Where our key stands in a field it came with the record; elsewhere the ledger knows the ids.
    """
    task, write = crm.task, work.write
    here = task.c.organisation == organisation, task.c.connection == name
    query = (
        select(task.c.id, write.c.key)
        .join(
            write,
            (write.c.organisation == task.c.organisation)
            & (write.c.connection == task.c.connection)
            & (write.c.crm_id == task.c.id),
        )
        .where(*here, task.c.key.is_(None))
    )
    found = [{"its_id": id_, "its_key": key} for id_, key in connection.execute(query)]
    if found:
        own = update(task).where(*here, task.c.id == bindparam("its_id"))
        connection.execute(own.values(key=bindparam("its_key")), found)
    return len(found)
