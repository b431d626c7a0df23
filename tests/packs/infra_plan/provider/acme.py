"""The provider ``registry.acme.test/acme/acme``: run by its path, it serves plugin protocol 5 or 6.

It has a database, a bucket, a DNS record, a server and a data source. Every call that would
reach a cloud fails: a replay must never let one through. ``ACME_CRASH`` and ``ACME_HANG`` in
its own path's folder (files of that name) make a plan crash or hang.
"""

import json
import os
import sys
import tempfile
import threading
import time
from concurrent import futures
from pathlib import Path

import grpc

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))
from checks.infra_plan.guest.wire import messagepack
from checks.infra_plan.guest.wire.protobuf import encode, fields, last

HERE = Path(sys.argv[-1]).parent
REQUIRED, OPTIONAL, COMPUTED, SENSITIVE = 4, 5, 6, 7
S, N, B = "string", "number", "bool"
# name: (type, flags, forces replacement)
TYPES = {
    "acme_network": {"cidr": (S, (REQUIRED,), True), "id": (S, (COMPUTED,), False)},
    "acme_database": {
        "name": (S, (REQUIRED,), True),
        "engine_version": (S, (REQUIRED,), False),
        "storage_gb": (N, (REQUIRED,), False),
        "allocated_zone": (S, (OPTIONAL, COMPUTED), True),
        "network_id": (S, (OPTIONAL,), True),
        "password": (S, (OPTIONAL, SENSITIVE), True),
        "deletion_protection": (B, (OPTIONAL,), False),
        "subnets": (["list", S], (OPTIONAL,), True),
        "tags": (["map", S], (OPTIONAL,), False),
        "id": (S, (COMPUTED,), False),
        "endpoint": (S, (COMPUTED,), False),
        "port": (N, (COMPUTED,), False),
        "replica_ids": (["list", S], (COMPUTED,), False),
    },
    "acme_bucket": {
        "name": (S, (REQUIRED,), True),
        "acl": (S, (OPTIONAL,), False),
        "labels": (["set", S], (OPTIONAL, COMPUTED), False),
        "id": (S, (COMPUTED,), False),
        "arn": (S, (COMPUTED,), False),
    },
    "acme_dns_record": {
        "name": (S, (REQUIRED,), True),
        "value": (S, (REQUIRED,), False),
        "ttl": (N, (OPTIONAL,), False),
        "id": (S, (COMPUTED,), False),
    },
    "acme_server": {
        "image": (S, (REQUIRED,), True),
        "size": (S, (OPTIONAL,), False),
        "user_data": (S, (OPTIONAL,), True),
        "anything": ("dynamic", (OPTIONAL,), True),
        "id": (S, (COMPUTED,), False),
    },
}

TYPES["aws_security_group"] = {"name": (S, (OPTIONAL,), True), "id": (S, (COMPUTED,), False)}
INGRESS = {
    "from_port": (N, (OPTIONAL,), False), "to_port": (N, (OPTIONAL,), False), "protocol": (S, (OPTIONAL,), False),
    "cidr_blocks": (["list", S], (OPTIONAL,), False),
}  # fmt: skip
DATA = {
    "acme_image": {
        "filter": (S, (REQUIRED,), False),
        "id": (S, (COMPUTED,), False),
        "zones": (["list", S], (COMPUTED,), False),
    }
}


def block(attributes, nested=()):
    """A Schema.Block message."""
    fields_ = [
        (2, encode([(1, name), (2, json.dumps(kind)), *((flag, 1) for flag in flags)]))
        for name, (kind, flags, _) in attributes.items()
    ]
    return encode([*fields_, *((3, encode([(1, name), (2, inner), (3, 2)])) for name, inner in nested)])


def schema(attributes, nested=()):
    return encode([(1, 1), (2, block(attributes, nested))])


def schemas():
    """A GetProviderSchema.Response message."""
    resources = [
        (
            2,
            encode(
                [(1, name), (2, schema(attributes, [("ingress", block(INGRESS))] if "group" in name else ()))]
            ),
        )
        for name, attributes in TYPES.items()
    ]
    data = [(3, encode([(1, name), (2, schema(attributes))])) for name, attributes in DATA.items()]
    unused = [(2, encode([(1, f"acme_unused_{n}"), (2, schema(TYPES["acme_bucket"]))])) for n in range(300)]
    provider = schema({"token": (S, (OPTIONAL, SENSITIVE), False), "region": (S, (OPTIONAL,), False)})
    optional = (6, encode([(2, 1)]))  # it need not be asked for its schema before anything else
    return encode([(1, provider), *resources, *unused, *data, optional])


def value(dynamic):
    parts = last(dynamic)
    return messagepack.unpack(parts[1]) if parts.get(1) else None


def dynamic(content):
    return encode([(1, messagepack.pack(content))])


def failing(number):
    """A response whose only diagnostic is an error in a field."""
    return encode([(number, encode([(1, 1), (2, "no network"), (3, "dial tcp api.acme.test:443")]))])


def plan(request):
    """PlanResourceChange: computed values are unknown on creation, kept on a change."""
    parts = last(request)
    attributes = TYPES[parts[1].decode()]
    prior, proposed = value(parts[2]), value(parts[3])
    if proposed is None:
        return encode([(1, parts[3])])
    if (HERE / "ACME_CRASH").exists():
        os._exit(7)
    if (HERE / "ACME_HANG").exists():
        time.sleep(600)
    replaces = []
    for name, (_, flags, forces) in attributes.items():
        if prior is None and COMPUTED in flags and proposed.get(name) is None:
            proposed[name] = messagepack.Unknown
        if prior is not None and forces and prior.get(name) != proposed.get(name):
            replaces.append((2, encode([(1, encode([(1, name)]))])))
    return encode([(1, dynamic(proposed)), *replaces])


def upgraded(request):
    """UpgradeResourceState: the JSON of the state as it came."""
    raw = json.loads(last(last(request)[3])[1])
    return encode([(1, dynamic(typed(raw, TYPES[last(request)[1].decode()])))])


def typed(raw, attributes):
    content = {name: raw.get(name) for name in attributes}
    for name, (kind, _, _) in attributes.items():
        if kind == "dynamic" and isinstance(content[name], dict):
            content[name] = [json.dumps(content[name]["type"]).encode(), content[name]["value"]]
    return content | {name: raw[name] for name in raw if name not in attributes}


def answer(method, request):
    name = method.rsplit("/", 1)[1]
    if name in ("GetSchema", "GetProviderSchema"):
        return schemas()
    if name == "PlanResourceChange":
        return plan(request)
    if name == "UpgradeResourceState":
        return upgraded(request)
    if name == "PrepareProviderConfig":
        return encode([(1, last(request)[1])])
    if name in ("Configure", "ConfigureProvider"):
        return failing(1)
    if name in ("ReadDataSource", "ReadResource", "ImportResourceState"):
        return failing(2)
    if name == "ApplyResourceChange":
        (HERE / "APPLIED").touch()
        return failing(3)
    return b""


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        method = details.method
        if not method.startswith("/tfplugin"):
            return None
        return grpc.unary_unary_rpc_method_handler(
            lambda request, _: answer(method, request), lambda b: b, lambda b: b
        )


def main():
    server = grpc.server(futures.ThreadPoolExecutor(8), handlers=[Handler()])
    path = f"{tempfile.mkdtemp()}/s.sock"
    server.add_insecure_port(f"unix:{path}")
    server.start()
    version = 5 if (HERE / "ACME_FIVE").exists() else 6
    print(f"1|{version}|unix|{path}|grpc|", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    assert list(fields(b"")) == []
    main()
