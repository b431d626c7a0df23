"""What the services of head's Compose file no longer keep, or newly may do, compared with base's."""

import posixpath
import re
from collections.abc import Iterator

from harness.check.interface import Severity

from .compose import Mount, Port, Project, Service
from .hazard import Hazard

STORES = re.compile(
    r"postgres|postgis|timescale|mysql|mariadb|percona|mongo|redis|valkey|keydb|elasticsearch|opensearch|couchdb|cassandra"
    r"|clickhouse|influxdb|neo4j|minio|rabbitmq|kafka|etcd|vault|mssql|cockroach|memcached|solr|consul|registry|gitea|nexus"
)
STORE_PORTS = frozenset([
    "5432", "3306", "6379", "27017", "9200", "9300", "2379", "5984", "9042", "11211", "1433", "9092", "2375", "8123",
    "5672", "7687", "8086",
])  # fmt: skip
CACHES = re.compile(r"cache|tmp|temp|node_modules|\.venv|venv|logs?(?:/|$)|build|dist|__pycache__|sock", re.I)
OWNING = re.compile(
    r"^(?:/|/etc|/root|/home|/proc|/dev|/sys|/boot|/var|/var/lib|/var/lib/docker|(?:/var)?/run"
    r"|(?:/var)?/run/(?:docker|podman|containerd)(?:/[\w.]+)?\.sock)$"
)
CAPABILITIES = frozenset(
    ["ALL", "SYS_ADMIN", "SYS_PTRACE", "SYS_MODULE", "DAC_READ_SEARCH", "NET_ADMIN", "BPF", "SYS_RAWIO"]
)
LOCAL = re.compile(r"^(?:127\.|::1$|localhost$)")
OPEN_ACCESS = {
    "POSTGRES_HOST_AUTH_METHOD": "trust", "MYSQL_ALLOW_EMPTY_PASSWORD": "", "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD": "",
    "ALLOW_EMPTY_PASSWORD": "yes", "xpack.security.enabled": "false", "DISABLE_SECURITY_PLUGIN": "true",
}  # fmt: skip
_MAJOR = re.compile(r":(\d+)")
_INPLACE = re.compile(r"^(?:postgres|postgis|timescaledb?|pgvector)$")


def hazards_of(base: Project, head: Project) -> Iterator[Hazard]:
    """Dangers of each service that both sides have, and rights of new ones."""
    for name, after in head.services.items():
        before = base.services.get(name)
        if before is not None:
            yield from _lost(before, after, base, head)
            yield from _doors(before, after)
            yield from _newer_store(before, after)
        yield from _rights(before, after)


def _lost(before: Service, after: Service, base: Project, head: Project) -> Iterator[Hazard]:
    """Data that lay outside of the container and would now lie in it, or elsewhere."""
    if before.product != after.product:
        return  # another program: where it keeps its data is another question
    store = bool(STORES.search(after.product))
    for mount in before.mounts:
        if not _keeps(mount, store):
            continue
        covering = [one for one in after.mounts if _covers(one, mount)]
        now = max(covering, key=lambda one: len(one.target), default=None)
        if now is None:
            where, how = after.line, f"nothing is mounted at {mount.target} any more"
        elif now.kind == "tmpfs":
            where, how = now.line, f"{mount.target} lies in memory"
        elif now.target != mount.target or _place(now, head) != _place(mount, base):
            where, how = now.line, f"{now.target} is {now.source or 'a nameless volume'}"
        else:
            continue
        yield Hazard(
            "containers-data-not-kept", "high" if store else "medium", f"{after.name} {mount.target}",
            f"Service {after.name} no longer keeps {mount.target}",
            f"On base, {mount.source} holds what {after.name} writes to {mount.target}; on head {how}. The service "
            "starts with nothing there, and what it writes from then on may go with its container.",
            "Keep the mount; to move data to another volume, copy it over first.", where, after.name,
        )  # fmt: skip


def _keeps(mount: Mount, store: bool) -> bool:
    """Whether a mount holds data. Paths of the checkout are code or configuration, unless a store writes there."""
    if not mount.writable or not mount.source or CACHES.search(mount.target) or mount.kind == "tmpfs":
        return False
    if mount.kind == "volume":
        return not CACHES.search(mount.source)
    return store and not posixpath.splitext(mount.target)[1] and "init" not in mount.target


def _covers(one: Mount, lost: Mount) -> bool:
    return one.target == lost.target or lost.target.startswith(one.target.rstrip("/") + "/")


def _place(mount: Mount, project: Project) -> str:
    return (
        project.volumes.get(mount.source, mount.source)
        if mount.kind == "volume"
        else mount.source.rstrip("/")
    )


