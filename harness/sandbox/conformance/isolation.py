"""What a job may not see and may not change."""

import os
import subprocess
from pathlib import Path

from harness.sandbox.conformance.world import World, behaviour, equal, expect, refused, says, succeeded

SECRET = "conformance-secret-7f3a"  # noqa: S105 - a marker that must not be found inside


@behaviour("isolation: the job is an ordinary user")
def ordinary_user(world: World) -> None:
    says(
        world.python("import os; print(os.getuid() != 0, os.geteuid() != 0, os.getgid() != 0)"),
        "True True True",
    )


@behaviour("isolation: there are no capabilities")
def no_capabilities(world: World) -> None:
    result = succeeded(world.shell("grep -i '^cap' /proc/self/status"))
    values = {line.split()[0]: int(line.split()[1], 16) for line in result.stdout.decode().splitlines()}
    expect(not any(values[name] for name in ("CapPrm:", "CapEff:", "CapAmb:", "CapInh:")), f"{values}")


@behaviour("isolation: no new privileges can be gained")
def no_new_privileges(world: World) -> None:
    says(world.shell("grep NoNewPrivs /proc/self/status | tr -d '[:space:]'"), "NoNewPrivs:1")


@behaviour("isolation: a system-call filter is in force")
def filtered(world: World) -> None:
    says(world.shell("grep '^Seccomp:' /proc/self/status | tr -d '[:space:]'"), "Seccomp:2")


@behaviour("isolation: files of the host are not there")
def host_files(world: World) -> None:
    secret = world.folder / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    refused(world.run("cat", str(secret)), "reading a file of the host")


@behaviour("isolation: other users' homes and system secrets are not there")
def system_secrets(world: World) -> None:
    for path in ("/etc/shadow", "/root/.ssh", "/root/.bashrc", "/var/log", "/var/run/docker.sock", "/run/docker.sock",
                 "/boot", "/etc/ssh", str(Path.home() / ".ssh"), "/proc/kcore", "/sys/firmware/efi"):  # fmt: skip
        refused(
            world.shell(f"head -c 1 {path} 2>/dev/null | grep -q . || ls {path}/* >/dev/null"),
            f"seeing {path}",
        )


@behaviour("isolation: the host's environment is not there")
def environment(world: World) -> None:
    os.environ["CONFORMANCE_SECRET"] = SECRET
    try:
        result = succeeded(world.shell("env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; true"))
    finally:
        del os.environ["CONFORMANCE_SECRET"]
    expect(SECRET.encode() not in result.stdout, "a variable of the host was visible")


@behaviour("isolation: given variables are there and override the defaults")
def given_environment(world: World) -> None:
    variables = {"CONFORMANCE": "a b\n=ü", "TZ": "Asia/Tokyo"}
    code = "import os; print(ascii(os.environ['CONFORMANCE']), os.environ['TZ'])"
    says(world.python(code, env=variables), "'a b\\n=\\xfc' Asia/Tokyo")


@behaviour("isolation: processes of the host are not visible")
def processes(world: World) -> None:
    marker = subprocess.Popen(["sleep", "61.7"])
    try:
        result = succeeded(world.shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
    finally:
        marker.kill()
        marker.wait()
    expect(b"61.7" not in result.stdout, "a process of the host was visible")


@behaviour("isolation: processes of the host cannot be signalled")
def signals(world: World) -> None:
    code = f"import os\ntry:\n  os.kill({os.getpid()}, 0); print('reached')\nexcept OSError as e: print('refused')"
    says(world.python(code), "refused")


@behaviour("isolation: two jobs do not see each other")
def between_jobs(world: World) -> None:
    with world.driver.start(world.job(["sleep", "62.3"])):
        result = succeeded(world.shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '"))
    expect(b"62.3" not in result.stdout, "a process of another job was visible")


@behaviour("isolation: system folders are read-only")
def read_only(world: World) -> None:
    for path in (
        "/",
        "/usr",
        "/usr/bin",
        "/etc",
        "/bin",
        "/lib",
        "/opt",
        "/guest",
        "/in",
        "/support",
        "/dev",
        "/proc",
        "/sys",
    ):
        refused(world.shell(f"touch {path}/conformance-written"), f"writing to {path}")


@behaviour("isolation: the host name is not the host's")
def host_name(world: World) -> None:
    result = succeeded(world.python("import socket; print(socket.gethostname())"))
    expect(result.stdout.decode().strip() != os.uname().nodename, "the host's name is visible")


@behaviour("isolation: only harmless devices are there")
def devices(world: World) -> None:
    code = (
        "import os, stat; "
        "print(sorted(n for n in os.listdir('/dev') if stat.S_ISBLK(os.lstat('/dev/' + n).st_mode)))"
    )
    says(world.python(code), "[]")
    says(
        world.shell(
            "for d in mem kmem port sda vda kvm fuse loop-control net/tun; do test -e /dev/$d && echo $d; done; true"
        ),
        "",
    )


@behaviour("isolation: the usual devices work")
def usual_devices(world: World) -> None:
    says(
        world.shell("echo x > /dev/null; head -c 4 /dev/urandom | wc -c; head -c 3 /dev/zero | wc -c"), "4\n3"
    )


@behaviour("isolation: device nodes cannot be made")
def make_device(world: World) -> None:
    code = (
        "import os, stat\n"
        "try:\n"
        "  os.mknod('/tmp/d', 0o666 | stat.S_IFBLK, os.makedev(8, 0)); print('made')\n"
        "except OSError: print('refused')"
    )
    says(world.python(code), "refused")


@behaviour("isolation: kernel settings cannot be changed")
def kernel_settings(world: World) -> None:
    for path in (
        "/proc/sys/kernel/core_pattern",
        "/proc/sysrq-trigger",
        "/proc/sys/vm/drop_caches",
        "/proc/sys/kernel/hostname",
    ):
        refused(world.shell(f"echo 1 > {path}"), f"writing {path}")


@behaviour("isolation: the locale, time zone and hash seed are fixed")
def fixed(world: World) -> None:
    code = "import time, sys; print(time.tzname[0], sys.getfilesystemencoding(), hash('x'))"
    first, second = world.python(code), world.python(code)
    equal(succeeded(first).stdout, succeeded(second).stdout, "second run")
    expect(first.stdout.startswith(b"UTC utf-8"), f"{first.stdout!r}")


@behaviour("isolation: the user has a name and a home")
def user_name(world: World) -> None:
    says(world.python("import pwd, os; print(pwd.getpwuid(os.getuid()).pw_dir.startswith('/'))"), "True")
