"""Memory does not grow with the object: 5 GiB in and out, less than 32 MiB more."""

import http.client
import pathlib
import re
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest

from larder import REGION

MIB = 1024 * 1024
OBJECT = 5 * 1024 * MIB
ALLOWED_GROWTH = 32 * MIB
BLOCK = bytes(range(256)) * (4 * MIB // 256)


def signed(method, url, keys):
    """Signed headers of a request whose body is not."""
    request = botocore.awsrequest.AWSRequest(method, url)
    request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
    credentials = botocore.credentials.Credentials(keys.access_key, keys.secret_key, keys.token)
    signer = botocore.auth.S3SigV4Auth(credentials, "s3", REGION)
    signer.payload = lambda _: "UNSIGNED-PAYLOAD"
    signer.add_auth(request)
    return dict(request.headers.items())


def blocks(total):
    for _ in range(total // len(BLOCK)):
        yield BLOCK


def upload(larder, path, keys, total):
    url = urllib.parse.urlsplit(larder.url + path)
    headers = signed("PUT", larder.url + path, keys) | {"Content-Length": str(total)}
    connection = http.client.HTTPConnection(url.netloc, timeout=600)
    connection.request("PUT", path, blocks(total), headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()


def download(larder, path, keys, total):
    """Reads it all back and compares, block by block."""
    url = urllib.parse.urlsplit(larder.url + path)
    connection = http.client.HTTPConnection(url.netloc, timeout=600)
    connection.request("GET", path, headers=signed("GET", larder.url + path, keys))
    answer = connection.getresponse()
    assert (answer.status, answer.length) == (200, total)
    seen = 0
    while block := answer.read(len(BLOCK)):
        assert block == BLOCK[:len(block)]
        seen += len(block)
    assert seen == total


class Memory:
    """What a process holds in memory, by the kernel's account."""

    def __init__(self, pid):
        self.folder = pathlib.Path(f"/proc/{pid}")

    def bytes_of(self, field):
        status = (self.folder / "status").read_text()
        return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.M).group(1)) * 1024

    def forget_the_peak(self):
        (self.folder / "clear_refs").write_text("5")

    @property
    def now(self):
        return self.bytes_of("VmRSS")

    @property
    def peak(self):
        return self.bytes_of("VmHWM")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_5_gib_in_and_out_add_less_than_32_mib(own_larder):
    keys = own_larder.keys()
    own_larder.client("s3", keys).create_bucket(Bucket="large")
    upload(own_larder, "/large/warm-up", keys, 64 * MIB)
    download(own_larder, "/large/warm-up", keys, 64 * MIB)
    memory = Memory(own_larder.process.pid)
    memory.forget_the_peak()
    before = memory.now

    upload(own_larder, "/large/object", keys, OBJECT)
    assert memory.peak - before < ALLOWED_GROWTH, f"{(memory.peak - before) / MIB:.1f} MiB in"
    download(own_larder, "/large/object", keys, OBJECT)
    assert memory.peak - before < ALLOWED_GROWTH, f"{(memory.peak - before) / MIB:.1f} MiB out"
