"""What a forked child does must not reach the test that goes on in its parent."""

import os
import sqlite3
import subprocess

import pytest


def child(guest, action, wall=10):
    """Run an action in a child that is kept apart, as in the sandbox; its answer."""
    undo = guest("guest.inplace.undo")
    keeper = undo.Undo()

    def apart(descriptor):
        try:
            keeper.begin(descriptor)
            answer = action()
        except undo.Refused as refused:
            return {"refused": str(refused)}
        return {"answer": answer, "refused": keeper.refused}

    try:
        return guest("guestlib.forked").answer_of(apart, wall, 3)
    finally:
        keeper.take_back()


def test_files_are_as_they_were(guest, tmp_path):
    (tmp_path / "old").write_text("before")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner").write_text("kept")

    def action():
        (tmp_path / "old").write_text("after, and longer")
        (tmp_path / "new").write_text("fresh")
        (tmp_path / "made").mkdir()
        os.remove(tmp_path / "folder" / "inner")
        os.rmdir(tmp_path / "folder")
        os.rename(tmp_path / "old", tmp_path / "elsewhere")
        return sorted(os.listdir(tmp_path))

    assert child(guest, action)["answer"] == ["elsewhere", "made", "new"]
    assert sorted(os.listdir(tmp_path)) == ["folder", "old"]
    assert (tmp_path / "old").read_text() == "before"
    assert (tmp_path / "folder" / "inner").read_text() == "kept"


def test_an_open_file_keeps_its_content_and_its_place(guest, tmp_path):
    place = tmp_path / "log"
    place.write_text("0123456789")
    with place.open("r+") as stream:
        stream.seek(4)

        def action():
            stream.write("xx")
            stream.flush()
            stream.seek(0)
            return stream.read()

        assert child(guest, action)["answer"] == "0123xx6789"
        assert stream.tell() == 4
        assert stream.read() == "456789"


def test_a_database_in_a_file_keeps_its_rows(guest, tmp_path):
    connection = sqlite3.connect(tmp_path / "notes.db")
    connection.execute("create table note (text)")
    connection.execute("insert into note values ('one')")
    connection.commit()

    def action():
        connection.execute("insert into note values ('two')")
        connection.commit()
        return connection.execute("select count(*) from note").fetchone()[0]

    assert child(guest, action)["answer"] == 2
    assert connection.execute("select text from note").fetchall() == [("one",)]
    assert sorted(os.listdir(tmp_path)) == ["notes.db"]
    connection.close()


@pytest.mark.parametrize(
    "action",
    [
        lambda: subprocess.run(["true"], check=False).returncode,
        lambda: os.system("true"),
        lambda: os.kill(os.getppid(), 0),
        lambda: os.fork(),
    ],
    ids=["process", "shell", "signal", "fork"],
)
def test_what_cannot_be_taken_back_is_refused(guest, action):
    assert child(guest, action)["refused"]


def test_a_refusal_that_is_swallowed_still_counts(guest):
    def action():
        try:
            os.system("true")
        except BaseException:
            return "swallowed"

    assert child(guest, action)["refused"] == "os.system"


def test_a_child_that_ends_itself_has_no_answer(guest):
    assert child(guest, lambda: os._exit(0)) is None


def test_a_child_that_sleeps_is_late(guest):
    import time

    assert child(guest, lambda: time.sleep(60), wall=0.3) == {"late": True}


def test_closed_descriptors_do_not_keep_the_answer_back(guest):
    def action():
        for number in (0, 1, 2):
            os.close(number)
        return "here"

    assert child(guest, action)["answer"] == "here"
