"""Real clients against a real server. HACKING.md says how to run one of these tests in seconds."""

import os

import pytest

from larder import Larder, create_uploader, make_client, unique


def pytest_addoption(parser):
    parser.addoption(
        "--endpoint",
        help="run the S3 cases against this S3 instead, with the credentials boto3 finds by itself",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than half a minute")
    if config.getoption("--endpoint"):
        return
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        os.environ.pop(name, None)


@pytest.fixture(scope="session")
def endpoint(request):
    return request.config.getoption("--endpoint")


@pytest.fixture(scope="session")
def larder(tmp_path_factory, endpoint):
    """The server that most tests share. Every test makes its own names in it."""
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    server = Larder(tmp_path_factory.mktemp("larder")).start()
    yield server
    assert server.stop() == 0, server.log_text()


@pytest.fixture
def own_larder(tmp_path, endpoint):
    """A server for one test, which may kill it."""
    if endpoint:
        pytest.skip("--endpoint: this case needs Larder itself")
    server = Larder(tmp_path).start()
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture(scope="session")
def operator(larder):
    return larder.keys()


@pytest.fixture(scope="session")
def account(larder):
    return larder.account()


@pytest.fixture(scope="session")
def other_account(larder):
    """Credentials of the operator of a second account."""
    made = larder.cli_json("account", "create", "--name", unique("other"))
    return larder.keys("--account", made["AccountId"])


@pytest.fixture(scope="session")
def s3(request, endpoint):
    if endpoint:
        return make_client("s3", endpoint)
    server = request.getfixturevalue("larder")
    return server.client("s3", request.getfixturevalue("operator"))


@pytest.fixture(scope="session")
def iam(larder, operator):
    return larder.client("iam", operator)


@pytest.fixture(scope="session")
def sts(larder, operator):
    return larder.client("sts", operator)


@pytest.fixture(scope="session")
def ec2(larder, operator):
    return larder.client("ec2", operator)


@pytest.fixture
def bucket(s3):
    """An empty bucket, emptied and removed afterwards."""
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def empty(s3, bucket):
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            s3.delete_object(Bucket=bucket, Key=item["Key"])


@pytest.fixture(scope="session")
def uploader(larder, operator):
    return create_uploader(larder, operator)
