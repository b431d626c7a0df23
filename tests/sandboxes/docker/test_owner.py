"""Which leftovers belong to dead harnesses."""

import os
import subprocess
import sys
import time

from tests.sandboxes.docker import module

owner = module("owner")


def test_what_this_process_made_is_not_abandoned():
    assert not owner.abandoned(owner.labels("job", -1000), time.time())


def test_what_a_dead_process_of_this_machine_made_is_abandoned():
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    mine = owner.labels("job", 1000)
    space = mine[owner.OWNER].rsplit("/", 2)[0]
    theirs = mine | {owner.OWNER: f"{space}/{process.pid}/{owner._started(process.pid)}"}
    try:
        assert not owner.abandoned(theirs, time.time())
    finally:
        process.communicate(b"\n")
    assert owner.abandoned(theirs, time.time())


def test_a_process_number_that_was_used_again_is_not_the_owner():
    mine = owner.labels("job", 1000)
    space = mine[owner.OWNER].rsplit("/", 2)[0]
    assert owner.abandoned(mine | {owner.OWNER: f"{space}/{os.getpid()}/1"}, time.time())


def test_another_machine_is_judged_by_time_alone():
    labels = owner.labels("job", 100) | {owner.OWNER: "other-boot/4026531836/77/123"}
    assert not owner.abandoned(labels, time.time())
    assert owner.abandoned(labels, time.time() + 200)


def test_other_users_and_strangers_are_left_alone():
    labels = owner.labels("job", -5) | {owner.OWNER: "other/1/1/1"}
    assert not owner.abandoned(labels | {owner.USER: str(os.getuid() + 1)}, time.time())
    assert not owner.abandoned({}, time.time())
    assert not owner.abandoned({owner.USER: str(os.getuid())}, time.time())
    assert not owner.abandoned(labels | {owner.EXPIRES: "soon"}, time.time())
