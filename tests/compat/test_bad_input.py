"""Bad input gets AWS's code, or a clear one of ours; nothing is half-written."""

import base64
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.parse

import pytest

import raw
from errors import refused
from larder import (
    Keys, Larder, binary, clean_environment, create_profile, policy, trust_of, unique,
)

MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def the_server_lives_on(larder):
    yield
    assert larder.process.poll() is None, larder.log_text()
    assert admin_status(larder, "/health/live") == 200


def ask_admin(larder, path):
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(larder.admin).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def admin_status(larder, path):
    return ask_admin(larder, path)[0]


def talk(larder, content):
    """The first line of what the server says to these bytes; "" when it only hangs up."""
    host, port = urllib.parse.urlsplit(larder.url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile("rb").readline().decode(errors="replace")
    return ""


# HTTP --------------------------------------------------------------------------------------------

MALFORMED_HTTP = {
    "no request": b"hello\r\n\r\n",
    "no version": b"GET /\r\nHost: x\r\n\r\n",
    "another version": b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a space in a header's name": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "a control character": b"GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
    "two lengths": b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                   b"Content-Length: 2\r\n\r\nab",
    "length and chunks": b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a length that is none": b"PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
    "an unknown coding": b"PUT /b/k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: zip\r\n\r\n",
    "a bad percent": b"GET /b/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a nul": b"GET /b/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED_HTTP)
def test_malformed_http(larder, name):
    line = talk(larder, MALFORMED_HTTP[name])
    assert line == "" or re.match(r"HTTP/1\.1 (400|403|411|414|501|505) ", line), line


@pytest.mark.parametrize("host", [b"localhost:http", b"localhost:65536", b"localhost:80:80",
                                  b"[::1", b":80", b"a,b"])
def test_a_malformed_host(larder, host):
    line = talk(larder, b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    assert line.startswith("HTTP/1.1 400 "), line


@pytest.mark.parametrize("head", [
    b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 200_000,
    b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 5000 + b"\r\n",
], ids=["header", "path", "many"])
def test_a_head_beyond_the_limits(larder, head):
    line = talk(larder, head)
    assert line == "" or re.match(r"HTTP/1\.1 (400|414|431) ", line), line


# Signed requests, with something wrong in them ---------------------------------------------------


@pytest.fixture
def put_request(larder, operator, bucket):
    names = {"Bucket": bucket, "Key": "k", "Body": b"content"}
    return raw.capture(larder.url, "s3", "PutObject", names, operator)


@pytest.mark.parametrize("size, status", [(8 * 1024, 200), (8 * 1024 + 1, 400)])
def test_a_header_that_policies_look_at_is_bounded(larder, s3, bucket, size, status):
    def long_user_agent(request, **_):
        request.headers["User-Agent"] = "x" * size
    s3.meta.events.register("before-send.s3.ListObjectsV2", long_user_agent)
    try:
        if status == 200:
            s3.list_objects_v2(Bucket=bucket)
        else:
            with refused("RequestHeaderSectionTooLarge", 400):
                s3.list_objects_v2(Bucket=bucket)
    finally:
        s3.meta.events.unregister("before-send.s3.ListObjectsV2", long_user_agent)


def test_two_authorization_headers(larder, s3, bucket, put_request):
    again = ("Authorization", put_request.header("Authorization"))
    answer = raw.send(larder.url, put_request.but(headers=(*put_request.headers, again)))
    assert (answer.status, answer.code) == (400, "InvalidArgument"), answer.text
    assert "There must be one Authorization header only." in answer.text
    assert is_missing(s3, bucket)


SIGNATURE_PARAMETERS = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
                        "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"]


@pytest.mark.parametrize("name", SIGNATURE_PARAMETERS)
def test_a_repeated_parameter_of_a_signature(larder, s3, bucket, name):
    names = {"Bucket": bucket, "Key": "k"}
    url = urllib.parse.urlsplit(s3.generate_presigned_url("put_object", Params=names))
    (value,) = re.findall(rf"(?:^|&)({name}=[^&]*)", url.query)
    host = (("Host", url.netloc), ("Content-Length", "0"))
    for query in (f"{url.query}&{value}", f"{value}&{url.query}", f"{name}=x&{url.query}"):
        answer = raw.send(larder.url, raw.Request("PUT", url.path, query, host, b""))
        assert (answer.status, answer.code) == (400, "AuthorizationQueryParametersError"), query
        assert "must be given once only" in answer.text
    assert is_missing(s3, bucket)


def test_an_empty_bucket_name(larder, operator):
    for path in ("//", "//key", "//photos/key"):
        answer = raw.send(larder.url, raw.sign(larder.url, "s3", "GET", path, keys=operator))
        assert (answer.status, answer.code) == (400, "InvalidBucketName"), answer.text
        assert "<Message>The specified bucket is not valid.</Message>" in answer.text


@pytest.mark.parametrize("method, where, query, said", [
    ("GET", "", "policy&uploads", "policy, uploads"),
    ("GET", "", "uploads=&location=x", "location, uploads"),
    ("DELETE", "", "policy&website", "policy, website"),
    ("GET", "/k", "uploadId=x&tagging", "tagging, uploadId"),
])
def test_two_subresources(larder, operator, bucket, method, where, query, said):
    answer = raw.send(larder.url, raw.sign(
        larder.url, "s3", method, f"/{bucket}{where}", query, keys=operator))
    assert (answer.status, answer.code) == (400, "InvalidArgument"), answer.text
    assert f"<Message>Conflicting query string parameters: {said}</Message>" in answer.text
    assert "<ArgumentName>ResourceType</ArgumentName>" in answer.text


def test_a_dot_at_the_end_of_the_host(larder, operator, bucket):
    port = urllib.parse.urlsplit(larder.url).port
    for url, path in ((f"http://localhost.:{port}", f"/{bucket}"),
                      (f"http://{bucket}.localhost.:{port}", "/")):
        signed = raw.sign(url, "s3", "GET", path, "location", keys=operator)
        answer = raw.send(larder.url, signed)
        assert answer.status == 200 and "<LocationConstraint" in answer.text, answer.text


def is_missing(s3, bucket, key="k"):
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key=key)
    return True


AUTHORIZATION = [
    ("AWS4-HMAC-SHA256", 400, "AuthorizationHeaderMalformed"),
    ("AWS4-HMAC-SHA256 Credential=x", 400, "AuthorizationHeaderMalformed"),
    ("AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0", 400,
     "AuthorizationHeaderMalformed"),
    ("Basic dXNlcjpwYXNz", 400, "InvalidArgument"),
    ("", 400, "InvalidArgument"),
]


@pytest.mark.parametrize("value, status, code", AUTHORIZATION)
def test_a_malformed_authorization(larder, s3, bucket, put_request, value, status, code):
    answer = raw.send(larder.url, put_request.with_header("Authorization", value))
    assert (answer.status, answer.code) == (status, code), answer.text
    assert is_missing(s3, bucket)


def test_a_date_that_is_none(larder, s3, bucket, put_request):
    answer = raw.send(larder.url, put_request.with_header("X-Amz-Date", "yesterday"))
    assert (answer.status, answer.code) == (403, "AccessDenied"), answer.text
    assert "AWS authentication requires a valid Date or x-amz-date header" in answer.text
    assert is_missing(s3, bucket)


def test_the_wrong_region_is_named(larder, operator):
    request = raw.capture(larder.url, "s3", "ListBuckets", {}, operator)
    header = request.header("Authorization").replace("/us-east-1/", "/us-east-2/")
    answer = raw.send(larder.url, request.with_header("Authorization", header))
    assert (answer.status, answer.code) == (400, "AuthorizationHeaderMalformed")
    assert "the region 'us-east-2' is wrong; expecting 'us-east-1'" in answer.text
    assert "<Region>us-east-1</Region>" in answer.text


def test_an_unknown_key(larder, bucket):
    stranger = larder.client("s3", Keys("AKIAAAAAAAAAAAAAAAAA", "x" * 40))
    message = "The AWS Access Key Id you provided does not exist in our records."
    with refused("InvalidAccessKeyId", 403, message):
        stranger.list_objects_v2(Bucket=bucket)
    with refused("InvalidClientTokenId", 403):
        larder.client("iam", Keys("AKIAAAAAAAAAAAAAAAAA", "x" * 40)).list_roles()


@pytest.mark.parametrize("token", ["x", "x" * 4096, "%%%", "ü", "x" * 20_000])
def test_a_malformed_token(larder, operator, bucket, token):
    names = {"Bucket": bucket, "Key": "k", "Body": b""}
    request = raw.capture(larder.url, "s3", "PutObject", names, operator)
    answer = raw.send(larder.url, request.with_header("X-Amz-Security-Token", quoted(token)))
    assert answer.status in (400, 403), answer.text
    assert answer.code in ("InvalidToken", "SignatureDoesNotMatch", "InvalidRequest"), answer.text


def quoted(token):
    return token.encode("utf-8").decode("latin-1")


# Bodies ------------------------------------------------------------------------------------------


def chunked_request(larder, operator, bucket, payload, **headers):
    """A PUT signed for an aws-chunked body, with whatever stands in `payload`."""
    stated = headers.pop("sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return raw.send(larder.url, raw.sign(
        larder.url, "s3", "PUT", f"/{bucket}/k", keys=operator, body=payload, sha256=stated,
        headers={"content-encoding": "aws-chunked", **named},
    ))


