"""Strangers who send what is no HTTP, too slowly, in part or too much: the others do not notice."""

import contextlib
import os
import pathlib
import re
import resource
import socket
import threading
import time
import urllib.parse

import botocore.exceptions
import pytest

import raw
from larder import Larder, unique

MIB = 1024 * 1024
HOST = b"Host: localhost\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\n" + HOST + b"\r\n"


def address(server):
    host, port = urllib.parse.urlsplit(server.url).netloc.split(":")
    return host, int(port)


def connect(server):
    return socket.create_connection(address(server), timeout=30)


def everything(connection):
    """All that the server says before it hangs up."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65536):
            said += piece
    return said


def talk(server, content, half_close=True):
    with connect(server) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(content)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        return everything(connection)


def statuses(said):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


def resident(server):
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1)) * 1024


def until(true, why, seconds=30):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def the_server_lives_on(larder):
    yield
    assert larder.process.poll() is None, larder.log_text()


# Framing -----------------------------------------------------------------------------------------

PUT = b"PUT /b/k HTTP/1.1\r\n" + HOST
POST = b"POST / HTTP/1.1\r\n" + HOST

# Heads whose length is in doubt: whoever forwards them may see a second request where we see none,
# or the other way round.
DOUBTFUL_HEADS = {
    "length and chunks": PUT + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": PUT + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": PUT + b"Content-Length: 0\r\nContent-Length: 44\r\n\r\n",
    "two lengths in one": PUT + b"Content-Length: 0, 44\r\n\r\n",
    "a length with a sign": PUT + b"Content-Length: +0\r\n\r\n",
    "a hexadecimal length": PUT + b"Content-Length: 0x0\r\n\r\n",
    "a length with a space": PUT + b"Content-Length: 0 0\r\n\r\n",
    "an empty length": PUT + b"Content-Length:\r\n\r\n",
    "a huge length": PUT + b"Content-Length: 18446744073709551616\r\n\r\n",
    "a space before the colon": PUT + b"Content-Length : 0\r\n\r\n",
    "a tab before the colon": PUT + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "chunks twice": PUT + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "chunks in two headers": PUT + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
                                   b"\r\n0\r\n\r\n",
    "identity": PUT + b"Transfer-Encoding: identity\r\n\r\n",
    "chunks and something": PUT + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "something and chunks": PUT + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "nearly chunks": PUT + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "quoted chunks": PUT + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "chunks with a parameter": PUT + b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    "chunks and a vertical tab": PUT + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks of 1.0": b"PUT /b/k HTTP/1.0\r\n" + HOST
                     + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a folded header": PUT + b"Content-Length:\r\n 0\r\n\r\n",
    "a folded coding": PUT + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "a folded first header": b"PUT /b/k HTTP/1.1\r\n Content-Length: 9\r\n" + HOST + b"\r\n",
    "a bare line feed": PUT + b"X: y\nContent-Length: 9\r\n\r\n",
    "bare line feeds": b"PUT /b/k HTTP/1.1\nHost: localhost\nContent-Length: 0\n\n",
    "a bare carriage return": PUT + b"X: y\rContent-Length: 9\r\n\r\n",
    "a nul in a value": PUT + b"X: y\x00z\r\n\r\n",
    "a nul in a name": PUT + b"X\x00: y\r\n\r\n",
    "a line without a colon": PUT + b"Content-Length\r\n\r\n",
    "an empty name": PUT + b": 5\r\n\r\n",
    "two hosts": PUT + b"Host: elsewhere\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n",
    "two spaces": b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n",
    "another version": b"GET / HTTP/1.2\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("name", DOUBTFUL_HEADS)
def test_a_head_in_doubt_ends_its_connection(larder, name):
    said = talk(larder, DOUBTFUL_HEADS[name] + SMUGGLED)
    assert len(statuses(said)) == 1 and statuses(said)[0] in (400, 411, 413, 501, 505), said


# Bodies in chunks, behind a head that is in order.
CHUNKS = PUT + b"Transfer-Encoding: chunked\r\n\r\n"
DOUBTFUL_CHUNKS = {
    "no size": b"\r\n\r\n",
    "no number": b"zz\r\n",
    "a sign": b"+1\r\na\r\n0\r\n\r\n",
    "a prefix": b"0x1\r\na\r\n0\r\n\r\n",
    "a space before": b" 1\r\na\r\n0\r\n\r\n",
    "a size beyond all": b"10000000000000000\r\na\r\n0\r\n\r\n",
    "a wrapped size": b"ffffffffffffffff\r\na\r\n0\r\n\r\n",
    "a bare line feed": b"1\na\r\n0\r\n\r\n",
    "a bare line feed behind the data": b"1\r\na\n0\r\n\r\n",
    "a longer chunk": b"1\r\nab\r\n0\r\n\r\n",
    "a shorter chunk": b"3\r\nab\r\n0\r\n\r\n",
    "a nul in the extension": b"1;a=\x00\r\na\r\n0\r\n\r\n",
    "a line feed in the extension": b"1;a=\nb\r\na\r\n0\r\n\r\n",
    "an endless extension": b"1;a=" + b"b" * 100_000 + b"\r\na\r\n0\r\n\r\n",
    "an endless size": b"0" * 100_000 + b"1\r\na\r\n0\r\n\r\n",
    "an endless trailer": b"0\r\n" + b"a: b\r\n" * 20_000 + b"\r\n",
    "a folded trailer": b"0\r\na: b\r\n c\r\n\r\n",
    "a bare line feed in the trailer": b"0\r\na: b\n\r\n",
}


@pytest.mark.parametrize("name", DOUBTFUL_CHUNKS)
def test_chunks_in_doubt_end_their_connection(larder, name):
    said = talk(larder, CHUNKS + DOUBTFUL_CHUNKS[name] + SMUGGLED)
    assert len(statuses(said)) <= 1, said
    assert all(400 <= status < 500 for status in statuses(said)), said


def test_what_is_in_order_is_answered_one_by_one(larder):
    extended = CHUNKS + b"1;name=value\r\na\r\n00000\r\nsome: trailer\r\n\r\n"
    said = talk(larder, extended + SMUGGLED + SMUGGLED)
    assert len(statuses(said)) == 3 and all(400 <= each < 500 for each in statuses(said)), said


def test_garbage_behind_a_request_is_refused_after_its_answer(larder):
    client_hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    for garbage in (b"\x00" * 1000, b"hello\r\n\r\n", client_hello, preface):
        said = talk(larder, SMUGGLED + garbage)
        assert statuses(said)[0] == 404 and statuses(said)[1:] in ([], [400], [505]), said


def test_who_has_said_all_may_close_that_half_and_is_answered(larder, operator):
    request = raw.capture(larder.url, "s3", "ListBuckets", {}, operator)
    head = f"{request.method} {request.target} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in request.headers)
    said = talk(larder, head.encode() + b"\r\n")
    assert statuses(said) == [200] and b"</ListAllMyBucketsResult>" in said
    # In the midst of a head there is nothing to answer.
    assert statuses(talk(larder, head.encode())) in ([], [400])


def test_a_head_without_an_end_is_refused_and_takes_no_memory(larder):
    before = resident(larder)
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            connection = stack.enter_context(connect(larder))
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * MIB)
            said = everything(connection)
            assert statuses(said) in ([], [400], [431]), said
        assert resident(larder) - before < 32 * MIB


# Much of it at a time ----------------------------------------------------------------------------


def open_many(server, count, stack, first=b""):
    """Connections that have sent this much; the server has taken each."""
    connections = []
    for _ in range(count):
        connection = stack.enter_context(connect(server))
        connection.sendall(first)
        connections.append(connection)
    until(lambda: gauge(server, "larder_connections") >= count,
          lambda: f"{gauge(server, 'larder_connections')} connections of {count}")
    return connections


def gauge(server, name):
    text = raw.send(server.admin, raw.Request("GET", "/metrics", "", (("Host", "x"),), b"")).text
    return float(re.search(rf"^{name} (\S+)$", text, re.M).group(1))


@contextlib.contextmanager
def many_files(count):
    """Room for so many connections at this end; the server inherits it, too."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, count), hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_that_send_a_byte_at_a_time_hold_up_nobody(larder, s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    before = resident(larder)
    head = b"PUT /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"
    with many_files(4096), contextlib.ExitStack() as stack:
        connections = open_many(larder, 1000, stack, head[:1])
        slowest = 0
        for at in range(1, 12):
            for connection in connections:
                connection.sendall(head[at:at + 1])
            begun = time.monotonic()
            assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"content"
            slowest = max(slowest, time.monotonic() - begun)
        assert slowest < 2
        assert resident(larder) - before < 32 * MIB


