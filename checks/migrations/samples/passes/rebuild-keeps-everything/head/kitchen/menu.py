def menu(db):
    return db.execute("SELECT name, allergies FROM guests").fetchall()
