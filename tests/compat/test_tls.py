"""TLS, as clients meet it: a self-signed certificate, one's own, and what policies make of it."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.parse
import urllib.request

import botocore.exceptions
import pytest

from errors import refused
from larder import Larder, aws_command_line, binary, create_uploader, policy, unique

PATIENCE_SECONDS = 20
SPOKEN = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
NOT_SPOKEN = [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1]


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory, endpoint):
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    server = Larder(tmp_path_factory.mktemp("tls"), options=["--tls-self-signed"]).start()
    yield server
    assert server.stop() == 0, server.log_text()


@pytest.fixture
def secure(tls_server, monkeypatch):
    """A server with a self-signed certificate, which boto3 trusts as its log says."""
    trust = f"AWS_CA_BUNDLE={tls_server.certificate}"
    assert trust in tls_server.log_text()
    monkeypatch.setenv(*trust.split("=", 1))
    return tls_server


@contextlib.contextmanager
def started(folder, *options, **attributes):
    """A server with these options that lives as long as the block."""
    server = Larder(folder, options=options)
    for name, value in attributes.items():
        setattr(server, name, value)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def address_of(url):
    parts = urllib.parse.urlsplit(url)
    return parts.hostname, parts.port


def shown_certificate(url):
    return ssl.get_server_certificate(address_of(url), timeout=PATIENCE_SECONDS)


def handshake(url, version):
    """The version that was agreed on, when nothing but `version` is offered."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("DEFAULT@SECLEVEL=0")  # old versions are offered at that level only
    context.minimum_version = context.maximum_version = version
    with socket.create_connection(address_of(url), timeout=PATIENCE_SECONDS) as plain:
        with context.wrap_socket(plain) as wrapped:
            return wrapped.version()


# Clients -----------------------------------------------------------------------------------------


def test_boto3_trusts_the_certificate_by_aws_ca_bundle(secure, tmp_path):
    assert secure.url.startswith("https://127.0.0.1:")
    s3, bucket = secure.client("s3"), unique("tls")
    s3.create_bucket(Bucket=bucket)
    content = os.urandom(24 * 1024 * 1024)
    (tmp_path / "up").write_bytes(content)
    s3.upload_file(str(tmp_path / "up"), bucket, "multipart")
    s3.put_object(Bucket=bucket, Key="whole", Body=content)
    for key in ["multipart", "whole"]:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == content


def test_nobody_trusts_the_certificate_unasked(tls_server):
    with pytest.raises(botocore.exceptions.SSLError):
        tls_server.client("s3").list_buckets()


def test_the_certificate_names_the_machine(secure):
    context = ssl.create_default_context(cafile=secure.certificate)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    _, port = address_of(secure.url)
    for name in ["localhost", "127.0.0.1", socket.gethostname()]:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as plain:
            with context.wrap_socket(plain, server_hostname=name) as wrapped:
                assert wrapped.version() == "TLSv1.3"


def test_the_files_are_the_servers_alone(secure):
    for path in [secure.certificate, secure.certificate.with_name("key.pem")]:
        assert path.stat().st_mode & 0o777 == 0o600


def test_aws_command_line(secure, tmp_path):
    bucket = unique("tls")
    environment = secure.operator_environment(AWS_CA_BUNDLE=str(secure.certificate))
    (tmp_path / "up").write_bytes(os.urandom(9_000_000))

    def aws(*arguments):
        subprocess.run([aws_command_line(), *arguments], env=environment, cwd=tmp_path, check=True,
                       capture_output=True, timeout=120)

    aws("s3", "mb", f"s3://{bucket}")
    aws("s3", "cp", "up", f"s3://{bucket}/key")
    aws("s3", "cp", f"s3://{bucket}/key", "down")
    assert (tmp_path / "down").read_bytes() == (tmp_path / "up").read_bytes()


def test_a_program_in_larder_run_finds_all_by_itself(secure, tmp_path):
    uploader = create_uploader(secure)
    (tmp_path / "picture").write_bytes(b"a picture")
    target = f"s3://{uploader.bucket}/picture"
    copy = [aws_command_line(), "s3", "cp", tmp_path / "picture", target]
    done = secure.run(uploader.profile, copy)
    assert done.returncode == 0, done.stderr
    shown = secure.run(uploader.profile, ["env"]).stdout.splitlines()
    assert f"AWS_ENDPOINT_URL={secure.url}" in shown
    assert f"AWS_CA_BUNDLE={secure.certificate}" in shown
    assert f"NODE_EXTRA_CA_CERTS={secure.certificate}" in shown


def test_the_operators_exports_name_the_certificate(secure):
    exports = secure.cli("credentials", "--format", "env").stdout.splitlines()
    assert f"export AWS_CA_BUNDLE='{secure.certificate}'" in exports


# The protocol ------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", SPOKEN)
def test_versions_that_are_spoken(tls_server, version):
    assert handshake(tls_server.url, version) == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("version", NOT_SPOKEN)
