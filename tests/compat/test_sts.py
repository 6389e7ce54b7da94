"""STS: who am I, and AssumeRole with its bounds."""

import datetime
import getpass

import pytest

from errors import refused
from larder import Keys, allow, policy, trust_of, trust_of_account, unique


@pytest.fixture
def role(iam, account):
    """(name, ARN) of a role that this account's principals may assume; it may read S3."""
    name = unique("role")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of_account(account))
    iam.put_role_policy(RoleName=name, PolicyName="s3", PolicyDocument=allow("s3:*"))
    return name, made["Role"]["Arn"]


@pytest.fixture
def user(larder, iam):
    """(name, keys) of a user that may assume roles."""
    name = unique("user")
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return name, Keys(made["AccessKeyId"], made["SecretAccessKey"])


def assume(sts, arn, session="session", **more):
    return sts.assume_role(RoleArn=arn, RoleSessionName=session, **more)


# Who am I ----------------------------------------------------------------------------------------


def test_the_operator_is_a_session_of_the_reserved_role(larder, sts, account):
    who = sts.get_caller_identity()
    role, session = who["Arn"].split("/")[1:]
    assert who["Arn"].startswith(f"arn:aws:sts::{account}:assumed-role/Operator/")
    assert (role, session) == ("Operator", getpass.getuser())
    assert who["UserId"].startswith("AROA") and who["UserId"].endswith(f":{session}")


def test_a_user(larder, user, account):
    name, keys = user
    who = larder.client("sts", keys).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{account}:user/{name}"
    assert (who["Account"], who["UserId"][:4]) == (account, "AIDA")


def test_the_root(larder, account):
    keys = larder.keys("--root")
    who = larder.client("sts", keys).get_caller_identity()
    assert who["Arn"] == f"arn:aws:iam::{account}:root"
    assert (who["Account"], who["UserId"]) == (account, account)


def test_identity_policies_cannot_deny_asking_who_one_is(larder, iam, user):
    name, keys = user
    assert larder.client("sts", keys).get_caller_identity()["Arn"].endswith(name)


# AssumeRole --------------------------------------------------------------------------------------


def test_a_session_of_a_role(larder, sts, role, account):
    name, arn = role
    answer = assume(sts, arn, "my-session")
    credentials, assumed = answer["Credentials"], answer["AssumedRoleUser"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert assumed["Arn"] == f"arn:aws:sts::{account}:assumed-role/{name}/my-session"
    assert assumed["AssumedRoleId"].startswith("AROA")
    assert "PackedPolicySize" not in answer
    left = credentials["Expiration"] - datetime.datetime.now(datetime.timezone.utc)
    assert 3500 < left.total_seconds() <= 3601
    keys = Keys.of(credentials)
    assert larder.client("sts", keys).get_caller_identity()["Arn"] == assumed["Arn"]
    assert larder.client("s3", keys).list_buckets()["Buckets"] is not None


def test_a_session_policy_cuts(larder, sts, role, bucket):
    _, arn = role
    answer = assume(sts, arn, Policy=allow("s3:ListBucket"))
    assert 0 <= answer["PackedPolicySize"] <= 100
    s3 = larder.client("s3", Keys.of(answer["Credentials"]))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    with refused("AccessDenied", 403) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert refusal.message.endswith("because no session policy allows the s3:PutObject action")


def test_managed_session_policies_cut(larder, sts, role, bucket):
    _, arn = role
    read_only = [{"arn": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}]
    keys = Keys.of(assume(sts, arn, PolicyArns=read_only)["Credentials"])
    s3 = larder.client("s3", keys)
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    with refused("AccessDenied", 403):
        s3.put_object(Bucket=bucket, Key="k", Body=b"")


def test_a_session_policy_that_does_not_exist(larder, sts, role, account):
    _, arn = role
    other = larder.cli_json("account", "create", "--name", unique("other"))["AccountId"]
    foreign = larder.client("iam", larder.keys("--account", other)).create_policy(
        PolicyName=unique("foreign"), PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    for missing in (f"arn:aws:iam::{account}:policy/none", "arn:aws:iam::aws:policy/NoneOfAws",
                    foreign, "none-that-is-an-arn-at-all"):
        with refused("ValidationError", 400,
                     f"Policy {missing} does not exist or is not attachable."):
            assume(sts, arn, PolicyArns=[{"arn": missing}])


def test_a_role_and_its_boundary_both_have_to_allow(larder, iam, sts, role, bucket):
    name, arn = role
    made = iam.create_policy(PolicyName=unique("b"), PolicyDocument=allow("s3:GetObject"))
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=made["Policy"]["Arn"])
    s3 = larder.client("s3", Keys.of(assume(sts, arn)["Credentials"]))
    with refused("AccessDenied", 403) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert refusal.message == (
        f"User: {arn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/session is "
        f'not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::{bucket}/k" because '
        "no permissions boundary allows the s3:PutObject action"
    )


def test_editing_a_policy_counts_at_once(larder, iam, sts, role, bucket):
    name, arn = role
    s3 = larder.client("s3", Keys.of(assume(sts, arn)["Credentials"]))
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    iam.delete_role_policy(RoleName=name, PolicyName="s3")
    with refused("AccessDenied", 403) as refusal:
        s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert "because no identity-based policy allows the s3:PutObject action" in refusal.message


def test_sessions_of_a_deleted_role_end(larder, iam, sts, role):
    name, arn = role
    s3 = larder.client("s3", Keys.of(assume(sts, arn)["Credentials"]))
    s3.list_buckets()
    iam.delete_role_policy(RoleName=name, PolicyName="s3")
    iam.delete_role(RoleName=name)
    with refused("InvalidAccessKeyId", 403):
        s3.list_buckets()


def test_a_user_needs_the_permission_or_the_trust(larder, iam, user, account):
    name, keys = user
    role = unique("role")
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust_of_account(account))
    arn, sts = made["Role"]["Arn"], larder.client("sts", keys)
    user_arn = f"arn:aws:iam::{account}:user/{name}"
    with refused("AccessDenied", 403) as refusal:
        assume(sts, arn)
    assert refusal.message.startswith(
        f"User: {user_arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
    )
    trusted = {"Effect": "Allow", "Principal": {"AWS": user_arn}, "Action": "sts:AssumeRole"}
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=policy(trusted))
    assert assume(sts, arn)["Credentials"]


