"""What accounts and buckets hold, exactly, also after kills; quotas: with real clients."""

import concurrent.futures
import threading

import pytest

from errors import refused
from larder import Keys, Larder, unique
from prometheus import scrape
from test_fixtures import unpacked
from test_fsck import fsck
from test_metrics import eventually

MIB = 1024 * 1024


class Tally:
    """What one bucket should hold."""

    def __init__(self, server, bucket):
        self.server, self.bucket = server, bucket
        self.account = server.account()

    def shown(self):
        (account,) = self.server.cli_json(
            "account", "usage", "--account", self.account, "--format", "json")
        (bucket,) = [one for one in account["Buckets"] if one["Name"] == self.bucket]
        return bucket

    def is_now(self, objects, size, uploads=0, upload_size=0):
        expected = {"Name": self.bucket, "Objects": objects, "Bytes": size, "Uploads": uploads,
                    "UploadBytes": upload_size}
        return self.shown() == expected

    def check(self, *expected):
        assert self.is_now(*expected), (self.shown(), expected)


def set_limit(server, limit, account=None):
    return server.cli_json(
        "account", "set", "--account", account or server.account(), "--max-bytes", str(limit))


@pytest.fixture
def tally(own_larder):
    s3 = own_larder.client("s3")
    bucket = unique("counted")
    s3.create_bucket(Bucket=bucket)
    return Tally(own_larder, bucket)


def test_every_kind_of_write_is_counted(own_larder, tally):
    s3, where = own_larder.client("s3"), {"Bucket": tally.bucket}
    tally.check(0, 0)
    s3.put_object(**where, Key="small", Body=b"x" * 100)
    s3.put_object(**where, Key="large", Body=b"x" * MIB)
    tally.check(2, 100 + MIB)
    s3.put_object(**where, Key="large", Body=b"x" * 5000)
    tally.check(2, 5100)
    s3.copy_object(**where, Key="copy", CopySource=f"{tally.bucket}/large")
    tally.check(3, 10_100)
    s3.delete_object(**where, Key="large")
    s3.delete_object(**where, Key="never there")
    tally.check(2, 5100)
    s3.delete_objects(**where, Delete={"Objects": [{"Key": "copy"}, {"Key": "small"}]})
    tally.check(0, 0)

    album = {**where, "Key": "album"}
    upload = s3.create_multipart_upload(**album)["UploadId"]
    parts = [s3.upload_part(**album, UploadId=upload, PartNumber=n, Body=b"p" * size)["ETag"]
             for n, size in [(1, 5 * MIB), (2, 70), (2, 30), (3, 1000)]]
    tally.check(0, 0, 1, 5 * MIB + 1030)
    chosen = [{"PartNumber": 1, "ETag": parts[0]}, {"PartNumber": 2, "ETag": parts[2]}]
    s3.complete_multipart_upload(**album, UploadId=upload, MultipartUpload={"Parts": chosen})
    eventually(lambda: tally.is_now(1, 5 * MIB + 30))  # the part that was not used is freed behind
    upload = s3.create_multipart_upload(**album)["UploadId"]
    s3.upload_part(**album, UploadId=upload, PartNumber=1, Body=b"p" * 10)
    s3.abort_multipart_upload(**album, UploadId=upload)
    eventually(lambda: tally.is_now(1, 5 * MIB + 30))


def test_a_kill_changes_nothing_about_the_numbers(own_larder, tally):
    s3 = own_larder.client("s3", own_larder.keys("--duration", "43200"))
    sizes = {}
    for round_number in range(3):
        for i in range(20):
            sizes[i % 7, round_number % 2] = 37 * i + round_number
            s3.put_object(Bucket=tally.bucket, Key=f"{i % 7}/{round_number % 2}",
                          Body=b"k" * (37 * i + round_number))
        own_larder.kill()
        status, findings, _ = fsck(own_larder)
        assert (status, findings) == (0, [])
        own_larder.restart_on_the_same_port()
        tally.check(len(sizes), sum(sizes.values()))


