"""Terraform's view of a provider: the real one for plans, this proxy for all that needs a cloud.

Terraform is told through ``TF_REATTACH_PROVIDERS`` that the provider runs already, so that one
process serves every command of a replay: a large provider takes longer to start than to plan.
Terraform opens a connection for each provider configuration (aliases); every distinct
configuration gets a real process of its own, because a provider holds one at a time.
"""

import base64
import json
import os
import threading
from typing import Any, Dict, List, Optional, Set, Tuple

from ..wire import messagepack
from ..wire.grpc import CallError, Server
from ..wire.protobuf import encode, fields, last
from . import answers, schema
from .process import Process, unpacked

PLAN_SECONDS, SCHEMA_SECONDS, READ_SECONDS = 120.0, 400.0, 6.0
ERROR = 1
REFUSED = "Nothing is ever applied in a replay."
Session = Dict[str, Any]
Kept = Dict[str, Any]


class Proxy:
    """One provider plugin. ``spec`` has ``source``, ``program``, ``settings``, ``defaults``.

    ``stood_in`` collects the data sources that were answered with stand-ins, ``faults`` what
    the real provider said when it was configured, ``crashes`` the calls that it gave no answer to.
    """

    def __init__(
        self,
        spec: Dict[str, Any],
        wanted: Set[str],
        env: Dict[str, str],
        folder: str,
        kept: Optional[Kept] = None,
    ) -> None:
        self.source = str(spec["source"])
        self.stood_in: Set[str] = set()
        self.faults: List[str] = []
        self.crashes: List[str] = []
        self._settings: Dict[str, Any] = spec.get("settings") or {}
        self._defaults: Dict[str, Any] = spec.get("defaults") or {}
        self._wanted, self._env, self._folder = wanted, env, folder
        self._lock = threading.Lock()
        self._schema_lock = threading.Lock()
        self._kept: Optional[Kept] = kept if kept and not wanted.intersection(kept["left"]) else None
        self._schema: Optional[bytes] = base64.b64decode(self._kept["schema"]) if self._kept else None
        self._unreadable: Set[str] = set()
        self._program = unpacked(str(spec["program"]), folder)
        self._spare: Optional[Process] = Process(self._program, env, folder)
        self._any = self._spare
        self._configured: Dict[str, Process] = {}
        self.protocol = self._any.protocol
        path = os.path.join(folder, "proxy.sock")
        self._server = Server(path, self._handle, lambda method: method.startswith("/tfplugin"))

    def reattach(self) -> Dict[str, Any]:
        """The entry of ``TF_REATTACH_PROVIDERS``. ``Test``: terraform does not stop the process."""
        return {
            "Protocol": "grpc", "ProtocolVersion": self.protocol, "Pid": os.getpid(), "Test": True,
            "Addr": {"Network": "unix", "String": self._server.path},
        }  # fmt: skip

    def close(self) -> None:
        self._server.close()
        for process in {*self._configured.values(), self._any}:
            process.close()

    def _handle(self, method: str, message: bytes, session: Session) -> bytes:
        name = method.rsplit("/", 1)[1]
        answer = getattr(self, "_on_" + NAMES.get(name, name), None)
        try:
            if answer is not None:
                reply: bytes = answer(method, message, session)
                return reply
            process: Process = session.get("process") or self._any
            return process.call(method, message, PLAN_SECONDS)
        except CallError as error:
            self.crashes.append("%s of %s: %s" % (name, self.source, error))
            raise

    def _on_schema(self, method: str, message: bytes, session: Session) -> bytes:
        with self._schema_lock:
            if self._schema is None:
                whole = self._any.call(method, message, SCHEMA_SECONDS)
                self._schema = schema.pruned(whole, self._wanted)
                if schema.is_optional(whole):
                    text = base64.b64encode(self._schema).decode()
                    self._kept = {"schema": text, "left": schema.left_out(whole, self._wanted)}
            return self._schema

    def kept(self) -> Optional[Kept]:
        """The schema for another process of this provider, which then need not be asked; a large one takes
        longer to tell its schema than to plan. None where the provider wants to be asked first."""
        return self._kept

    def _block(self, kind: int, name: str) -> bytes:
        return schema.block(self._schema or b"", kind, name)

    def _on_validate_configuration(self, method: str, message: bytes, session: Session) -> bytes:
        """The real answer without its errors: what is missing here (credentials) is no fault."""
        try:
            answer = self._any.call(method, message, PLAN_SECONDS)
        except CallError:
            answer = b""
        if answer and not _errors(answer, 2):
            return answer
        config = last(message).get(1, b"")
        return encode([(1, config)]) if "tfplugin5" in method else b""

    def _on_configure(self, method: str, message: bytes, session: Session) -> bytes:
        """Configure a process with settings that need no cloud; a failure is noted and swallowed."""
        request = last(message)
        config = _unpack(request.get(2, b""))
        merged = self._merged(config if isinstance(config, dict) else {})
        key = answers.fingerprint(merged)
        with self._lock:
            if key not in self._configured:
                process = self._spare or Process(self._program, self._env, self._folder)
                self._spare = None
                self._configured[key] = process
                self._configure(process, method, request, merged)
            session["process"] = self._configured[key]
        return b""

    def _configure(self, process: Process, method: str, request: Dict[int, Any], merged: Any) -> None:
        given = encode([(1, request.get(1, b"")), (2, _value(merged))])
        try:
            errors = _errors(process.call(method, given, PLAN_SECONDS), 1)
        except CallError as error:
            errors = [str(error)]
        self.faults.extend(errors[:3])

    def _merged(self, config: Dict[str, Any]) -> Dict[str, Any]:
        merged = {k: self._defaults.get(k) if v is messagepack.Unknown else v for k, v in config.items()}
        merged.update({k: v for k, v in self._defaults.items() if k in merged and merged[k] is None})
        merged.update({k: v for k, v in self._settings.items() if k in merged})
        cleaned: Dict[str, Any] = schema.without_unknown(merged)
        return cleaned

    def _on_read_data(self, method: str, message: bytes, session: Session) -> bytes:
        """The real answer where it needs no network (policy documents), else a stand-in."""
        request = last(message)
        name = request.get(1, b"").decode("utf-8", "replace")
        if name not in self._unreadable:
            process: Process = session.get("process") or self._any
            try:
                answer = process.call(method, message, READ_SECONDS)
                if not _errors(answer, 2):
                    return answer
            except CallError:
                pass
            self._unreadable.add(name)
        self.stood_in.add(name)
        config = schema.without_unknown(_unpack(request.get(2, b"")))
        seed = "%s|%s" % (name, answers.fingerprint(config))
        return encode([(1, _value(answers.filled(self._block(schema.DATA, name), config, seed)))])

    def _on_open_ephemeral(self, method: str, message: bytes, session: Session) -> bytes:
        request = last(message)
        name = request.get(1, b"").decode("utf-8", "replace")
        config = schema.without_unknown(_unpack(request.get(2, b"")))
        block = self._block(schema.EPHEMERAL, name)
        return encode([(3, _value(answers.filled(block, config, name)))])

    def _on_read_resource(self, method: str, message: bytes, session: Session) -> bytes:
        request = last(message)
        return encode([(1, request.get(2, b"")), (3, request.get(3, b""))])

    def _on_import(self, method: str, message: bytes, session: Session) -> bytes:
        request = last(message)
        name = request.get(1, b"").decode("utf-8", "replace")
        state = schema.empty(self._block(schema.RESOURCES, name))
        if "id" in state:
            state["id"] = request.get(2, b"").decode("utf-8", "replace")
        return encode([(1, encode([(1, name), (2, _value(state))]))])

    def _on_apply(self, method: str, message: bytes, session: Session) -> bytes:
        return encode([(3, encode([(1, ERROR), (2, REFUSED)]))])

    def _on_nothing(self, method: str, message: bytes, session: Session) -> bytes:
        return b""


