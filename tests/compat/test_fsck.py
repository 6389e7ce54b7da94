"""`larder fsck` on a real data directory, and what clients see of the damage it finds."""

import json
import random
import time

import botocore.exceptions
import pytest

from larder import Larder, unique

MIB = 1024 * 1024
BLOCK = 256 * 1024


def fsck(server, *options):
    """The exit status, the findings and the summary."""
    done = server.try_cli("fsck", str(server.data), "--format", "json", *options)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    summary = lines.pop()["summary"] if lines and "summary" in lines[-1] else None
    return done.returncode, lines, summary


def blob_with(server, content):
    """The file that holds these bytes, and where in it."""
    for path in (server.data / "blobs").glob("??/??/*"):
        at = path.read_bytes().find(content)
        if at >= 0:
            return path, at
    raise AssertionError("no blob has these bytes")


def flip(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x10]))


@pytest.fixture
def own_larder(tmp_path, endpoint):
    """As everywhere, but it does not check its objects by itself."""
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    server = Larder(tmp_path, options=["--scrub-rate", "0"]).start()
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def stored(own_larder):
    """A stopped server with objects of every kind: their contents by key, and a bucket."""
    content = random.Random(7)
    s3 = own_larder.client("s3")
    bucket = unique("checked")
    s3.create_bucket(Bucket=bucket)
    objects = {
        "small": content.randbytes(100),
        "middle/one": content.randbytes(70_000),
        "large": content.randbytes(2 * MIB),
    }
    for key, body in objects.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body, ChecksumAlgorithm="SHA256")
    parts = [content.randbytes(5 * MIB), content.randbytes(1000)]
    where = {"Bucket": bucket, "Key": "in-parts"}
    upload = s3.create_multipart_upload(**where, ChecksumAlgorithm="CRC32")["UploadId"]
    made = []
    for number, part in enumerate(parts, 1):
        sent = s3.upload_part(
            **where, UploadId=upload, PartNumber=number, Body=part, ChecksumAlgorithm="CRC32"
        )
        made.append({
            "PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": sent["ChecksumCRC32"],
        })
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": made})
    objects["in-parts"] = b"".join(parts)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "in-parts"})
    objects["copy"] = objects["in-parts"]
    s3.create_multipart_upload(Bucket=bucket, Key="never-finished")
    assert own_larder.stop() == 0
    return own_larder, bucket, objects


def test_a_whole_directory_is_clean_and_stays_as_it_is(stored):
    server, _, objects = stored
    before = {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    status, findings, summary = fsck(server)
    assert (status, findings) == (0, [])
    assert summary["objects"] == len(objects) and summary["uploads"] == 1
    assert summary["bytes"] == sum(map(len, objects.values()))
    after = {path: path.read_bytes() for path in server.data.rglob("*") if path.is_file()}
    before.pop(server.data / "lock"), after.pop(server.data / "lock")
    assert after == before
    text = server.try_cli("fsck", str(server.data))
    assert text.returncode == 0 and "nothing is damaged" in text.stdout, text.stdout


def test_a_flipped_byte_is_found_and_never_served(stored):
    server, bucket, objects = stored
    path, at = blob_with(server, objects["large"][3 * BLOCK + 100 : 3 * BLOCK + 150])
    flip(path, at)
    status, findings, summary = fsck(server)
    assert status == 1 and summary["damaged"] == 1, findings
    assert findings[0]["bucket"] == bucket and findings[0]["key"] == "large"
    assert findings[0]["versionId"] == "null" and findings[0]["blob"] == path.name
    assert (findings[0]["offset"], findings[0]["length"]) == (3 * BLOCK, BLOCK)
    text = server.try_cli("fsck", str(server.data))
    assert text.returncode == 1 and f"bucket {bucket}, key large" in text.stdout, text.stdout

    server.start()
    s3 = server.client("s3")
    with pytest.raises((botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError)):
        s3.get_object(Bucket=bucket, Key="large")["Body"].read()
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="large", Range=f"bytes={3 * BLOCK}-{3 * BLOCK + 9}")
    error = refused.value.response
    assert error["Error"]["Code"] == "InternalError" and "damaged" in error["Error"]["Message"]
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert f"bucket {bucket}, key large" in server.log_text()
    keys = {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert keys == set(objects)
    for key in set(objects) - {"large"}:
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == objects[key], key
    # What of it is whole can be saved, and an upload mends it.
    head = s3.get_object(Bucket=bucket, Key="large", Range=f"bytes=0-{3 * BLOCK - 1}")
    assert head["Body"].read() == objects["large"][: 3 * BLOCK]
    s3.put_object(Bucket=bucket, Key="large", Body=objects["large"])
    assert server.stop() == 0
    assert fsck(server)[0] == 0


def test_quarantine_takes_the_blob_out_and_keeps_it(stored):
    server, bucket, objects = stored
    path, at = blob_with(server, objects["in-parts"][-500:])
    flip(path, at)
    status, findings, summary = fsck(server, "--quarantine")
    assert status == 1 and summary["quarantined"] == 1
    assert findings[0]["key"] in ("in-parts", "copy")
    assert not path.exists() and (server.data / "quarantine" / path.name).is_file()
    status, findings, _ = fsck(server)
    assert status == 1 and "missing" in findings[0]["what"] and "quarantine" in findings[0]["what"]
    server.start()
    s3 = server.client("s3")
    key = findings[0]["key"]
    with pytest.raises((botocore.exceptions.ClientError, botocore.exceptions.HTTPClientError)):
        s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    assert key in {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    s3.delete_object(Bucket=bucket, Key=key)
    assert server.stop() == 0
    assert fsck(server)[0] == 0
    assert (server.data / "quarantine" / path.name).is_file()


def test_a_lost_blob_and_one_too_many_are_told_apart(stored):
    server, _, objects = stored
    path, _ = blob_with(server, objects["middle/one"][:100])
    elsewhere = path.with_name(path.name[:-1] + ("0" if path.name[-1] != "0" else "1"))
    path.rename(elsewhere)
    status, findings, summary = fsck(server)
    assert status == 1 and summary["damaged"] == 1
    lost = next(finding for finding in findings if finding["grade"] == "damage")
    assert lost["key"] == "middle/one" and "missing" in lost["what"]
    orphan = next(finding for finding in findings if finding["grade"] == "note")
    assert orphan["blob"] == elsewhere.name and "key" not in orphan


def test_a_running_server_keeps_fsck_out(own_larder):
    refused = own_larder.try_cli("fsck", str(own_larder.data))
    assert refused.returncode == 2 and refused.stdout == ""
    assert f"pid {own_larder.process.pid}" in refused.stderr, refused.stderr
    assert own_larder.client("s3").list_buckets()["Buckets"] == []


def test_what_is_no_data_directory_cannot_be_checked(own_larder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    for path in (empty, tmp_path / "absent"):
        refused = own_larder.try_cli("fsck", str(path))
        assert refused.returncode == 2 and str(path) in refused.stderr, refused.stderr
    assert list(empty.iterdir()) == []


def test_the_server_checks_its_objects_by_itself(stored):
    server, bucket, objects = stored
    path, at = blob_with(server, objects["large"][1000:1050])
    flip(path, at)
    # The first one did not check, or the next pass would begin a week later.
    server.options = ["--scrub-rate", "1000"]
    server.start()
    expected = f"stored data is damaged: bucket {bucket}, key large"
    deadline = time.monotonic() + 60
    while expected not in server.log_text():
        assert time.monotonic() < deadline, server.log_text()
        assert server.client("s3").list_buckets()["Buckets"]  # it serves meanwhile
    assert server.stop() == 0