def _newer_store(before: Service, after: Service) -> Iterator[Hazard]:
    """PostgreSQL does not start on the files of another major version."""
    if before.product != after.product or not _INPLACE.match(after.product):
        return
    old, new = _MAJOR.search(before.image), _MAJOR.search(after.image)
    if old and new and old[1] != new[1] and any(_keeps(mount, store=True) for mount in after.mounts):
        yield Hazard(
            "containers-store-version", "medium", f"{after.name} version",
            f"Service {after.name} goes from {before.image} to {after.image} on the same files"[:150],
            f"The files that version {old[1]} wrote cannot be used by version {new[1]}: the service does not start "
            "until they are dumped and restored, or upgraded.",
            "Say in the change how the data gets over (pg_dumpall and restore, pg_upgrade).",
            after.node["image"].line, after.name, certainty="conditional",
        )  # fmt: skip


def _doors(before: Service, after: Service) -> Iterator[Hazard]:
    known = {port.target for port in before.ports if not LOCAL.match(port.host)}
    for port in after.ports:
        if port.target in known or LOCAL.match(port.host) or not _is_store(port, after):
            continue
        yield Hazard(
            "containers-exposed", "medium", f"{after.name} port {port.target}",
            f"Service {after.name} is published at port {port.target} on every address",
            f"Port {port.target} of {after.name} becomes reachable from outside of the host; rules that Docker writes "
            "go before those of most firewalls.",
            f"Leave it to the services' own network, or bind it to 127.0.0.1 (127.0.0.1:{port.target}:{port.target}).",
            port.line, after.name, cwe=("CWE-284",),
        )  # fmt: skip
    for name, value in OPEN_ACCESS.items():
        now = after.environment.get(name)
        if now and before.environment.get(name) != now and now.lower() not in ("0", "no"):
            if value and now.lower().strip("\"'") not in (value, "true"):
                continue
            yield Hazard(
                "containers-exposed", "medium", f"{after.name} {name}",
                f"Service {after.name} lets everyone in: {name}={now}"[:150],
                f"{name}={now} turns the password of {after.name} off.", "Give it a password from a secret.",
                after.node.line_of("environment"), after.name, cwe=("CWE-306",),
            )  # fmt: skip


def _is_store(port: Port, service: Service) -> bool:
    return port.target in STORE_PORTS or bool(STORES.search(service.product))


def _rights(before: Service | None, after: Service) -> Iterator[Hazard]:
    known = {key for key, _, _, _ in _powers(before)} if before else set()
    for key, severity, says, line in _powers(after):
        if key not in known:
            yield Hazard(
                "containers-host-access", severity, f"{after.name} {key}", f"Service {after.name}: {says}",
                f"Newly, {says}. Whoever takes over the container has it too.",
                "Leave it out, or name the least that it needs.", line, after.name, cwe=("CWE-250",),
            )  # fmt: skip
    if before and before.node["user"].plain.partition(":")[0] not in ("", "0", "root"):
        user = after.node["user"]
        if user.plain.partition(":")[0] in ("", "0", "root"):
            yield Hazard(
                "containers-host-access", "medium", f"{after.name} user", f"Service {after.name} may run as root",
                f"Base runs it as {before.node['user'].plain}, head as {user.plain or 'whoever its image says'}.",
                "Keep the user.", user.line if user.text else after.line, after.name, cwe=("CWE-250",),
            )  # fmt: skip


def _powers(service: Service) -> Iterator[tuple[str, Severity, str, int]]:
    """(key, severity, what it says, line) of each power over the host."""
    node = service.node
    if node["privileged"].plain.lower() == "true":
        yield "privileged", "high", "it is privileged: root on the host", node.line_of("privileged")
    for name, severity in (
        ("pid", "high"),
        ("network_mode", "medium"),
        ("ipc", "medium"),
        ("userns_mode", "medium"),
    ):
        if node[name].plain == "host":
            yield (
                name,
                "high" if severity == "high" else "medium",
                f"{name} is the host's own",
                node.line_of(name),
            )
    for one in node["cap_add"].items:
        word = one.plain.upper().removeprefix("CAP_")
        if word in CAPABILITIES:
            grave = word in ("ALL", "SYS_ADMIN", "SYS_MODULE")
            yield f"cap {word}", "high" if grave else "medium", f"it gets the capability {word}", one.line
    for one in node["security_opt"].items:
        if re.search(r"(?:seccomp|apparmor|label)[:=](?:unconfined|disable)", one.plain):
            yield f"security {one.plain}", "medium", f"{one.plain}: a guard is off", one.line
    for mount in service.mounts:
        if mount.kind == "bind" and OWNING.match(mount.source.rstrip("/") or "/"):
            grave = mount.writable or mount.source.endswith(".sock")
            says = f"it reaches {mount.source} of the host"
            yield f"mount {mount.source}", "high" if grave else "medium", says, mount.line
