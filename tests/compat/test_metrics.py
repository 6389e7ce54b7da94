"""What /metrics says after real requests; request ids in answers, audit and log."""

import concurrent.futures
import http.client
import json
import pathlib
import re
import socket
import time

import pytest

import raw
from errors import refused
from larder import Keys, Larder
from prometheus import scrape
from test_audit import events, everything_secret_of

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/metrics.md"


def eventually(condition):
    """What `condition` gives once it is true: counting and logging follow the answer."""
    deadline = time.monotonic() + 20
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            assert found
            return found


def scrape_after(larder, before, requests):
    """The metrics once so many more requests are counted, and not one more."""

    def settled():
        after = scrape(larder)
        return after if after.sum("larder_requests_total") >= total else None

    total = before.sum("larder_requests_total") + requests
    after = eventually(settled)
    assert after.sum("larder_requests_total") == total
    return after


@pytest.fixture
def talkative_larder(tmp_path, endpoint):
    """A server that logs every request, as JSON."""
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    options = ["--log-format", "json", "--log-level", "debug"]
    server = Larder(tmp_path, options=options).start()
    yield server
    assert server.stop() == 0
    assert all(json.loads(line) for line in server.log_text().splitlines())


def log_lines(larder):
    text = larder.log_text()
    return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]


# Metrics -----------------------------------------------------------------------------------------


def test_requests_move_the_counters_by_exactly_what_they_are(own_larder):
    s3, iam = own_larder.client("s3"), own_larder.client("iam")
    s3.create_bucket(Bucket="photos")
    iam.create_user(UserName="nobody")
    nobody = own_larder.client(
        "s3", Keys.of(iam.create_access_key(UserName="nobody")["AccessKey"]))
    stranger = own_larder.client("s3", Keys("AKIAAAAAAAAAAAAAAAAA", "x" * 40))
    before = eventually(lambda: settled_metrics(own_larder))

    s3.put_object(Bucket="photos", Key="k", Body=b"x" * 1000)
    assert s3.get_object(Bucket="photos", Key="k", Range="bytes=0-99")["Body"].read() == b"x" * 100
    for _ in range(2):
        with refused("NoSuchKey", 404):
            s3.get_object(Bucket="photos", Key="absent")
    with refused("AccessDenied", 403):
        nobody.get_object(Bucket="photos", Key="k")
    with refused("InvalidAccessKeyId", 403):
        stranger.put_object(Bucket="photos", Key="k", Body=b"y")
    with refused("NoSuchEntity", 404):
        iam.get_role(RoleName="absent")
    with refused("NotImplemented", 501):
        iam.create_group(GroupName="group")

    after = scrape_after(own_larder, before, 8)

    def moved(name, **labels):
        return after.value(name, **labels) - before.value(name, **labels)

    def requests(service, operation, status):
        return moved("larder_requests_total", service=service, operation=operation, status=status)

    assert requests("s3", "PutObject", "2xx") == 1
    assert requests("s3", "PutObject", "4xx") == 1
    assert requests("s3", "GetObject", "2xx") == 1
    assert requests("s3", "GetObject", "4xx") == 3
    assert requests("iam", "GetRole", "4xx") == 1
    assert requests("iam", "other", "5xx") == 1
    errors = {"NoSuchKey": 2, "AccessDenied": 1, "InvalidAccessKeyId": 1}
    for code, count in errors.items():
        assert moved("larder_errors_total", service="s3", code=code) == count
    assert after.sum("larder_errors_total") - before.sum("larder_errors_total") == 6
    put = {"service": "s3", "operation": "PutObject"}
    assert moved("larder_request_body_bytes_total", **put) == 1000
    assert moved("larder_request_duration_seconds_count", **put) == 2
    get = {"service": "s3", "operation": "GetObject"}
    assert moved("larder_response_body_bytes_total", **get) > 100
    assert moved("larder_request_body_bytes_total", **get) == 0
    assert moved("larder_audit_lines_total") == 7  # CreateGroup is no operation of Larder's
    assert moved("larder_commit_batches_total", outcome="committed") >= 1
    assert moved("larder_commit_sync_seconds_count") >= 1
    assert moved("larder_commit_written_bytes_total") > 1000
    assert moved("larder_connections_accepted_total") >= 3