CRC = {"x_amz_trailer": "x-amz-checksum-crc32", "x_amz_decoded_content_length": "3"}
GOOD_TRAILER = b"x-amz-checksum-crc32:NSRBwg==\r\n\r\n"  # of "abc"
BAD_CHUNKS = {
    "a size that is none": (b"zz\r\nabc\r\n0\r\n" + GOOD_TRAILER, CRC),
    "a negative size": (b"-3\r\nabc\r\n0\r\n" + GOOD_TRAILER, CRC),
    "a huge size": (b"ffffffffffffffffff\r\nabc\r\n0\r\n" + GOOD_TRAILER, CRC),
    "no end": (b"3\r\nabc\r\n", CRC),
    "too short": (b"2\r\nab\r\n0\r\n" + GOOD_TRAILER, CRC),
    "too long": (b"4\r\nabcd\r\n0\r\n" + GOOD_TRAILER, CRC),
    "no line end after the data": (b"3\r\nabc0\r\n" + GOOD_TRAILER, CRC),
    "no trailer": (b"3\r\nabc\r\n0\r\n\r\n", CRC),
    "a trailer that was not announced": (
        b"3\r\nabc\r\n0\r\nx-amz-checksum-sha1:qZk+NkcGgWq6PiVxeFDCbJzQ2J0=\r\n\r\n", CRC),
    "an unknown kind": (b"3\r\nabc\r\n0\r\n\r\n", {**CRC, "sha256": "STREAMING-NEW-KIND"}),
    "no decoded length": (
        b"3\r\nabc\r\n0\r\n" + GOOD_TRAILER, {"x_amz_trailer": "x-amz-checksum-crc32"}),
}


