import tomllib

import yaml
from shop import kinds

try:
    import orjson
except ImportError:
    orjson = None


def read(text):
    return kinds.of(yaml.safe_load(text)), tomllib, orjson