def test_idle_connections_take_little(larder, s3):
    count = int(os.environ.get("LARDER_IDLE_CONNECTIONS", "2000"))
    with many_files(2 * count), contextlib.ExitStack() as stack:
        before = resident(larder)
        connections = open_many(larder, count, stack, SMUGGLED)
        for connection in connections:
            assert statuses(connection.recv(65536)) == [404]
        more = resident(larder) - before
        each = more / count / 1024
        print(f"{count} idle connections: {more / MIB:.1f} MiB more, {each:.1f} KiB each")
        assert more < count * 150 * MIB / 10_000
        s3.list_buckets()


def test_uploads_that_are_left_give_their_space_back(own_larder):
    s3 = own_larder.client("s3")
    bucket = unique("left")
    s3.create_bucket(Bucket=bucket)
    names = {"Bucket": bucket, "Key": "k", "Body": b""}
    request = raw.capture(own_larder.url, "s3", "PutObject", names, own_larder.keys())
    request = request.with_header("Content-Length", str(20 * MIB))
    head = f"PUT {request.target} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in request.headers)
    temporary = own_larder.data / "blobs/tmp"
    with contextlib.ExitStack() as stack:
        for _ in range(10):
            stack.enter_context(connect(own_larder)).sendall(head.encode() + b"\r\n" + bytes(MIB))
        until(lambda: any(temporary.iterdir()), lambda: "no upload has begun")
    until(lambda: not any(temporary.iterdir()), lambda: sorted(temporary.iterdir()))
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    assert not [path for path in (own_larder.data / "blobs").rglob("*") if path.is_file()]