NAMES = {
    "GetSchema": "schema", "GetProviderSchema": "schema",
    "PrepareProviderConfig": "validate_configuration", "ValidateProviderConfig": "validate_configuration",
    "Configure": "configure", "ConfigureProvider": "configure", "ReadDataSource": "read_data",
    "OpenEphemeralResource": "open_ephemeral", "RenewEphemeralResource": "nothing",
    "CloseEphemeralResource": "nothing", "ReadResource": "read_resource", "ImportResourceState": "import",
    "ApplyResourceChange": "apply", "InvokeAction": "apply", "Stop": "nothing", "StopProvider": "nothing",
}  # fmt: skip
"""By method of either protocol: what answers it here. Every other method goes through untouched."""


def _unpack(dynamic: bytes) -> Any:
    """The value in a DynamicValue message."""
    parts = last(dynamic)
    if parts.get(1):
        return messagepack.unpack(parts[1])
    return json.loads(parts[2]) if parts.get(2) else None


def _value(value: Any) -> bytes:
    return encode([(1, messagepack.pack(value))])


def _errors(message: bytes, number: int) -> List[str]:
    """Summaries of the errors among the diagnostics in a field."""
    found = []
    for field, value in fields(message):
        if field == number and isinstance(value, bytes):
            parts = last(value)
            if parts.get(1) == ERROR:
                found.append(parts.get(2, b"").decode("utf-8", "replace")[:300])
    return found


def start(
    specs: List[Dict[str, Any]], wanted: Set[str], env: Dict[str, str], folder: str
) -> Tuple[Proxy, ...]:
    """A proxy for each provider. Raises CallError when one does not start."""
    proxies = []
    for index, spec in enumerate(specs):
        place = os.path.join(folder, "p%d" % index)
        os.makedirs(place)
        proxies.append(Proxy(spec, wanted, env, place))
    return tuple(proxies)
