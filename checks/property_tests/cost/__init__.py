"""How the work of changed functions grows on base and on head."""