def test_versions_that_are_not(tls_server, version):
    with pytest.raises(ssl.SSLError):
        handshake(tls_server.url, version)


def test_a_plain_request_is_told_what_is_spoken(tls_server):
    connection = http.client.HTTPConnection(*address_of(tls_server.url), timeout=PATIENCE_SECONDS)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status == 400
    assert answer.read() == b"this port speaks TLS: use https:// instead of http://\n"


def test_the_admin_port_is_plain_on_loopback_only(tls_server, tmp_path):
    assert tls_server.admin.startswith("http://")
    with urllib.request.urlopen(f"{tls_server.admin}/health/ready", timeout=60) as answer:
        assert answer.status == 200
    with started(tmp_path, "--tls-self-signed", admin_listen="0.0.0.0:0") as server:
        assert server.admin.startswith("https://")
        context = ssl.create_default_context(cafile=server.certificate)
        ready = f"{server.admin}/health/ready"
        with urllib.request.urlopen(ready, timeout=60, context=context) as answer:
            assert answer.status == 200


# aws:SecureTransport -----------------------------------------------------------------------------


def over_the_socket(server, target):
    """As the operator of this machine."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(server.socket)
    connection.request("GET", target)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_policy_can_insist_on_tls(tmp_path, monkeypatch, endpoint):
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    bucket = unique("tls-only")
    insists = policy({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*Object",
        "Resource": f"arn:aws:s3:::{bucket}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
    with started(tmp_path) as plain:
        s3 = plain.client("s3")
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="key", Body=b"body")
        s3.put_bucket_policy(Bucket=bucket, Policy=insists)
        with refused("AccessDenied", 403):
            s3.get_object(Bucket=bucket, Key="key")
        # Nothing of it crosses a network.
        assert over_the_socket(plain, f"/{bucket}/key") == (200, b"body")
    with started(tmp_path, "--tls-self-signed") as secure:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(secure.certificate))
        got = secure.client("s3").get_object(Bucket=bucket, Key="key")
        assert got["Body"].read() == b"body"


# Certificates of one's own -----------------------------------------------------------------------


@pytest.fixture
def certificates(tmp_path, endpoint):
    """Two pairs of files, each as the certificate and key of a server of one's own."""
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    pairs = []
    for name in ["first", "second"]:
        with started(tmp_path / name, "--tls-self-signed") as maker:
            pairs.append((maker.certificate, maker.certificate.with_name("key.pem")))
    return pairs


def use(pair, certificate, key):
    shutil.copy(pair[0], certificate)
    shutil.copy(pair[1], key)


def wait_for(what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline, "it never came"


def test_sighup_takes_a_new_certificate(tmp_path, certificates):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    use(certificates[0], certificate, key)
    options = ["--tls-certificate", str(certificate), "--tls-key", str(key)]
    with started(tmp_path / "server", *options) as server:
        first, second = (pair[0].read_text() for pair in certificates)
        assert shown_certificate(server.url) == first
        context = ssl.create_default_context(cafile=certificate)
        kept = http.client.HTTPSConnection(*address_of(server.url), context=context)
        kept.request("GET", "/")
        assert kept.getresponse().read()

        use(certificates[1], certificate, key)
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: shown_certificate(server.url) == second)
        # What was open goes on.
        kept.request("GET", "/")
        assert kept.getresponse().read()

        key.write_text("no key")
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "connections go on getting the old certificate" in server.log_text())
        assert f"{key} holds no private key" in server.log_text()
        assert shown_certificate(server.url) == second


def test_sighup_without_tls_is_survived(own_larder):
    own_larder.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "nothing to read again" in own_larder.log_text())
    assert own_larder.client("s3").list_buckets()["Buckets"] == []


def test_the_configuration_file_has_the_same_settings(tmp_path, certificates):
    file = tmp_path / "larder.toml"
    certificate, key = certificates[0]
    file.write_text(f'[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    with started(tmp_path / "server", "--config", str(file)) as server:
        assert shown_certificate(server.url) == certificate.read_text()
    with started(tmp_path / "server", "--config", str(file), "--tls-self-signed") as server:
        assert shown_certificate(server.url) == server.certificate.read_text()


@pytest.mark.parametrize(
    "options, message, status",
    [
        (["--tls-key", "k"], "--tls-certificate FILE and --tls-key FILE go together", 2),
        (["--tls-certificate", "c", "--tls-key", "k", "--tls-self-signed"], "choose one", 2),
        (["--tls-certificate", "absent", "--tls-key", "k"], "--tls-certificate absent cannot", 1),
    ],
)
def test_settings_that_cannot_be(tmp_path, endpoint, options, message, status):
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    command = [binary(), "server", "--data", "data", "--listen", "127.0.0.1:0",
               "--admin", "127.0.0.1:0", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60,
                          check=False)
    assert done.returncode == status
    assert message in done.stderr