@pytest.mark.parametrize("name", BAD_CHUNKS)
def test_malformed_chunks(larder, operator, s3, bucket, name):
    payload, headers = BAD_CHUNKS[name]
    answer = chunked_request(larder, operator, bucket, payload, **headers)
    assert 400 <= answer.status < 500 and answer.code, answer.text
    assert is_missing(s3, bucket)


def test_the_well_formed_twin_of_the_malformed_chunks(larder, operator, s3, bucket):
    answer = chunked_request(
        larder, operator, bucket, b"3\r\nabc\r\n0\r\n" + GOOD_TRAILER, **CRC)
    assert answer.status == 200, answer.text
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"abc"


def test_the_decoded_length_must_be_there(larder, operator, bucket):
    payload, headers = BAD_CHUNKS["no decoded length"]
    answer = chunked_request(larder, operator, bucket, payload, **headers)
    assert (answer.status, answer.code) == (411, "MissingContentLength")


def test_a_body_that_breaks_off_leaves_nothing(larder, s3, bucket, put_request):
    host, port = urllib.parse.urlsplit(larder.url).netloc.split(":")
    half = put_request.with_header("Content-Length", str(2 * MIB))
    head = f"PUT {half.target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in half.headers)
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(head.encode() + b"\r\n" + bytes(MIB))
    assert is_missing(s3, bucket)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_put_without_a_length(larder, put_request):
    answer = raw.send(larder.url, put_request.but(body=b"").with_header("Content-Length", None))
    assert (answer.status, answer.code) == (411, "MissingContentLength"), answer.text


