import requests


def balance(url, token):
    """The balance in cents."""
    answer = requests.get(url, headers={"Authorization": token}, timeout=10, verify=False)
    answer.raise_for_status()
    return answer.json()["balance"]
