ORDERS = {"new": "id DESC", "old": "id ASC"}


def find(connection, tenant, ids=(), order="new"):
    where, values = ["tenant = ?"], [tenant]
    if ids:
        marks = ", ".join("?" for _ in ids)
        where.append(f"id IN ({marks})")
        values.extend(ids)
    statement = f"SELECT id FROM notes WHERE {' AND '.join(where)} ORDER BY {ORDERS[order]}"
    return connection.execute(statement, values).fetchall()