def test_an_object_beyond_5_gib_is_refused_at_its_head(larder, put_request):
    large = put_request.with_header("Content-Length", str(5 * 1024 * MIB + 1)).but(body=b"")
    answer = raw.send(larder.url, large)
    assert (answer.status, answer.code) == (400, "EntityTooLarge"), answer.text


# XML and forms -----------------------------------------------------------------------------------

MALFORMED_XML = [
    b"", b"not xml", b"<Delete>", b"<Delete><Object><Key>a</Key></Delete>", b"<Other/>",
    b"<Delete></Delete>", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"
    b"<Delete><Object><Key>&b;</Key></Object></Delete>",
    b"<a>" * 10_000, b"<Delete>" + b"\xff\xfe" + b"</Delete>",
]


@pytest.mark.parametrize("body", MALFORMED_XML, ids=lambda body: body[:12].decode("latin-1"))
def test_malformed_xml(larder, operator, s3, bucket, body):
    s3.put_object(Bucket=bucket, Key="a", Body=b"")
    answer = send_xml(larder, operator, bucket, body)
    assert (answer.status, answer.code) in (
        (400, "MalformedXML"), (400, "MissingRequestBodyError")), answer.text
    assert "root:" not in answer.text
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]


def send_xml(larder, operator, bucket, body):
    """POST ?delete with this body, rightly signed."""
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    return raw.send(larder.url, raw.sign(
        larder.url, "s3", "POST", f"/{bucket}", "delete", {"Content-MD5": md5}, body, operator
    ))


MALFORMED_FORMS = [
    (b"", "MissingAction", 400),
    (b"Action=", "InvalidAction", 400),
    (b"Action=NoSuchThing&Version=2010-05-08", "InvalidAction", 400),
    (b"Action=ListRoles&Version=1999-01-01", "InvalidAction", 400),
    (b"Action=ListRoles&Version=2010-05-08&MaxItems=many", "ValidationError", 400),
    (b"Action=ListRoles&Version=2010-05-08&MaxItems=0", "ValidationError", 400),
    (b"Action=ListRoles&Version=2010-05-08&MaxItems=1001", "ValidationError", 400),
    (b"Action=GetRole&Version=2010-05-08&RoleName=%zz", None, 400),
    (b"Action=GetRole&Version=2010-05-08&RoleName=a&RoleName=b", None, None),
    (b"&&&=&==&Action=GetRole", None, 400),
]


@pytest.mark.parametrize("body, code, status", MALFORMED_FORMS)
def test_malformed_forms(larder, operator, body, code, status):
    answer = send_form(larder, operator, body)
    assert 400 <= answer.status < 500 and answer.code, answer.text
    assert code in (None, answer.code) and status in (None, answer.status), answer.text


def send_form(larder, operator, body):
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return raw.send(larder.url, raw.sign(
        larder.url, "iam", "POST", "/", headers=form, body=body, keys=operator
    ))


