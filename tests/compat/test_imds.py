"""The metadata service as programs inside `larder run` see it, and as others do not."""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

from larder import REGION, create_full_access_profile, create_profile, running_in, trust_of, unique

PROBE = pathlib.Path(__file__).resolve().parent / "probes/metadata.py"
TOKEN_PATH = "/latest/api/token"
TTL = "X-aws-ec2-metadata-token-ttl-seconds"
TOKEN = "X-aws-ec2-metadata-token"
CREDENTIALS = "/latest/meta-data/iam/security-credentials"


@pytest.fixture(scope="module")
def profile(larder):
    return create_full_access_profile(larder)[1]


def ask(larder, profile, questions):
    """The answers to all the questions, from one program in one `larder run`."""
    done = larder.run(profile, [sys.executable, PROBE, json.dumps(questions)])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def get(path, **headers):
    return {"method": "GET", "path": path, "headers": {TOKEN: "TOKEN", **headers}}


def put_token(**headers):
    return {"method": "PUT", "path": TOKEN_PATH, "headers": headers}


@pytest.fixture
def answers_of(larder, profile):
    return lambda *questions: ask(larder, profile, list(questions))


def statuses(answers):
    return [answer["status"] for answer in answers]


# Tokens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ttl", ["1", "21600"])
def test_a_token_echoes_its_lifetime(answers_of, ttl):
    (answer,) = answers_of(put_token(**{TTL: ttl}))
    assert (answer["status"], answer["headers"][TTL.lower()]) == (200, ttl)
    assert answer["headers"]["content-type"].startswith("text/plain")
    assert re.fullmatch(r"[A-Za-z0-9_=+/.\-]{20,}", answer["body"])


def test_wrong_lifetimes(answers_of):
    wrong = ["", "x", "0", "-1", "21601", "1.5", "99999999999999999999"]
    answers = answers_of(put_token(), *(put_token(**{TTL: ttl}) for ttl in wrong))
    assert statuses(answers) == [400] * (1 + len(wrong))


def test_a_token_is_not_for_proxies(answers_of):
    forwarded = {"X-Forwarded-For": "10.0.0.1"}
    answers = answers_of(
        put_token(**{TTL: "60"}, **forwarded), get("/latest/meta-data/instance-id", **forwarded)
    )
    assert statuses(answers) == [403, 403]


def test_a_token_comes_with_every_framing_of_an_empty_body(answers_of):
    chunked = {"method": "PUT", "path": TOKEN_PATH, "body": "0\r\n\r\n",
               "headers": {TTL: "60", "Transfer-Encoding": "chunked"}}
    assert statuses(answers_of(
        put_token(**{TTL: "60"}), put_token(**{TTL: "60", "Content-Length": "0"}), chunked,
        {"method": "PUT", "path": TOKEN_PATH + "/", "headers": {TTL: "60"}},
    )) == [200] * 4


def test_other_methods_and_versions_of_the_token_path(answers_of):
    answers = answers_of(
        get(TOKEN_PATH), {"method": "POST", "path": TOKEN_PATH, "headers": {TTL: "60"}},
        {"method": "PUT", "path": "/2021-03-23/api/token", "headers": {TTL: "60"}},
    )
    assert statuses(answers) == [405, 405, 403]


def test_version_1_is_refused_by_default(answers_of):
    bare = {"method": "GET", "path": f"{CREDENTIALS}/"}
    wrong = {"method": "GET", "path": f"{CREDENTIALS}/", "headers": {TOKEN: "garbage"}}
    answers = answers_of(bare, wrong)
    assert statuses(answers) == [401, 401]
    assert "401 - Unauthorized" in answers[0]["body"]


def test_a_token_of_another_instance_is_refused(larder, profile):
    fetch = ["sh", "-c", f'curl -s -X PUT -H "{TTL}: 60" '
             f'"$AWS_EC2_METADATA_SERVICE_ENDPOINT{TOKEN_PATH}"']
    foreign = larder.run(profile, fetch).stdout
    assert foreign
    question = {"method": "GET", "path": f"{CREDENTIALS}/", "headers": {TOKEN: foreign}}
    assert statuses(ask(larder, profile, [question])) == [401]


# The tree ----------------------------------------------------------------------------------------


