def find(connection, tenant):
    return connection.execute("SELECT id FROM notes WHERE tenant = ?", (tenant,)).fetchall()