def test_numbers_are_exact_when_a_kill_interrupts_writers(own_larder, tally):
    keys = own_larder.keys("--duration", "43200")
    for _ in range(3):
        begun = threading.Semaphore(0)

        def write(number, url=own_larder.url, begun=begun):
            s3 = own_larder.client("s3", keys)
            for i in range(10_000):
                try:
                    s3.put_object(Bucket=tally.bucket, Key=f"{number}/{i % 5}",
                                  Body=b"w" * (1 + 1777 * i % 20_000))
                    begun.release()
                except Exception:  # pylint: disable=broad-except
                    return

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for number in range(4):
                pool.submit(write, number)
            for _ in range(60):
                assert begun.acquire(timeout=60)
            own_larder.kill()
        status, findings, _ = fsck(own_larder)
        assert status == 0, findings
        own_larder.restart_on_the_same_port()
        listed = own_larder.client("s3", keys).list_objects_v2(Bucket=tally.bucket)["Contents"]
        tally.check(len(listed), sum(one["Size"] for one in listed))


def test_a_quota_refuses_what_would_hold_more(own_larder, tally):
    s3, where = own_larder.client("s3"), {"Bucket": tally.bucket}
    account = own_larder.account()
    assert set_limit(own_larder, 1000)["MaxBytes"] == 1000
    s3.put_object(**where, Key="a", Body=b"x" * 600)
    s3.put_object(**where, Key="b", Body=b"x" * 400)
    with refused("QuotaExceeded", 403) as refusal:
        s3.put_object(**where, Key="c", Body=b"x")
    assert refusal.message == (
        f"The account {account} may hold 1000 bytes and holds 1000, parts of uploads included; "
        "this request would add 1. Delete objects, abort uploads, or ask the operator for a higher "
        "limit (`larder account set`).")
    with refused("QuotaExceeded", 403):
        s3.copy_object(**where, Key="copy", CopySource=f"{tally.bucket}/a")
    with refused("QuotaExceeded", 403):
        s3.put_object(**where, Key="large", Body=b"x" * 3 * MIB)
    upload = s3.create_multipart_upload(**where, Key="album")["UploadId"]
    with refused("QuotaExceeded", 403):
        s3.upload_part(**where, Key="album", UploadId=upload, PartNumber=1, Body=b"x")
    assert s3.get_object(**where, Key="a")["Body"].read() == b"x" * 600
    s3.put_object(**where, Key="a", Body=b"x" * 500)
    part = s3.upload_part(**where, Key="album", UploadId=upload, PartNumber=1, Body=b"x" * 100)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**where, Key="album", UploadId=upload, MultipartUpload=parts)
    tally.check(3, 1000)
    s3.delete_object(**where, Key="b")
    s3.put_object(**where, Key="c", Body=b"x" * 400)
    own_larder.kill()
    own_larder.restart_on_the_same_port()
    with refused("QuotaExceeded", 403):
        own_larder.client("s3").put_object(**where, Key="d", Body=b"x")
    assert "MaxBytes" not in set_limit(own_larder, "none")
    own_larder.client("s3").put_object(**where, Key="d", Body=b"x" * MIB)


def test_a_quota_is_of_one_account_and_of_whoever_owns_the_bucket(own_larder):
    other = own_larder.cli_json("account", "create", "--name", "other")["AccountId"]
    set_limit(own_larder, "1KiB", other)
    theirs = Keys.of(own_larder.cli_json("account", "create-root-key", "--account", other))
    s3, bucket, mine = own_larder.client("s3", theirs), unique("theirs"), unique("mine")
    s3.create_bucket(Bucket=bucket)
    with refused("QuotaExceeded", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 1025)
    s3.put_object(Bucket=bucket, Key="k", Body=b"x" * 1024)
    own_larder.client("s3").create_bucket(Bucket=mine)
    own_larder.client("s3").put_object(Bucket=mine, Key="k", Body=b"x" * 5000)
    shown = own_larder.cli("account", "usage").stdout
    assert [line.split() for line in shown.splitlines()[-2:]] == [
        [other, "other", "(of", "1024", "bytes)", "1", "1024", "0", "0"],
        [bucket, "1", "1024", "0", "0"]]


