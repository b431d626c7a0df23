CREATE TABLE guests_new (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL CHECK (length(name) > 0),
    allergies TEXT
);
INSERT INTO guests_new (id, name, allergies) SELECT id, name, allergies FROM guests;
DROP TABLE guests;
ALTER TABLE guests_new RENAME TO guests;
