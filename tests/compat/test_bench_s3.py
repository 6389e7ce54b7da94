"""bench_s3 against the server, in seconds: not what it measures is looked at, but that it does."""

import json
import os
import pathlib
import subprocess

import pytest

from larder import clean_environment

OPERATIONS = ["put", "get", "mixed", "list", "delete"]


@pytest.fixture(scope="session")
def bench_s3():
    built = pathlib.Path(__file__).resolve().parents[2] / "build/release/bench/s3/bench_s3"
    path = pathlib.Path(os.environ.get("LARDER_BENCH_S3", built))
    advice = "ninja -C build/release bench_s3, or set LARDER_BENCH_S3"
    assert os.access(path, os.X_OK), f"no bench_s3 at {path}: {advice}"
    return str(path)


def run(program, larder, *arguments, rounds=1, timeout=120):
    return subprocess.run(
        [program, "--seconds", "0.3", "--rounds", str(rounds), "--warm-up", "0", *arguments],
        env=clean_environment(larder.home), cwd=larder.folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=timeout, check=False,
    )


def the_operator(larder):
    return ["--credentials", f"process:{larder.credential_process()}"]


def test_a_small_matrix_prints_a_table_without_errors_and_leaves_nothing(
    larder, bench_s3, s3, tmp_path
):
    before = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    rounds = tmp_path / "rounds.json"
    done = run(
        bench_s3, larder, "--endpoint", larder.url, *the_operator(larder), "--connections", "1,2",
        "--sizes", "4KiB,1MiB", "--objects", "20", "--json", str(rounds),
    )
    assert done.returncode == 0, done.stderr + done.stdout
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == [
        "operation", *["put"] * 4, *["get"] * 4, *["mixed"] * 4, *["list"] * 2, *["delete"] * 2,
    ]
    written = json.loads(rounds.read_text())["rounds"]
    assert {each["operation"] for each in written} == set(OPERATIONS)
    for each in written:
        assert each["operations"] > 0 and each["errors"] == {}, each
        assert each["server_resident_bytes"] > 1 << 20, each
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == before


def test_two_endpoints_are_compared_in_turns(larder, bench_s3):
    both = ["--endpoint", larder.url, "--name", "one", "--endpoint", larder.url, "--name", "two"]
    done = run(
        bench_s3, larder, *both, *the_operator(larder), "--only", "get", "--sizes", "4KiB",
        "--connections", "2", "--objects", "10", "--sign-payload", rounds=2,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert [line.split()[3] for line in done.stdout.splitlines()[1:]] == ["one", "two", "ratio"]


def test_a_bucket_that_is_named_stays_with_what_is_others_in_it(larder, bench_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="mine", Body=b"mine")
    done = run(
        bench_s3, larder, "--endpoint", larder.url, *the_operator(larder), "--bucket", bucket,
        "--only", "put", "--sizes", "4KiB", "--connections", "2",
    )
    assert done.returncode == 0, done.stderr + done.stdout
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [item["Key"] for item in listed] == ["mine"]


def test_errors_are_in_the_row_and_in_the_exit_status(larder, bench_s3, s3, bucket):
    s3.put_object(Bucket=bucket, Key="object", Body=b"x" * 4096)
    url = f"{larder.url}/{bucket}/object"
    allowed = run(
        bench_s3, larder, "--get-url", url, *the_operator(larder), "--connections", "1",
    )
    assert allowed.returncode == 0, allowed.stderr + allowed.stdout
    refused = run(bench_s3, larder, "--get-url", url, "--unsigned", "--connections", "1")
    assert refused.returncode == 1 and "403" in refused.stderr, refused

    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/bench-s3/4KiB/read/000001"}
    s3.put_bucket_policy(
        Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    partly = run(
        bench_s3, larder, "--endpoint", larder.url, *the_operator(larder), "--bucket", bucket,
        "--only", "get", "--sizes", "4KiB", "--connections", "2", "--objects", "3",
    )
    assert partly.returncode == 1 and " x 403" in partly.stdout, partly
    s3.delete_bucket_policy(Bucket=bucket)


def test_wrong_usage_is_explained(larder, bench_s3):
    for arguments in (
        [], ["--endpoint", "ftp://x"], ["--endpoint", "http://x", "--only", "head"],
        ["--endpoint", "http://x", "--sizes", "4XB"], ["--endpoint", "http://x", "--nonsense"],
    ):
        done = run(bench_s3, larder, *arguments)
        assert done.returncode == 2 and done.stderr, arguments
    missing = run(bench_s3, larder, "--endpoint", larder.url)
    assert missing.returncode == 1 and "AWS_ACCESS_KEY_ID" in missing.stderr
    nobody = run(bench_s3, larder, "--endpoint", "http://127.0.0.1:1", *the_operator(larder))
    assert nobody.returncode == 1 and "no connection" in nobody.stderr


def test_the_help_has_examples(larder, bench_s3):
    done = run(bench_s3, larder, "--help")
    assert done.returncode == 0
    assert "Examples:" in done.stdout
