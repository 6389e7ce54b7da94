"""Requests below boto3: captured as signed, altered, and sent as they are."""

import dataclasses
import functools
import http.client
import re
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.session

from larder import REGION


@dataclasses.dataclass(frozen=True)
class Request:
    """What goes over the wire."""

    method: str
    path: str
    query: str
    headers: tuple
    body: bytes

    @property
    def target(self):
        return f"{self.path}?{self.query}" if self.query else self.path

    def header(self, name):
        return dict((key.lower(), value) for key, value in self.headers).get(name.lower())

    def with_header(self, name, value):
        """A copy with this header set; None takes it away."""
        kept = [item for item in self.headers if item[0].lower() != name.lower()]
        if value is not None:
            kept.append((name, value))
        return dataclasses.replace(self, headers=tuple(kept))

    def with_body(self, body):
        changed = dataclasses.replace(self, body=body)
        return changed.with_header("Content-Length", str(len(body)))

    def but(self, **changes):
        return dataclasses.replace(self, **changes)


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def code(self):
        """AWS's error code; None where there is no XML body (HEAD)."""
        found = re.search(r"<Code>([^<]*)</Code>", self.text)
        return found.group(1) if found else None


def send(url, request):
    """The server's answer to exactly this."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
    try:
        connection.putrequest(
            request.method, request.target, skip_host=True, skip_accept_encoding=True
        )
        for name, value in request.headers:
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.headers.items()), answer.read())
    finally:
        connection.close()


class Captured(Exception):
    """Carries the prepared request out of botocore instead of sending it."""

    def __init__(self, request):
        super().__init__("captured")
        self.request = request


def capture(url, service, operation, parameters, keys=None, token=None):
    """The request that botocore would send; signed with `keys`, or unsigned without."""
    client = capturing_client(url, service, keys, token)
    try:
        client._make_api_call(operation, parameters)
    except Captured as captured:
        return as_request(captured.request)
    raise AssertionError(f"{operation} was not sent")


def take(request, **_):
    raise Captured(request)


@functools.cache
def capturing_client(url, service, keys, token):
    session = botocore.session.Session()
    if keys:
        session.set_credentials(keys.access_key, keys.secret_key, token or keys.token)
    config = botocore.config.Config(
        parameter_validation=False, retries={"total_max_attempts": 1},
        request_checksum_calculation="when_required",
        signature_version=None if keys else botocore.UNSIGNED,
        s3={"addressing_style": "path"},
    )
    client = session.create_client(service, REGION, endpoint_url=url, config=config)
    client.meta.events.register("before-send", take)
    return client


def as_request(prepared):
    parts = urllib.parse.urlsplit(prepared.url)
    body = prepared.body or b""
    body = body.read() if hasattr(body, "read") else body
    body = body.encode() if isinstance(body, str) else bytes(body)
    headers = {name: text(value) for name, value in prepared.headers.items()}
    headers.setdefault("Host", parts.netloc)
    headers.pop("Expect", None)
    headers.pop("Transfer-Encoding", None)
    headers["Content-Length"] = str(len(body))
    return Request(prepared.method, parts.path or "/", parts.query, tuple(headers.items()), body)


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def sign(url, service, method, path, query="", headers=None, body=b"", keys=None, sha256=None):
    """A rightly signed request of anything; `sha256`, where given, is stated and not computed."""
    target = f"{url}{path}?{query}" if query else f"{url}{path}"
    request = botocore.awsrequest.AWSRequest(method, target, data=body, headers=headers or {})
    if sha256:
        request.headers["x-amz-content-sha256"] = sha256
    signer = signer_of(service, keys)
    if sha256:
        signer.payload = lambda _: sha256
    signer.add_auth(request)
    named = {name: text(value) for name, value in request.headers.items()}
    named["Host"] = urllib.parse.urlsplit(url).netloc
    named["Content-Length"] = str(len(body))
    return Request(method, path, query, tuple(named.items()), body)


def signer_of(service, keys):
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    return kind(
        botocore.credentials.Credentials(keys.access_key, keys.secret_key, keys.token),
        service, REGION,
    )
