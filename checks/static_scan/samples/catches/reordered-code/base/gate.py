def open_gate(role):
    return role == "admin"