# The server's own limits -------------------------------------------------------------------------


class Puts(threading.Thread):
    """Puts small and large objects until it is told to stop; keeps what was acknowledged."""

    def __init__(self, s3, bucket, name):
        super().__init__(daemon=True)
        self.s3, self.bucket, self.label = s3, bucket, name
        self.enough = threading.Event()
        self.acknowledged = {}
        self.errors = []

    def run(self):
        number = 0
        while not self.enough.is_set():
            number += 1
            key, body = f"{self.label}/{number}", f"{self.label} {number} ".encode() * (
                10 if number % 2 else 20_000)
            try:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
                self.acknowledged[key] = body
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
                self.errors.append(error)


def check_all(s3, bucket, writers):
    for writer in writers:
        for key, body in writer.acknowledged.items():
            assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body, key


def test_a_server_without_file_descriptors_loses_nothing_and_comes_back(tmp_path, endpoint):
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    limit = 128
    server = Larder(tmp_path, prefix=["prlimit", f"--nofile={limit}"]).start()
    s3 = server.client("s3", connect_timeout=5, read_timeout=5)
    bucket = unique("files")
    s3.create_bucket(Bucket=bucket)
    writers = [Puts(s3, bucket, f"w{i}") for i in range(2)]
    for writer in writers:
        writer.start()
    until(lambda: all(len(writer.acknowledged) > 3 for writer in writers), lambda: "no puts")
    with contextlib.ExitStack() as stack:
        for _ in range(2 * limit):
            connection = stack.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(address(server))
        assert used_files(server) > limit - 20
        until(lambda: any(writer.errors for writer in writers) or
              all(len(writer.acknowledged) > 50 for writer in writers), lambda: "nothing happens")
    done = [len(writer.acknowledged) for writer in writers]
    until(lambda: all(len(writer.acknowledged) > count + 3
                      for writer, count in zip(writers, done, strict=True)),
          lambda: f"it does not come back: {[writer.errors[-1:] for writer in writers]}")
    for writer in writers:
        writer.enough.set()
        writer.join(timeout=30)
    check_all(s3, bucket, writers)
    assert "Too many open files" in server.log_text()
    server.kill()
    server.prefix = []
    server.start()
    check_all(server.client("s3"), bucket, writers)
    assert server.stop() == 0
    assert server.try_cli("fsck", str(server.data)).returncode == 0


def used_files(server):
    return len(list(pathlib.Path(f"/proc/{server.process.pid}/fd").iterdir()))


def test_a_server_that_gets_no_more_memory_loses_nothing(own_larder):
    s3 = own_larder.client("s3", max_pool_connections=32)
    bucket = unique("memory")
    s3.create_bucket(Bucket=bucket)
    status = pathlib.Path(f"/proc/{own_larder.process.pid}/status").read_text()
    used = int(re.search(r"^VmSize:\s+(\d+) kB", status, re.M).group(1)) * 1024
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.prlimit(own_larder.process.pid, resource.RLIMIT_AS, (used + 8 * MIB, hard))
    writers = [Puts(s3, bucket, f"w{i}") for i in range(16)]
    for writer in writers:
        writer.start()
    until(lambda: all(len(writer.acknowledged) + len(writer.errors) > 10 for writer in writers),
          lambda: "nothing happens")
    resource.prlimit(own_larder.process.pid, resource.RLIMIT_AS, (hard, hard))
    done = [len(writer.acknowledged) for writer in writers]
    until(lambda: all(len(writer.acknowledged) > count
                      for writer, count in zip(writers, done, strict=True)),
          lambda: f"it does not come back: {[writer.errors[-1:] for writer in writers]}")
    for writer in writers:
        writer.enough.set()
        writer.join(timeout=30)
    assert own_larder.process.poll() is None, own_larder.log_text()
    check_all(s3, bucket, writers)