def test_two_writers_do_not_pass_a_quota_together(own_larder, tally):
    set_limit(own_larder, 100_000)
    keys = own_larder.keys()

    def write(number):
        s3, stored = own_larder.client("s3", keys), 0
        for i in range(40):
            try:
                s3.put_object(Bucket=tally.bucket, Key=f"{number}/{i}", Body=b"x" * 7000)
                stored += 1
            except s3.exceptions.ClientError as error:
                assert error.response["Error"]["Code"] == "QuotaExceeded"
        return stored

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(write, range(2))) == 14
    tally.check(14, 98_000)


def test_the_command_says_what_is_wrong(own_larder):
    account = own_larder.account()
    for wrong in ["", "-1", "many", "1.5GiB", "10GiBs", "99999999999999999999"]:
        done = own_larder.try_cli("account", "set", "--account", account, f"--max-bytes={wrong}")
        assert (done.returncode, done.stdout) == (2, ""), wrong
    done = own_larder.try_cli("account", "usage", "--account", "000000000000")
    assert done.returncode == 1 and "no account 000000000000" in done.stderr
    done = own_larder.try_cli("account", "set", "--account", "000000000000", "--max-bytes", "1")
    assert done.returncode == 1 and done.stderr
    (listed,) = own_larder.cli_json("account", "list")
    assert "MaxBytes" not in listed
    set_limit(own_larder, "2kB")
    (listed,) = own_larder.cli_json("account", "list")
    assert listed["MaxBytes"] == 2000


def test_metrics_show_accounts_and_buckets(own_larder, tally):
    s3 = own_larder.client("s3")
    s3.put_object(Bucket=tally.bucket, Key="k", Body=b"x" * 300)
    upload = s3.create_multipart_upload(Bucket=tally.bucket, Key="album")["UploadId"]
    s3.upload_part(Bucket=tally.bucket, Key="album", UploadId=upload, PartNumber=1, Body=b"x" * 20)
    set_limit(own_larder, 5000)
    metrics = scrape(own_larder)
    labels = {"account": tally.account}
    for level in ["account", "bucket"]:
        assert metrics.value(f"larder_{level}_objects", **labels) == 1
        assert metrics.value(f"larder_{level}_bytes", **labels) == 300
        assert metrics.value(f"larder_{level}_upload_bytes", **labels) == 20
        labels["bucket"] = tally.bucket
    assert metrics.value("larder_account_max_bytes", account=tally.account) == 5000
    assert metrics.value("larder_buckets") == 1
    s3.delete_object(Bucket=tally.bucket, Key="k")
    s3.delete_bucket(Bucket=tally.bucket)
    metrics = scrape(own_larder)
    assert metrics.value("larder_buckets") == 0
    assert metrics.value("larder_account_bytes", account=tally.account) == 0
    assert metrics.sum("larder_bucket_bytes") == 0


def test_a_directory_of_format_2_is_counted_once_when_it_is_opened(tmp_path, endpoint):
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    server, manifest = unpacked(tmp_path, "2")
    server.start()
    try:
        s3, bucket = server.client("s3"), manifest["bucket"]
        sizes = [item["Size"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]]
        for _ in range(2):
            Tally(server, bucket).check(len(sizes), sum(sizes), 1, 4)
            assert (server.data / "format").read_text().startswith("larder data 3\n")
            server.kill()
            status, findings, _ = fsck(server)
            assert (status, findings) == (0, [])
            server.start()
        assert server.log_text().count("counting what buckets hold, once") == 1
    finally:
        server.kill()