def settled_metrics(larder):
    """Metrics in which each audited request is counted: nothing is on its way any more."""
    found = scrape(larder)
    settled = found.sum("larder_requests_total") == found.value("larder_audit_lines_total")
    return found if settled else None


def test_the_machine_is_shown(own_larder):
    found = scrape(own_larder)
    for name in ("larder_connections", "larder_pool_threads", "larder_storage_free_bytes",
                 "larder_kv_block_cache_limit_bytes", "larder_kv_memtable_bytes",
                 "larder_audit_ready", "process_resident_memory_bytes", "process_open_fds",
                 "process_cpu_seconds_total"):
        assert found.value(name) > 0, name
    assert found.value("larder_storage_free_bytes") <= found.value("larder_storage_total_bytes")
    assert abs(found.value("process_start_time_seconds") - time.time()) < 300
    assert found.sum("larder_build_info") == 1
    for name in ("larder_pool_refused_total", "larder_connections_refused_total",
                 "larder_audit_line_failures_total"):
        assert found.samples[name, frozenset()] == 0
    # The server commits of its own accord too: something may wait just now, but not for long.
    assert 0 <= found.samples["larder_commit_queue_age_seconds", frozenset()] < 60


def test_scrapes_under_load_are_well_formed_and_never_go_back(own_larder):
    keys = own_larder.keys()
    own_larder.client("s3", keys).create_bucket(Bucket="photos")
    rounds, workers = 40, 4

    def work(worker):
        s3 = own_larder.client("s3", keys)
        for number in range(rounds):
            s3.put_object(Bucket="photos", Key=f"{worker}/{number}", Body=b"x" * 2000)
            s3.get_object(Bucket="photos", Key=f"{worker}/{number}")["Body"].read()
            with refused("NoSuchKey", 404):
                s3.get_object(Bucket="photos", Key="absent")

    before = eventually(lambda: settled_metrics(own_larder))
    last = before
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(work, worker) for worker in range(workers)]
        while not all(one.done() for one in running):
            now = scrape(own_larder)
            counters = now.counters()
            for key, value in last.counters().items():
                assert counters.get(key, 0) >= value, key
            last = now
        for one in running:
            one.result()
    after = scrape_after(own_larder, before, rounds * workers * 3)
    put = {"service": "s3", "operation": "PutObject"}
    assert after.sum("larder_request_body_bytes_total", **put) == rounds * workers * 2000
    assert after.value("larder_commit_queue_length") == 0
    assert after.value("larder_pool_queue_length") == 0
    groups = after.value("larder_commit_group_batches_sum")
    waited = after.value("larder_commit_wait_seconds_count")
    assert groups == waited >= rounds * workers


def test_every_metric_is_documented_and_nothing_else(own_larder):
    documented = re.findall(r"^\| `([a-z_]+)`", DOCUMENT.read_text(), re.MULTILINE)
    assert sorted(documented) == sorted(scrape(own_larder).types)
    assert len(documented) == len(set(documented))


# Request ids and logs ----------------------------------------------------------------------------


def id_of(answer):
    """The request's id in the headers; where the body has one too, the same."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    (found,) = [headers[name] for name in ("x-amz-request-id", "x-amzn-requestid")
                if name in headers]
    assert found
    for inside in re.findall(r"<[Rr]equestI[dD]>([^<]*)<", answer.text):
        assert inside == found
    return found


def answers_of_every_service(larder):
    """(answer, whether it is of an operation and so audited) of good and bad requests."""
    keys, url = larder.keys(), larder.url

    def ask(service, method, path, query="", body=b"", signed=True, audited=True):
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        request = raw.sign(url, service, method, path, query, headers, body, keys)
        if not signed:
            request = request.with_header("Authorization", None)
        return raw.send(url, request), audited

    yield ask("s3", "GET", "/")
    yield ask("s3", "PUT", "/photos")
    yield ask("s3", "GET", "/photos/absent")
    yield ask("s3", "HEAD", "/photos/absent")
    yield ask("s3", "GET", "/photos", signed=False)
    yield ask("s3", "GET", "/photos", "policy&acl", audited=False)
    yield ask("s3", "PATCH", "/photos", audited=False)
    yield ask("s3", "GET", "/photos", "x=%zz", audited=False)
    for service, version, operation in (
            ("iam", "2010-05-08", "ListRoles"), ("sts", "2011-06-15", "GetCallerIdentity"),
            ("ec2", "2016-11-15", "DescribeInstances")):
        form = f"Action={operation}&Version={version}".encode()
        yield ask(service, "POST", "/", body=form)
        yield ask(service, "POST", "/", body=b"Action=Absent&Version=1", audited=False)
        yield ask(service, "POST", "/", body=b"Version=1", audited=False)
    yield local_answer(larder, "DescribeServer"), True
    yield local_answer(larder, "Absent"), False


def local_answer(larder, operation):
    """Of Larder's own service, on the Unix socket."""
    connection = http.client.HTTPConnection("localhost", timeout=60)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(larder.socket)
    try:
        connection.request("POST", "/", f"Action={operation}", {
            "Content-Type": "application/x-www-form-urlencoded",
            "x-larder-api-version": "2026-11-01"})
        answer = connection.getresponse()
        return raw.Answer(answer.status, dict(answer.headers.items()), answer.read())
    finally:
        connection.close()