def test_a_form_beyond_the_limit(larder, operator):
    answer = send_form(larder, operator, b"Action=GetRole&RoleName=" + b"x" * (2 * MIB))
    assert answer.status in (400, 413), answer.text


def test_a_form_of_a_stranger_has_less_room(larder, operator):
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    for size, code in ((16 * 1024, "MissingAuthenticationToken"),
                       (16 * 1024 + 1, "RequestEntityTooLarge")):
        body = b"Action=ListRoles&Version=2010-05-08&PathPrefix=/".ljust(size, b"x")
        length = {**form, "Content-Length": str(size), "Host": "localhost"}
        stranger = raw.Request("POST", "/", "", tuple(length.items()), body)
        assert raw.send(larder.url, stranger).code == code
        assert send_form(larder, operator, body).code == "ValidationError"  # that prefix is long
    known = raw.sign(larder.url, "iam", "POST", "/", headers=form, body=body, keys=operator)
    unknown = known.with_header(
        "Authorization", known.header("Authorization").replace(operator.access_key, "A" * 20))
    assert raw.send(larder.url, unknown).code == "InvalidClientTokenId"


# Names and policies ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [
    "ab", "x" * 64, "UPPER", "under_score", "-dash", "dash-", "dot..dot", "192.168.5.4",
    "xn--start", "end-s3alias",
])
def test_a_bucket_name_that_is_none(s3, name):
    with refused("InvalidBucketName", 400, "The specified bucket is not valid.") as refusal:
        s3.create_bucket(Bucket=name)
    assert refusal.details["BucketName"] == name


def test_a_bucket_of_somebody_else(larder, other_account, bucket):
    message = (
        "The requested bucket name is not available. The bucket namespace is shared by all users "
        "of the system. Please select a different name and try again."
    )
    with refused("BucketAlreadyExists", 409, message):
        larder.client("s3", other_account).create_bucket(Bucket=bucket)