def test_credentials(answers_of, larder, profile):
    listing, document, extended = answers_of(
        get(f"{CREDENTIALS}/"), get(f"{CREDENTIALS}/{profile}"),
        get(f"/latest/meta-data/iam/security-credentials-extended/{profile}"),
    )
    assert listing["body"] == profile
    assert document["headers"]["content-type"].startswith(("text/plain", "application/json"))
    found = json.loads(document["body"])
    assert set(found) == {"Code", "LastUpdated", "Type", "AccessKeyId", "SecretAccessKey", "Token",
                          "Expiration"}
    assert (found["Code"], found["Type"]) == ("Success", "AWS-HMAC")
    assert re.fullmatch("ASIA[A-Z2-7]{16}", found["AccessKeyId"])
    assert_fresh(found)
    more = json.loads(extended["body"])
    assert more.pop("AccountId") == larder.account()
    assert more == found


def assert_fresh(document):
    """Both dates in the one spelling that botocore reads; at least 25 minutes left."""
    for name in ("LastUpdated", "Expiration"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document[name])
    expires = datetime.datetime.fromisoformat(document["Expiration"].replace("Z", "+00:00"))
    left = expires - datetime.datetime.now(datetime.timezone.utc)
    assert left > datetime.timedelta(minutes=25)


def test_the_same_credentials_between_rotations(answers_of, profile):
    first, again = answers_of(get(f"{CREDENTIALS}/{profile}"), get(f"{CREDENTIALS}/{profile}"))
    assert first["body"] == again["body"]


def test_iam_info(answers_of, iam, profile):
    (answer,) = answers_of(get("/latest/meta-data/iam/info"))
    found = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]
    info = json.loads(answer["body"])
    assert info.pop("LastUpdated")
    assert info == {"Code": "Success", "InstanceProfileArn": found["Arn"],
                    "InstanceProfileId": found["InstanceProfileId"]}


def test_who_and_where_the_instance_is(answers_of, account):
    instance, zone, region, document = (answer["body"] for answer in answers_of(
        get("/latest/meta-data/instance-id"), get("/latest/meta-data/placement/availability-zone"),
        get("/latest/meta-data/placement/region"),
        get("/latest/dynamic/instance-identity/document"),
    ))
    assert re.fullmatch("i-[0-9a-f]{17}", instance)
    assert (region, zone[:-1]) == (REGION, REGION)
    identity = json.loads(document)
    assert (identity["instanceId"], identity["accountId"]) == (instance, account)
    assert (identity["region"], identity["availabilityZone"]) == (region, zone)
    assert identity["version"] == "2017-09-30"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", identity["pendingTime"])


DIRECTORIES = [
    "", "latest", "latest/meta-data", "latest/meta-data/iam", CREDENTIALS[1:],
    "latest/meta-data/placement", "latest/dynamic", "latest/dynamic/instance-identity",
]


def test_a_directory_with_and_without_its_slash(answers_of):
    with_slash = answers_of(*(get(f"/{path}/".replace("//", "/")) for path in DIRECTORIES))
    without = answers_of(*(get(f"/{path}") for path in DIRECTORIES))
    for path, first, second in zip(DIRECTORIES, with_slash, without):
        assert first["status"] == second["status"] == 200, path
        assert first["body"] == second["body"], path
        assert first["body"] and not first["body"].endswith("\n"), path


def test_listings_mark_directories(answers_of):
    root, latest, metadata, placement = (answer["body"].split("\n") for answer in answers_of(
        get("/"), get("/latest/"), get("/latest/meta-data/"), get("/latest/meta-data/placement/")
    ))
    assert {"latest", "1.0", "2021-03-23"} <= set(root)
    assert {name.rstrip("/") for name in latest} >= {"dynamic", "meta-data"}
    assert {"iam/", "placement/", "instance-id"} <= set(metadata)
    assert {"availability-zone", "region"} <= set(placement)


def test_a_leaf_with_a_slash_and_doubled_slashes(answers_of):
    answers = answers_of(
        get("/latest/meta-data/placement/availability-zone"),
        get("/latest/meta-data/placement/availability-zone/"),
        get("//latest/meta-data/placement/availability-zone"),
        get("/latest//meta-data//placement/availability-zone"),
        get("/2009-04-04/meta-data/placement/availability-zone"),
    )
    assert {(answer["status"], answer["body"]) for answer in answers} == {(200, REGION + "a")}


