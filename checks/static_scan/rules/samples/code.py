import asyncio
import contextlib
import os
import sys
import time
from datetime import datetime, timezone

import urllib3


def swallowed(path):
    try:
        os.remove(path)
    # catches: py-swallowed-error
    except Exception:
        pass
    try:
        os.remove(path)
    # catches: py-swallowed-error
    except (OSError, Exception) as error:  # noqa: F841
        # not important
        pass
    finally:
        print("done")
    # catches: py-swallowed-error
    with contextlib.suppress(Exception):
        os.remove(path)


def expected(path):
    try:
        os.remove(path)
    # passes: py-swallowed-error, py-error-becomes-default
    except FileNotFoundError:
        pass
    try:
        os.remove(path)
    # passes: py-swallowed-error, py-error-becomes-default
    except Exception as error:
        raise RuntimeError(path) from error
    # passes: py-swallowed-error
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


def becomes_default(path):
    try:
        return open(path).read()
    # catches: py-error-becomes-default
    except Exception:
        return None


def is_number(text):
    try:
        int(text)
    # passes: py-error-becomes-default
    except Exception:
        return False
    return True


def found_or_none(table, key):
    try:
        return table[key]
    # passes: py-error-becomes-default
    except KeyError:
        return None


def dropped():
    try:
        return 1 / 0
    finally:
        # catches: py-return-in-finally
        return 0


def kept():
    try:
        return 1
    finally:
        # passes: py-return-in-finally
        print("done")


# catches: py-shared-default
def collect(item, items=[]):
    items.append(item)
    return items


# passes: py-shared-default
def joined(item, items=[]):
    return [*items, item]


async def waits():
    # catches: py-blocking-in-async
    time.sleep(1)
    # passes: py-blocking-in-async
    await asyncio.sleep(1)


# catches: py-knows-tests
UNDER_TEST = "pytest" in sys.modules
# passes: py-knows-tests
HAS_NUMPY = "numpy" in sys.modules


def buttons(names, bar):
    for name in names:
        # catches: py-late-loop-name
        bar.append(lambda: print(name))
        # passes: py-late-loop-name
        bar.append(lambda name=name: print(name))


# catches: py-naive-utc
NOW = datetime.utcnow()
# passes: py-naive-utc
AWARE = datetime.now(timezone.utc)


def identity(state, count):
    # catches: py-compared-by-identity
    first = state is "open"
    # catches: py-compared-by-identity
    second = count is 3
    # passes: py-compared-by-identity
    return first, second, state is None, count == 3


def money(row, text):
    # catches: py-money-as-float
    price = float(row.price)
    # passes: py-money-as-float
    return price, float(text)


def asserts(total):
    # catches: py-condition-is-tuple
    assert (total == 3, "three")
    # passes: py-condition-is-tuple
    assert total == 3, "three"


# catches: py-hides-warnings-of-tls
urllib3.disable_warnings()
# passes: py-hides-warnings-of-tls
urllib3.make_headers(keep_alive=True)