def test_answer_audit_and_log_have_the_same_request_id(talkative_larder):
    answers = list(answers_of_every_service(talkative_larder))
    ids = [id_of(answer) for answer, _ in answers]
    assert len(set(ids)) == len(ids)
    audited = {event["requestID"]: event for event in events(talkative_larder)}
    by_id = {}
    for (answer, is_audited), request_id in zip(answers, ids):
        assert not is_audited or request_id in audited, answer
        if answer.status == 400 and "InvalidURI" in answer.text:
            continue  # nothing is known of it that a line could tell

        def line_of_it(request_id=request_id):
            by_id.update((line.get("request_id"), line) for line in log_lines(talkative_larder))
            return by_id.get(request_id)

        line = eventually(line_of_it)
        assert (line["status"], line["level"]) == (answer.status, "debug")
        assert line.get("error") == (answer.code or line.get("error"))
        if request_id in audited:
            assert line["operation"] == audited[request_id]["eventName"]


def test_no_secret_is_logged_even_when_every_request_is(talkative_larder):
    s3 = talkative_larder.client("s3")
    s3.create_bucket(Bucket="photos")
    url = s3.generate_presigned_url("list_objects_v2", {"Bucket": "photos"})
    raw.send(talkative_larder.url, raw.Request("GET", "/photos", url.split("?")[1], (
        ("Host", talkative_larder.url.removeprefix("http://")),), b""))
    secrets = everything_secret_of(talkative_larder)
    secrets.append(re.search("X-Amz-Signature=([0-9a-f]+)", url).group(1))
    text = talkative_larder.log_text()
    assert "ListObjectsV2" in text and "AssumeRole" in text
    for secret in secrets:
        assert secret not in text
        assert secret[len(secret) // 2:] not in text


def test_a_log_of_text_stays_quiet_about_requests(own_larder):
    own_larder.client("s3").create_bucket(Bucket="photos")
    assert own_larder.stop() == 0
    lines = own_larder.log_text().splitlines()
    assert lines and all(re.match(r"\d{4}-\d\d-\d\dT[\d:.]+Z info ", line) for line in lines)
    assert not any("request" in line for line in lines)


@pytest.mark.parametrize("option", [("--log-format", "xml"), ("--log-level", "loud")])
def test_a_wrong_log_option_is_explained(tmp_path, larder, option):
    done = larder.try_cli("server", "--data", str(tmp_path / "data"), *option)
    assert done.returncode == 2
    assert option[0] in done.stderr and option[1] in done.stderr


def test_the_configuration_file_says_how_to_log(tmp_path, endpoint):
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    (tmp_path / "larder.toml").write_text('log_format = "json"\nlog_level = "debug"\n')
    server = Larder(tmp_path, options=["--config", str(tmp_path / "larder.toml")]).start()
    server.client("s3").list_buckets()
    assert server.stop() == 0
    assert "ListBuckets" in {line.get("operation") for line in log_lines(server)}


def test_threads_have_names(own_larder):
    tasks = pathlib.Path(f"/proc/{own_larder.process.pid}/task").iterdir()
    names = {(task / "comm").read_text().strip() for task in tasks}
    assert {"io-0", "pool-0", "commit", "audit"} <= names