def test_what_is_not_there(answers_of):
    paths = ["/latest/meta-data/nothing", "/1999-01-01/meta-data/", f"{CREDENTIALS}/other-role",
             "/latest/user-data", "/latest/meta-data/public-keys/", "/latest/meta-data/../../etc"]
    answers = answers_of(*map(get, paths))
    assert statuses(answers) == [404] * len(paths)
    assert "404 - Not Found" in answers[0]["body"]


def test_only_get_and_head(answers_of):
    path = "/latest/meta-data/instance-id"
    head, *others = answers_of(*(
        {"method": method, "path": path, "headers": {TOKEN: "TOKEN"}}
        for method in ("HEAD", "POST", "DELETE", "PUT")
    ))
    assert (head["status"], head["body"]) == (200, "")
    assert int(head["headers"]["content-length"]) == 19
    assert statuses(others) == [405, 405, 405]


def test_every_answer_has_a_length_and_a_date(answers_of):
    for answer in answers_of(get("/latest/"), get("/latest/none"), put_token()):
        assert {"content-length", "date"} <= set(answer["headers"])
        assert answer["headers"]["server"] == "EC2ws"


# What the instance's state changes ---------------------------------------------------------------


def test_a_role_that_does_not_trust_ec2(larder, iam):
    name = unique("role")
    iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust_of("lambda.amazonaws.com")
    )
    create_profile(iam, name)
    (answer,) = ask(larder, name, [get(f"{CREDENTIALS}/{name}")])
    assert answer["status"] == 200
    assert json.loads(answer["body"])["Code"] == "AssumeRoleUnauthorizedAccess"


def test_a_role_chosen_by_its_name(larder, profile):
    questions = json.dumps([get(f"{CREDENTIALS}/")])
    done = larder.run(profile, [sys.executable, PROBE, questions], how="--role")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["body"] == profile


def test_sessions_tell_their_instance_and_delivery(larder, profile):
    who = [sys.executable, "-c", "import boto3; print(boto3.client('sts')"
           ".get_caller_identity()['Arn'])"]
    done = larder.run(profile, who)
    assert re.search(rf":assumed-role/{profile}/i-[0-9a-f]{{17}}\n$", done.stdout), done.stderr


# Who else is answered ----------------------------------------------------------------------------

SHOW_ENDPOINT = ["sh", "-c", "echo $AWS_EC2_METADATA_SERVICE_ENDPOINT; read line; exit 0"]
ASK_STATUS = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-H",
              f"{TTL}: 60"]


def status_of(command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout


def as_somebody_else():
    """A prefix that makes a process neither root's nor a descendant of `larder run`."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]


def test_a_process_outside_is_refused_and_logged(larder, profile):
    with running_in(larder, profile, SHOW_ENDPOINT) as program:
        url = program.stdout.readline().strip() + TOKEN_PATH
        assert status_of([*as_somebody_else(), *ASK_STATUS, url]) == "403"
        program.stdin.close()
        assert "403" in program.stderr.read()


def test_root_outside_is_answered(larder, profile):
    if os.getuid() != 0:
        return  # there is no root here to ask
    with running_in(larder, profile, SHOW_ENDPOINT) as program:
        url = program.stdout.readline().strip() + TOKEN_PATH
        assert status_of([*ASK_STATUS, url]) == "200"


def test_an_orphaned_descendant_is_answered(larder, profile, tmp_path):
    script = (
        f'mkfifo {tmp_path}/answer; setsid --fork sh -c \'{" ".join(map(quoted, ASK_STATUS))} '
        f'"$AWS_EC2_METADATA_SERVICE_ENDPOINT{TOKEN_PATH}" > {tmp_path}/answer\'; '
        f"cat {tmp_path}/answer"
    )
    assert larder.run(profile, ["sh", "-c", script]).stdout == "200"


def quoted(word):
    return f'"{word}"'


def test_the_service_listens_on_loopback_only(larder, profile):
    with running_in(larder, profile, SHOW_ENDPOINT) as program:
        endpoint = program.stdout.readline().strip()
    assert re.fullmatch(r"http://(127\.\d+\.\d+\.\d+|\[::1\]|localhost):\d+/", endpoint)