def test_a_role_that_is_not_there_looks_like_one_that_is_denied(larder, sts, account):
    who = sts.get_caller_identity()["Arn"]
    for arn in (f"arn:aws:iam::{account}:role/missing", "arn:aws:iam::999999999999:role/other"):
        with refused("AccessDenied", 403) as refusal:
            assume(sts, arn)
        assert refusal.message.startswith(
            f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        )


def test_a_role_for_instances_is_not_for_the_operator(iam, sts):
    name = unique("role")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of())
    with refused("AccessDenied", 403):
        assume(sts, made["Role"]["Arn"])


def test_the_root_cannot_assume_roles(larder, role):
    _, arn = role
    with refused("AccessDenied", 403):
        assume(larder.client("sts", larder.keys("--root")), arn)


# Bounds ------------------------------------------------------------------------------------------


def test_a_chained_session_lasts_an_hour_at_most(larder, iam, sts, account):
    name = unique("role")
    made = iam.create_role(
        RoleName=name, AssumeRolePolicyDocument=trust_of_account(account), MaxSessionDuration=7200
    )
    message = (
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
        "role chaining."
    )
    with refused("ValidationError", 400, message):
        assume(sts, made["Role"]["Arn"], DurationSeconds=3601)


def test_a_duration_beyond_the_roles(larder, iam, user, account):
    name, keys = user
    trusted = {
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{account}:user/{name}"},
    }
    made = iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=policy(trusted))
    sts, arn = larder.client("sts", keys), made["Role"]["Arn"]
    message = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    with refused("ValidationError", 400, message):
        assume(sts, arn, DurationSeconds=3601)
    assert assume(sts, arn, DurationSeconds=900)["Credentials"]


@pytest.mark.parametrize("seconds", [0, 899, 43201])
def test_a_duration_out_of_bounds(sts, role, seconds):
    with refused("ValidationError", 400):
        assume(sts, role[1], DurationSeconds=seconds)


def test_a_wrong_session_name(sts, role):
    message = (
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*"
    )
    with refused("ValidationError", 400, message):
        assume(sts, role[1], "Session1:2")
    for name in ("x", "x" * 65):
        with refused("ValidationError", 400):
            assume(sts, role[1], name)


def test_a_wrong_arn(sts):
    wrong = "arn-that-is-none-at-all"
    with refused("ValidationError", 400, f"{wrong} is invalid"):
        assume(sts, wrong)


def test_a_malformed_session_policy(sts, role):
    with refused("MalformedPolicyDocument", 400):
        assume(sts, role[1], Policy="not json")


def test_an_external_id_that_the_trust_asks_for(larder, iam, sts, account):
    trusted = {
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "secret-id"}},
    }
    made = iam.create_role(RoleName=unique("role"), AssumeRolePolicyDocument=policy(trusted))
    arn = made["Role"]["Arn"]
    with refused("AccessDenied", 403):
        assume(sts, arn)
    with refused("AccessDenied", 403):
        assume(sts, arn, ExternalId="other")
    assert assume(sts, arn, ExternalId="secret-id")["Credentials"]


def test_an_operation_that_larder_does_not_have_says_its_name(sts):
    with refused("NotImplemented", 501) as refusal:
        sts.get_session_token()
    assert "GetSessionToken" in refusal.message
