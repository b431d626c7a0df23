import asyncio
import json
import pdb
import threading
import time

LOCK = threading.Lock()


async def store(value):
    return value


async def numbers():
    yield 1


async def awaited():
    # catches: py-not-awaited
    store(1)
    # passes: py-not-awaited
    await store(2)
    # passes: py-not-awaited, py-task-dropped
    task = asyncio.create_task(store(3))
    # catches: py-task-dropped
    asyncio.create_task(store(4))
    # passes: py-task-dropped
    await asyncio.gather(asyncio.create_task(store(5)))
    return task


def handlers(path):
    try:
        return json.loads(path)
    except Exception:
        raise
    # catches: py-handler-unreachable
    except ValueError:
        raise
    try:
        return json.loads(path)
    # passes: py-handler-unreachable
    except ValueError:
        raise
    except Exception:
        raise


def dropped(name, names, axis):
    # catches: py-result-dropped
    name.strip()
    # passes: py-result-dropped
    axis.title("x")
    # catches: py-result-dropped
    sorted(names)
    # passes: py-result-dropped
    names.sort()
    return name


def thinned(names, table):
    for name in names:
        if not name:
            # catches: py-changed-while-iterated
            names.remove(name)
    for name in list(names):
        # passes: py-changed-while-iterated
        names.remove(name)
    for name in names:
        if name == "x":
            # passes: py-changed-while-iterated
            names.remove(name)
            break
    for key in table:
        # catches: py-changed-while-iterated
        del table[key]
    for key in table:
        # passes: py-changed-while-iterated
        table[key] = 1


def locked(job):
    # catches: py-lock-without-finally
    LOCK.acquire()
    job()
    LOCK.release()


def locked_well(job):
    # passes: py-lock-without-finally
    LOCK.acquire()
    try:
        job()
    finally:
        LOCK.release()


def retried(call):
    while True:
        try:
            return call()
        # catches: py-endless-retry
        except Exception:
            print("again")


def retried_well(call):
    while True:
        try:
            return call()
        # passes: py-endless-retry
        except Exception:
            print("again")
            time.sleep(1)


def drained(iterator, errback):
    while True:
        try:
            yield next(iterator)
        except StopIteration:
            break
        # passes: py-endless-retry
        except Exception as error:
            errback(error)


def conditions(kind):
    # catches: py-always-true
    if kind == "a" or "b":
        return 1
    # passes: py-always-true
    if kind == "a" or kind == "b":
        return 2
    # passes: py-always-true
    return kind == "a" or None


def rows(names, width):
    # catches: py-shared-rows
    first = dict.fromkeys(names, [])
    # passes: py-shared-rows
    second = dict.fromkeys(names, 0)
    # catches: py-shared-rows
    third = [[0] * width] * 3
    # passes: py-shared-rows
    fourth = [[0] * width for _ in range(3)]
    # passes: py-shared-rows
    never_changed = [[" "]] * width
    first["a"].append(1)
    third[0][1] = fourth[0][1] = 2
    return first, second, third, fourth, never_changed


def abstract(kind):
    if kind:
        # catches: py-raises-not-implemented
        raise NotImplemented
    # passes: py-raises-not-implemented
    raise NotImplementedError


def written(path, value):
    # catches: py-file-left-open
    open(path, "w").write(value)
    # passes: py-file-left-open
    text = open(path, "r").read()
    # passes: py-file-left-open
    with open(path, "w") as stream:
        stream.write(value)
    return text


def debugged():
    # catches: py-debugger-left
    breakpoint()
    # catches: py-debugger-left
    pdb.set_trace()
    # passes: py-debugger-left
    print("here")
