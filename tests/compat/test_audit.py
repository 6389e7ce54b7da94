"""One line for each operation, in CloudTrail's field names, before the answer ends; no secrets."""

import getpass
import json
import os
import re
import stat
import sys

from errors import refused
from larder import Keys, allow, create_uploader, running_in, trust_of_account

FIELDS = {"eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress",
          "userAgent", "userIdentity", "requestID", "eventID", "eventType", "recipientAccountId"}


def audit_files(larder):
    return sorted(path for path in (larder.data / "audit").rglob("*") if path.is_file())


def events(larder, name=None):
    lines = [line for path in audit_files(larder) for line in path.read_text().splitlines()]
    found = [json.loads(line) for line in lines]
    return [event for event in found if name in (None, event["eventName"])]


def ours(event, name):
    """What CloudTrail has no field for: beside its fields, or in its place for more."""
    return event.get(name, event.get("additionalEventData", {}).get(name))


def test_an_operation_is_one_line(own_larder):
    before = len(events(own_larder))
    keys = own_larder.keys()
    issued = len(events(own_larder))
    own_larder.client("s3", keys).create_bucket(Bucket="photos")
    own_larder.client("s3", keys).put_object(Bucket="photos", Key="a b", Body=b"x")
    assert issued >= before
    new = events(own_larder)[issued:]
    assert [event["eventName"] for event in new] == ["CreateBucket", "PutObject"]
    for event in new:
        assert FIELDS <= set(event)
        assert event["eventSource"] == "s3.amazonaws.com"
        assert (event["awsRegion"], event["sourceIPAddress"]) == ("us-east-1", "127.0.0.1")
        assert ours(event, "decision").lower().startswith("allow")
        assert "errorCode" not in event
    assert new[1]["requestParameters"]["bucketName"] == "photos"
    assert new[1]["requestParameters"]["key"] == "a b"


def test_the_caller_is_named(own_larder):
    own_larder.client("iam").list_roles()
    (event,) = events(own_larder, "ListRoles")
    who = event["userIdentity"]
    assert (who["type"], who["accountId"]) == ("AssumedRole", own_larder.account())
    assert who["arn"].endswith(f":assumed-role/Operator/{getpass.getuser()}")
    assert who["accessKeyId"].startswith("ASIA")
    issuer = who["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["userName"]) == ("Role", "Operator")


def test_the_operators_uid_is_named_when_credentials_are_issued(own_larder):
    own_larder.keys()
    issued = [event for event in events(own_larder) if f'"uid":{os.getuid()}' in compact(event)]
    assert issued


def compact(event):
    return json.dumps(event, separators=(",", ":")).replace('"uid":"', '"uid":')


def test_a_refusal_says_why(own_larder):
    made = create_uploader(own_larder)
    client = "import boto3,sys; boto3.client('s3').delete_object(Bucket=sys.argv[1], Key='k')"
    done = own_larder.run(made.profile, [sys.executable, "-c", client, made.bucket])
    assert done.returncode != 0
    (event,) = events(own_larder, "DeleteObject")
    assert event["errorCode"] == "AccessDenied"
    assert "no permissions boundary allows the s3:DeleteObject action" in event["errorMessage"]
    assert "deny" in ours(event, "decision").lower()
    assert "boundary" in ours(event, "reason")
    assert re.search("i-[0-9a-f]{17}", str(ours(event, "sourceInstance")))


def test_anonymous_and_unknown_callers_are_recorded(own_larder):
    s3 = own_larder.client("s3", Keys("AKIAAAAAAAAAAAAAAAAA", "x" * 40))
    own_larder.client("s3").create_bucket(Bucket="photos")
    with refused("InvalidAccessKeyId", 403):
        s3.get_object(Bucket="photos", Key="k")
    (event,) = events(own_larder, "GetObject")
    assert event["errorCode"] == "InvalidAccessKeyId"


def test_files_are_for_their_owner_only(own_larder):
    own_larder.client("iam").list_roles()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in audit_files(own_larder)}
    assert modes == {0o600}


def everything_secret_of(larder):
    """Each kind of secret that a server hands out, used at least once."""
    iam, sts, account = larder.client("iam"), larder.client("sts"), larder.account()
    iam.create_user(UserName="somebody")
    user = iam.create_access_key(UserName="somebody")["AccessKey"]
    made = iam.create_role(
        RoleName="assumed", AssumeRolePolicyDocument=trust_of_account(account))
    iam.put_role_policy(RoleName="assumed", PolicyName="p", PolicyDocument=allow("s3:*"))
    session = sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="session")
    root = larder.cli_json("account", "create-root-key", "--account", account)
    keys = [larder.keys(), Keys.of(user), Keys.of(session["Credentials"]), Keys.of(root)]
    for one in keys:
        larder.client("sts", one).get_caller_identity()
    return [text for one in keys for text in (one.secret_key, one.token) if text]


def test_no_secret_is_written_anywhere(own_larder):
    secrets = everything_secret_of(own_larder)
    texts = {str(path): path.read_text() for path in audit_files(own_larder)}
    texts["the server's log"] = own_larder.log_text()
    for place, text in texts.items():
        for secret in secrets:
            assert secret not in text, place
            assert secret[len(secret) // 2:] not in text, place


def test_no_secret_is_on_disk_in_the_clear(own_larder):
    secrets = [text.encode() for text in everything_secret_of(own_larder)]
    own_larder.stop()
    for path in own_larder.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not any(secret in content for secret in secrets), path


def test_the_master_key_is_for_its_owner_only(own_larder):
    assert stat.S_IMODE((own_larder.data / "master.key").stat().st_mode) == 0o600


def test_no_secret_is_in_process_arguments(own_larder):
    made = create_uploader(own_larder)
    show = ["sh", "-c", 'curl -s -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" '
            '"$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest/api/token"; echo; read line; exit 0']
    with running_in(own_larder, made.profile, show) as program:
        token = program.stdout.readline().strip()
        assert token
        for arguments in all_command_lines():
            assert token not in arguments
            assert not re.search("ASIA[A-Z2-7]{16}", arguments), arguments


def all_command_lines():
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                yield file.read()
        except OSError:
            continue


def test_events_survive_a_restart(own_larder):
    own_larder.client("iam").list_roles()
    before = events(own_larder)
    own_larder.stop()
    own_larder.start()
    own_larder.client("iam").list_roles()
    after = events(own_larder)
    assert after[:len(before)] == before
    assert len(events(own_larder, "ListRoles")) == 2
