"""Where uploads go."""

import json


def target(path):
    with open(path, encoding="utf-8") as stream:
        return json.load(stream)["bucket"]
