import pytest


def test_login(client):
    assert client.login("mia", password="Kirsche+Kuchen9")