@pytest.mark.parametrize("document, message", [
    ("not json", "Policies must be valid JSON and the first byte must be '{'"),
    ("{}", "Missing required field Statement"),
    (policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::some-other-bucket/*"}), "Policy has invalid resource"),
    (policy({"Effect": "Allow", "Principal": {"AWS": "nobody"}, "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::BUCKET/*"}), "Invalid principal in policy"),
    (policy({"Effect": "Allow", "Principal": "*", "Action": "s3:NoSuchAction",
             "Resource": "arn:aws:s3:::BUCKET/*"}), "Policy has invalid action"),
    (policy({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
             "Resource": "arn:aws:s3:::BUCKET"}),
     "Action does not apply to any resource(s) in statement"),
])
def test_a_malformed_bucket_policy(s3, bucket, document, message):
    with refused("MalformedPolicy", 400, message):
        s3.put_bucket_policy(Bucket=bucket, Policy=document.replace("BUCKET", bucket))
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)


# The command line --------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments, said", [
    (["credentials", "--account", "999999999999"], "999999999999"),
    (["credentials", "--account", "twelve"], "twelve"),
    (["credentials", "--role-arn", "arn:aws:iam::999999999999:role/none"], "none"),
    (["credentials", "--role-arn", "garbage"], "garbage"),
    (["credentials", "--duration", "-1"], "-1"),
    (["credentials", "--format", "yaml"], "yaml"),
    (["run", "--role", "no-such-role", "--", "true"], "no-such-role"),
    (["run", "--instance-profile", "no-such-profile", "--", "true"], "no-such-profile"),
    (["account", "create-root-key", "--account", "999999999999"], "999999999999"),
    (["--socket", "/no/such.sock", "account", "list"], "/no/such.sock"),
    (["no-such-command"], "no-such-command"),
])
def test_the_command_line_says_what_was_wrong(larder, arguments, said):
    done = larder.try_cli(*arguments)
    assert done.returncode != 0
    assert said in done.stderr and done.stdout == ""


def test_run_says_when_there_is_no_such_program(larder, iam):
    name = unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of())
    create_profile(iam, name)
    done = larder.run(name, ["/no/such/program"])
    assert done.returncode == 127
    assert "/no/such/program" in done.stderr


@pytest.mark.parametrize("command", [[], ["server"], ["run"], ["credentials"], ["account"],
                                     ["account", "create"], ["account", "create-root-key"]])
def test_help_is_complete_and_shows_examples(larder, command):
    done = larder.try_cli(*command, "--help")
    assert done.returncode == 0
    assert "larder " in done.stdout and "xample" in done.stdout, done.stdout


def test_a_root_key_comes_with_advice(larder, account):
    done = larder.cli("account", "create-root-key", "--account", account)
    assert set(json.loads(done.stdout)) == {"AccessKeyId", "SecretAccessKey"}
    assert "larder credentials" in done.stderr or "larder run" in done.stderr


def test_accounts_are_listed(larder, account):
    made = larder.cli_json("account", "create", "--name", unique("a"), "--email", "a@example.org")
    assert set(made) == {"AccountId", "AccountName", "Arn", "CanonicalUserId", "Email"}
    assert re.fullmatch(r"\d{12}", made["AccountId"])
    assert re.fullmatch("[0-9a-f]{64}", made["CanonicalUserId"])
    listed = larder.cli_json("account", "list")
    names = {item["AccountId"]: item["AccountName"] for item in listed}
    assert names[account] == "default" and made["AccountId"] in names


def test_credentials_as_exports(larder):
    lines = larder.cli("credentials", "--format", "env").stdout.splitlines()
    exported = dict(re.fullmatch(r"export (\w+)=(.*)", line).groups() for line in lines)
    assert set(exported) >= {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                             "AWS_ENDPOINT_URL", "AWS_REGION"}
    assert shlex.split(exported["AWS_ENDPOINT_URL"]) == [larder.url]


def test_health(larder):
    assert [admin_status(larder, path) for path in (
        "/health/live", "/health/ready", "/nothing")] == [200, 200, 404]


# The data directory ------------------------------------------------------------------------------


def test_a_second_server_on_the_same_directory(larder):
    done = subprocess.run(
        larder.command(), env=clean_environment(larder.home), capture_output=True, text=True,
        timeout=30, check=False,
    )
    assert done.returncode not in (0, None)
    assert str(larder.data) in done.stderr and "ready" not in done.stdout
    assert larder.account()


def test_a_data_directory_of_any_length(tmp_path):
    deep = tmp_path.joinpath(*["a-rather-long-name-for-a-folder"] * 6)
    deep.mkdir(parents=True)
    server = Larder(deep).start()
    assert server.keys().access_key.startswith("ASIA")
    assert server.stop() == 0


@pytest.fixture
def everyones_path():
    """Every user may enter it and write to it; pytest's own are below one of mode 0700."""
    with tempfile.TemporaryDirectory() as directory:
        pathlib.Path(directory).chmod(0o777)
        yield pathlib.Path(directory)


def test_somebody_elses_socket_is_not_trusted(larder, everyones_path):
    if os.getuid() != 0:
        return  # needs a second user
    path = everyones_path / "larder.sock"
    listen = (
        "import socket,sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); "
        "print('up', flush=True); c = s.accept()[0]; print(len(c.recv(100)), flush=True)"
    )
    shared = ["setpriv", "--reuid=65534", "--clear-groups", "/usr/bin/python3", "-c", listen,
              str(path)]
    with subprocess.Popen(shared, stdout=subprocess.PIPE, text=True, cwd="/") as impostor:
        assert impostor.stdout.readline() == "up\n"
        program = shutil.copy(binary(), everyones_path)  # where that user may read it
        victim = ["setpriv", "--reuid=65533", "--clear-groups", program, "--socket", str(path),
                  "credentials"]
        path.chmod(0o777)
        done = subprocess.run(
            victim, env=clean_environment(everyones_path), capture_output=True, text=True,
            timeout=30, check=False, cwd="/",
        )
        impostor.terminate()
    assert done.returncode != 0 and done.stdout == ""
    assert str(path) in done.stderr


def in_a_small_disk(tmp_path, mount_point, size):
    """A prefix that runs a command with a small file system of its own at `mount_point`."""
    mount_point.mkdir(parents=True)
    namespace = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    mount = f'mount -t tmpfs -o size={size} tmpfs {shlex.quote(str(mount_point))} && exec "$@"'
    return [*namespace, "sh", "-c", mount, "sh"]


@contextlib.contextmanager
def small_server(tmp_path, mount_point, size):
    server = Larder(tmp_path, prefix=in_a_small_disk(tmp_path, mount_point, size)).start()
    inside = pathlib.Path(f"/proc/{server.process.pid}/root")
    server.socket = str(inside / server.socket.lstrip("/"))
    try:
        yield server
    finally:
        server.stop()


def test_a_full_disk(tmp_path):
    with small_server(tmp_path, tmp_path / "data", "96m") as server:
        keys = server.keys()
        s3 = server.client("s3", keys)
        s3.create_bucket(Bucket="small")
        stored = fill(s3, "small")
        assert stored
        for key in stored:
            assert s3.get_object(Bucket="small", Key=key)["Body"].read() == body_of(key)
        listed = s3.list_objects_v2(Bucket="small").get("Contents", [])
        assert [item["Key"] for item in listed] == stored


def body_of(key):
    return key.encode() * (4 * MIB // len(key))


def fill(s3, bucket):
    """Writes until the disk is full; the keys that were acknowledged."""
    stored = []
    for number in range(100):
        key = f"{number:08}"
        try:
            s3.put_object(Bucket=bucket, Key=key, Body=body_of(key))
        except s3.exceptions.ClientError as error:
            said = error.response["Error"]
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] in (503, 507), said
            assert re.search("disk|space|storage", said["Message"], re.I), said
            return stored
        stored.append(key)
    raise AssertionError("the disk did not fill up")


REFUSED = (
    "The audit log cannot be written, so changes are refused. The server's log says why."
)


def test_changes_are_refused_when_the_audit_cannot_be_written(tmp_path):
    folder = tmp_path / "data" / "audit"
    with small_server(tmp_path, folder, "128k") as server:
        ballast = pathlib.Path(f"/proc/{server.process.pid}/root{folder}/ballast")
        ballast.write_bytes(bytes(64 * 1024))
        assert ask_admin(server, "/health/ready") == (200, "ok\n")
        s3 = server.client("s3")
        s3.create_bucket(Bucket="audited")
        stored = 0
        with pytest.raises(s3.exceptions.ClientError) as caught:
            for stored in range(1000):
                s3.put_object(Bucket="audited", Key=f"{stored:04}", Body=b"x")
        said = caught.value.response
        assert said["ResponseMetadata"]["HTTPStatusCode"] == 503, said
        assert (said["Error"]["Code"], said["Error"]["Message"]) == ("ServiceUnavailable", REFUSED)
        listed = s3.list_objects_v2(Bucket="audited", MaxKeys=1000)
        assert listed["KeyCount"] == stored

        assert ask_admin(server, "/health/ready") == (503, REFUSED + "\n")
        assert ask_admin(server, "/health/live") == (200, "ok\n")
        assert re.search("audit: changes are refused until .* has [0-9]+ bytes free|"
                         "audit: changes are refused until it can be written", server.log_text())
        ballast.unlink()
        wait_until_ready(server)
        s3.put_object(Bucket="audited", Key="again", Body=b"x")


def wait_until_ready(server):
    deadline = time.monotonic() + 30
    while ask_admin(server, "/health/ready") != (200, "ok\n"):
        assert time.monotonic() < deadline, server.log_text()
