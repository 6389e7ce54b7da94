"""AWS's clients, unmodified, each inside `larder run`: upload, list, read back, compare bytes.

0 B, 1 B, 5 MiB and 100 MiB; the last in parts, by those clients that cut.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from larder import aws_command_line, create_full_access_profile, unique

HERE = pathlib.Path(__file__).resolve().parent
DEBIAN_AWS = "/usr/bin/aws"
SIZES = {"empty": 0, "one": 1, "middle": 5 * 1024 * 1024, "large": 100 * 1024 * 1024}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for name, size in SIZES.items():
        (folder / name).write_bytes(os.urandom(size))
    return folder


@pytest.fixture(scope="module")
def worker(larder):
    """(bucket, profile)"""
    return create_full_access_profile(larder)


def run_program(larder, profile, command):
    done = larder.run(profile, command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def stored_sizes(larder, bucket, prefix):
    listed = larder.client("s3").list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/")
    return {item["Key"].split("/")[-1]: item["Size"] for item in listed.get("Contents", [])}


def assert_stored(larder, bucket, prefix, files):
    """What the client has uploaded, as the operator sees it."""
    assert stored_sizes(larder, bucket, prefix) == SIZES
    s3 = larder.client("s3")
    for name in SIZES:
        body = s3.get_object(Bucket=bucket, Key=f"{prefix}/{name}")["Body"].read()
        assert digest(body) == digest((files / name).read_bytes()), name


def digest(content):
    return hashlib.sha256(content).hexdigest()


def through_the_command_line(larder, worker, files, aws):
    """Upload, list and download of a folder with a given `aws`."""
    (bucket, profile), prefix = worker, unique("cli")
    place = f"s3://{bucket}/{prefix}/"
    back = larder.folder / prefix
    run_program(larder, profile, [*aws, "s3", "cp", "--recursive", files, place])
    listing = run_program(larder, profile, [*aws, "s3", "ls", place])
    assert {line.split()[-1]: int(line.split()[-2]) for line in listing.splitlines()} == SIZES
    run_program(larder, profile, [*aws, "s3", "cp", "--recursive", place, back])
    for name in SIZES:
        assert digest((back / name).read_bytes()) == digest((files / name).read_bytes()), name
    shutil.rmtree(back)
    assert_stored(larder, bucket, prefix, files)


def test_aws_command_line_1(larder, worker, files):
    through_the_command_line(larder, worker, files, [aws_command_line()])


def test_aws_command_line_2_of_debian(larder, worker, files):
    assert os.access(DEBIAN_AWS, os.X_OK), f"no {DEBIAN_AWS}: tools/install-packages test"
    through_the_command_line(
        larder, worker, files, [DEBIAN_AWS, "--endpoint-url", larder.url]
    )


def test_boto3(larder, worker, files):
    (bucket, profile), prefix = worker, unique("boto3")
    program = HERE / "probes/upload.py"
    output = run_program(larder, profile, [sys.executable, program, files, bucket, prefix])
    assert output == f"compared {len(SIZES)}\n"
    assert_stored(larder, bucket, prefix, files)


def newest_node():
    """LARDER_NODE, else the one on the PATH; the SDK needs version 20."""
    node = os.environ.get("LARDER_NODE") or shutil.which("node")
    assert node, "no node: ./test brings one, or set LARDER_NODE"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    assert int(version.lstrip("v").split(".")[0]) >= 20, f"{node} is {version}"
    return node


def test_javascript_sdk_3(larder, worker, files):
    (bucket, profile), prefix = worker, unique("js")
    assert (HERE / "js/node_modules").is_dir(), "run `npm install --no-package-lock` in js/"
    command = [newest_node(), HERE / "js/upload.mjs", files, bucket, prefix]
    assert run_program(larder, profile, command).endswith(f"compared {len(SIZES)}\n")
    assert_stored(larder, bucket, prefix, files)


def test_java_sdk_1(larder, worker, files):
    (bucket, profile), prefix = worker, unique("java")
    target = HERE / "java/target"
    assert (target / "compat.jar").is_file(), "run `mvn -B package` in java/"
    classes = f"{target / 'compat.jar'}:{target / 'lib'}/*"
    command = ["java", "-cp", classes, "Main", larder.url, files, bucket, prefix]
    assert run_program(larder, profile, command).endswith(f"compared {len(SIZES)}\n")
    assert_stored(larder, bucket, prefix, files)
