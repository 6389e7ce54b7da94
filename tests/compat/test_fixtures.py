"""Data directories that earlier programs made (tests/fixtures) are opened by this one."""

import hashlib
import json
import pathlib
import subprocess

import pytest

from larder import Keys, Larder, binary, clean_environment

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
VERSIONS = sorted(path.name.split("-")[1].split(".")[0] for path in FIXTURES.glob("data-*.tar.xz"))


def unpacked(folder, version):
    """The server on a copy of it, not started; and what is in it."""
    subprocess.run(
        ["tar", "-xJf", FIXTURES / f"data-{version}.tar.xz", "-C", folder], check=True)
    manifest = json.loads((FIXTURES / f"data-{version}.json").read_text())
    return Larder(folder), manifest


def check_everything(server, manifest):
    s3, bucket = server.client("s3"), manifest["bucket"]
    listed = {item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]}
    assert listed == set(manifest["objects"])
    for key, digest in manifest["objects"].items():
        found = s3.get_object(Bucket=bucket, Key=key)
        assert hashlib.sha256(found["Body"].read()).hexdigest() == digest, key
        if not key.endswith("in parts"):
            assert found["ContentType"] == "text/x-fixture", key
            assert found["Metadata"] == {"made-by": "make"}, key
    (upload,) = s3.list_multipart_uploads(Bucket=bucket)["Uploads"]
    assert upload["UploadId"] == manifest["upload"]
    (part,) = s3.list_parts(
        Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])["Parts"]
    assert part["Size"] == 4
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    iam = server.client("iam")
    assert [user["UserName"] for user in iam.list_users()["Users"]] == [manifest["user"]]
    assert iam.get_role(RoleName=manifest["role"])["Role"]["RoleName"] == manifest["role"]
    named = [account["AccountName"] for account in server.cli_json("account", "list")]
    assert named == manifest["accounts"]
    # A sealed secret opens under the directory's own key.
    alice = server.client("s3", Keys(manifest["access_key"], manifest["secret_key"]))
    assert alice.get_object(Bucket=bucket, Key="in tables/small")["Body"].read()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_directory_of_this_or_an_earlier_version_is_opened_and_read(tmp_path, version):
    server, manifest = unpacked(tmp_path, version)
    checked = subprocess.run(
        [binary(), "fsck", str(server.data)], env=clean_environment(tmp_path), timeout=60,
        capture_output=True, text=True, check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    server.start()
    check_everything(server, manifest)
    # It is one that can be written to, and stays what it was for the next start.
    s3 = server.client("s3")
    s3.put_object(Bucket=manifest["bucket"], Key="new", Body=b"new")
    s3.delete_object(Bucket=manifest["bucket"], Key="new")
    assert server.stop() == 0
    server.start()
    check_everything(server, manifest)
    assert server.stop() == 0
    assert server.try_cli("fsck", str(server.data)).returncode == 0


def test_there_is_a_directory_of_this_version(tmp_path):
    server = Larder(tmp_path).start()
    version = (server.data / "format").read_text().split()[2]
    assert server.stop() == 0
    assert version in VERSIONS, "tests/fixtures/README.md says how to make it"


@pytest.mark.parametrize("command", ["server", "fsck"])
def test_a_directory_of_a_later_version_is_refused_and_left_alone(tmp_path, command):
    server, _ = unpacked(tmp_path, VERSIONS[-1])
    path = server.data / "format"
    path.write_text(path.read_text().replace(f"data {VERSIONS[-1]}", "data 987"))
    before = {file: file.read_bytes() for file in server.data.rglob("*") if file.is_file()}
    arguments = server.command() if command == "server" else [binary(), "fsck", str(server.data)]
    refused = subprocess.run(
        arguments, env=clean_environment(tmp_path), timeout=60, capture_output=True, text=True,
        check=False,
    )
    assert refused.returncode != 0 and "larder: ready" not in refused.stdout
    assert "version 987" in refused.stderr and "newer release" in refused.stderr, refused.stderr
    after = {file: file.read_bytes() for file in server.data.rglob("*") if file.is_file()}
    assert {name: after[name] for name in before if name.name != "lock"} == {
        name: content for name, content in before.items() if name.name != "lock"}
