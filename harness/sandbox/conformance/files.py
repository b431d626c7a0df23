"""Inputs, guest code, tools and the output folder."""

import shutil
from pathlib import Path

from harness.sandbox.conformance.world import World, behaviour, equal, expect, refused, says, succeeded


@behaviour("files: input files are readable below /in")
def input_files(world: World) -> None:
    files = {"one": b"1", "deep/er/two": bytes(range(256))}
    code = "import hashlib; print(open('/in/one').read(), len(open('/in/deep/er/two', 'rb').read()))"
    says(world.python(code, files=files), "1 256")


@behaviour("files: input is read-only")
def input_read_only(world: World) -> None:
    refused(world.shell("echo x > /in/one", files={"one": b"1"}), "writing to an input file")
    refused(world.shell("rm /in/one", files={"one": b"1"}), "removing an input file")
    refused(world.shell("echo x > /in/new", files={"one": b"1"}), "adding an input file")


@behaviour("files: a mounted folder is readable and read-only")
def mounts(world: World) -> None:
    folder = world.make_tree({"a/b": "text"})
    says(world.shell("cat /in/data/a/b", mounts={"data": folder}), "text")
    refused(world.shell("echo x > /in/data/a/b", mounts={"data": folder}), "writing to a mounted folder")
    equal((folder / "a/b").read_text(), "text", "the host's file")


@behaviour("files: guest code is readable and read-only")
def guest(world: World) -> None:
    folder = world.make_tree({"hello.py": "print('hello')"})
    says(world.run("{python}", "/guest/pack/hello.py", guest={"pack": folder}), "hello")
    refused(world.shell("echo x > /guest/pack/hello.py", guest={"pack": folder}), "writing to guest code")


@behaviour("files: two guest folders lie side by side")
def two_guests(world: World) -> None:
    folder = world.make_tree({"a/x": "ax", "b/x": "bx"})
    guests = {"a": folder / "a", "b": folder / "b"}
    says(world.shell("cat /guest/a/x /guest/b/x", guest=guests), "axbx")


@behaviour("files: a tool of the host can be run")
def tools(world: World) -> None:
    program = Path(shutil.which("cat") or "/bin/cat")
    result = world.shell("echo text | /opt/tools/cat", tools=[program])
    says(result, "text")


@behaviour("files: regular files of /out are handed back")
def output(world: World) -> None:
    result = succeeded(world.shell("echo -n a > /out/a; mkdir -p /out/d/e; echo -n b > /out/d/e/b"))
    equal(dict(result.files), {"a": b"a", "d/e/b": b"b"}, "files")


@behaviour("files: output is handed back after a failure too")
def output_after_failure(world: World) -> None:
    equal(dict(world.shell("echo -n a > /out/a; exit 3").files), {"a": b"a"}, "files")


@behaviour("files: output is handed back after a limit too")
def output_after_limit(world: World) -> None:
    result = world.shell("echo -n a > /out/a; sleep 60", limits={"wall_seconds": 2})
    equal(dict(result.files), {"a": b"a"}, "files")


@behaviour("files: links in /out are not followed")
def output_links(world: World) -> None:
    result = succeeded(
        world.shell("ln -s /etc/passwd /out/s; ln -s / /out/root; echo x > /out/x; ln /out/x /out/y")
    )
    equal(dict(result.files), {}, "files")
    expect(len(result.left_out) >= 3, f"left out: {result.left_out}")


@behaviour("files: pipes and sockets in /out are left out")
def output_special(world: World) -> None:
    code = "import os, socket; os.mkfifo('/out/p'); socket.socket(socket.AF_UNIX).bind('/out/s')"
    equal(dict(succeeded(world.python(code)).files), {}, "files")


@behaviour("files: output is bounded in number")
def output_number(world: World) -> None:
    code = "for n in range(200): open(f'/out/{n}', 'w').close()"
    result = succeeded(world.python(code, limits={"collect_files": 50}))
    expect(len(result.files) <= 50 and result.left_out, f"{len(result.files)} files, {result.left_out}")


@behaviour("files: output is bounded in size")
def output_size(world: World) -> None:
    code = "open('/out/big', 'wb').write(bytes(3 << 20)); open('/out/small', 'w').write('s')"
    result = succeeded(world.python(code, limits={"collect_bytes": 1 << 20}))
    equal(dict(result.files), {"small": b"s"}, "files")


@behaviour("files: names in /out cannot lead out of it")
def output_names(world: World) -> None:
    code = (
        "import os; open(b'/out/\\xff', 'w').close(); open('/out/a\\n"
        "b', 'w').close(); open('/out/ok', 'w').close()"
    )
    result = succeeded(world.python(code))
    equal(sorted(result.files), ["ok"], "files")


@behaviour("files: a deeply nested /out is survived")
def output_depth(world: World) -> None:
    code = (
        "import os\n"
        "os.chdir('/out')\n"
        "for _ in range(500):\n"
        "    os.mkdir('d'); os.chdir('d')\n"
        "open('f', 'w').close()"
    )
    expect(not succeeded(world.python(code)).files, "a file below 500 folders was taken")


@behaviour("files: /tmp is writable and private")
def private_tmp(world: World) -> None:
    succeeded(world.shell("echo x > /tmp/conformance-private && cat /tmp/conformance-private"))
    refused(world.shell("cat /tmp/conformance-private"), "seeing another job's file")
    expect(not Path("/tmp/conformance-private").exists(), "the job's file appeared on the host")  # noqa: S108


@behaviour("files: HOME and TMPDIR are writable")
def home(world: World) -> None:
    succeeded(world.shell('echo x > "$HOME/x" && echo x > "$TMPDIR/x"'))
    says(world.python("import os; print(os.environ['HOME'].startswith('/tmp'))"), "True")


@behaviour("files: programs can be written and run in /tmp")
def run_in_tmp(world: World) -> None:
    says(world.shell("printf '#!/bin/sh\\necho ran' > /tmp/p; chmod +x /tmp/p; /tmp/p"), "ran")


@behaviour("files: shared memory works")
def shared_memory(world: World) -> None:
    code = (
        "from multiprocessing import shared_memory as m; "
        "s = m.SharedMemory(create=True, size=4096); "
        "s.unlink(); "
        "print('ok')"
    )
    says(world.python(code), "ok")


@behaviour("files: support packages are importable from /support")
def support(world: World) -> None:
    code = "import os, sys; sys.path.append('/support'); import pytest, hypothesis, coverage; print('ok')"
    says(world.python(code), "ok")
