"""IAM's operations: what they answer, what they refuse, in AWS's words."""

import json
import re

import boto3
import pytest

from errors import refused
from larder import allow, create_profile, policy, trust_of, unique

S3_FULL_ACCESS = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
TRUST = trust_of()


@pytest.fixture
def role(iam):
    name = unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
    return name


@pytest.fixture
def user(iam):
    name = unique("user")
    iam.create_user(UserName=name)
    return name


@pytest.fixture
def profile(iam):
    name = unique("profile")
    iam.create_instance_profile(InstanceProfileName=name)
    return name


@pytest.fixture
def managed(iam):
    return create_policy(iam)


def create_policy(iam, **more):
    made = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=allow("s3:*"), **more)
    return made["Policy"]["Arn"]


def is_id(text, prefix):
    return re.fullmatch(prefix + "[A-Z2-7]{17}", text) is not None


def names_of(pages, items, name):
    return [item[name] for page in pages for item in page[items]]


# Roles -------------------------------------------------------------------------------------------


def test_a_role_is_created_as_asked(iam, account):
    name = unique("role")
    made = iam.create_role(
        RoleName=name, Path="/a/b/", AssumeRolePolicyDocument=TRUST, Description="why",
        MaxSessionDuration=7200, Tags=[{"Key": "team", "Value": "blue"}],
    )["Role"]
    assert (made["RoleName"], made["Path"]) == (name, "/a/b/")
    assert made["Arn"] == f"arn:aws:iam::{account}:role/a/b/{name}"
    assert is_id(made["RoleId"], "AROA")
    assert made["AssumeRolePolicyDocument"] == json.loads(TRUST)
    got = iam.get_role(RoleName=name)["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("why", 7200)
    assert got["Tags"] == [{"Key": "team", "Value": "blue"}]
    assert (got["RoleId"], got["CreateDate"]) == (made["RoleId"], made["CreateDate"])


def test_a_role_exists_once_whatever_its_case(iam, role):
    for name in (role, role.upper()):
        with refused("EntityAlreadyExists", 409, f"Role with name {name} already exists."):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


def test_a_missing_role(iam):
    message = "The role with name missing cannot be found."
    calls = [
        lambda: iam.get_role(RoleName="missing"),
        lambda: iam.delete_role(RoleName="missing"),
        lambda: iam.attach_role_policy(RoleName="missing", PolicyArn=S3_FULL_ACCESS),
        lambda: iam.list_role_policies(RoleName="missing"),
        lambda: iam.update_assume_role_policy(RoleName="missing", PolicyDocument=TRUST),
        lambda: iam.delete_role_permissions_boundary(RoleName="missing"),
    ]
    for call in calls:
        with refused("NoSuchEntity", 404, message):
            call()


def test_roles_are_listed_by_pages_and_path(iam):
    path = f"/{unique('paged')}/"
    made = sorted(unique("role") for _ in range(5))
    for name in made:
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST)
    pages = list(iam.get_paginator("list_roles").paginate(
        PathPrefix=path, PaginationConfig={"PageSize": 2}
    ))
    assert names_of(pages, "Roles", "RoleName") == made
    assert [page["IsTruncated"] for page in pages] == [True, True, False]
    assert "Marker" not in pages[-1]


def test_a_listing_omits_boundary_and_tags(iam, managed):
    path = f"/{unique('bare')}/"
    iam.create_role(
        RoleName=unique("role"), Path=path, AssumeRolePolicyDocument=TRUST,
        PermissionsBoundary=managed, Tags=[{"Key": "k", "Value": "v"}],
    )
    (listed,) = iam.list_roles(PathPrefix=path)["Roles"]
    assert not {"PermissionsBoundary", "Tags", "RoleLastUsed"} & set(listed)


@pytest.mark.parametrize("marker", ["garbage", "!!"])
def test_a_wrong_marker(iam, marker):
    with refused("ValidationError", 400, "Invalid Marker."):
        iam.list_roles(Marker=marker)


def test_a_role_with_policies_is_not_deleted(iam, role):
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=allow("s3:*"))
    with refused("DeleteConflict", 409, "Cannot delete entity, must delete policies first."):
        iam.delete_role(RoleName=role)
    iam.delete_role_policy(RoleName=role, PolicyName="p")
    iam.attach_role_policy(RoleName=role, PolicyArn=S3_FULL_ACCESS)
    message = "Cannot delete entity, must detach all policies first."
    with refused("DeleteConflict", 409, message):
        iam.delete_role(RoleName=role)
    iam.detach_role_policy(RoleName=role, PolicyArn=S3_FULL_ACCESS)
    iam.delete_role(RoleName=role)


def test_a_role_in_a_profile_is_not_deleted(iam, role):
    create_profile(iam, role)
    with refused("DeleteConflict", 409):
        iam.delete_role(RoleName=role)
    iam.remove_role_from_instance_profile(InstanceProfileName=role, RoleName=role)
    iam.delete_role(RoleName=role)


def test_a_role_created_again_has_another_id(iam, role):
    first = iam.get_role(RoleName=role)["Role"]["RoleId"]
    iam.delete_role(RoleName=role)
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
    assert made["Role"]["RoleId"] != first


def test_the_trust_policy_can_be_replaced(iam, role, account):
    document = policy({
        "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "sts:AssumeRole",
    })
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=document)
    got = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    assert got == json.loads(document)


NAME_PATTERN = r"[\w+=,.@-]+"


@pytest.mark.parametrize("name, constraint", [
    ("with space", f"Member must satisfy regular expression pattern: {NAME_PATTERN}"),
    ("slash/", f"Member must satisfy regular expression pattern: {NAME_PATTERN}"),
    ("x" * 65, "Member must have length less than or equal to 64"),
])
def test_a_wrong_role_name(iam, name, constraint):
    message = (
        f"1 validation error detected: Value '{name}' at 'roleName' failed to satisfy "
        f"constraint: {constraint}"
    )
    with refused("ValidationError", 400, message):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)


@pytest.mark.parametrize("seconds", [3599, 43201])
def test_a_session_duration_out_of_bounds(iam, seconds):
    with refused("ValidationError", 400):
        iam.create_role(
            RoleName=unique("role"), AssumeRolePolicyDocument=TRUST, MaxSessionDuration=seconds
        )


def test_the_operators_role_cannot_be_changed(iam):
    name = "Operator"
    assert iam.get_role(RoleName=name)["Role"]["Path"] == "/aws-reserved/larder/"
    calls = [
        lambda: iam.delete_role(RoleName=name),
        lambda: iam.put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=allow("s3:*")),
        lambda: iam.update_assume_role_policy(RoleName=name, PolicyDocument=TRUST),
        lambda: iam.put_role_permissions_boundary(
            RoleName=name, PermissionsBoundary=S3_FULL_ACCESS),
        lambda: iam.attach_role_policy(RoleName=name, PolicyArn=S3_FULL_ACCESS),
    ]
    for call in calls:
        with refused("UnmodifiableEntity", 400):
            call()


def test_reserved_paths_are_nobodys(iam):
    reserved = "Path prefix '/aws-reserved/' is reserved; choose another path"
    linked = "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles"
    name = unique("reserved")
    for path in ("/aws-reserved/", "/aws-reserved/larder/"):
        for create in (
            lambda: iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=TRUST),
            lambda: iam.create_user(UserName=name, Path=path),
            lambda: iam.create_instance_profile(InstanceProfileName=name, Path=path),
            lambda: iam.create_policy(PolicyName=name, Path=path, PolicyDocument=allow("s3:*")),
        ):
            with refused("InvalidInput", 400, reserved):
                create()
    with refused("InvalidInput", 400, linked):
        iam.create_role(
            RoleName=name, Path="/aws-service-role/ec2.amazonaws.com/",
            AssumeRolePolicyDocument=TRUST)
    iam.create_user(UserName=name, Path="/aws-service-role/")
    iam.create_role(RoleName=name, Path="/service-role/", AssumeRolePolicyDocument=TRUST)


# Inline policies ---------------------------------------------------------------------------------


def test_an_inline_policy_comes_back_as_written(iam, role):
    document = '{ "Version": "2012-10-17",\n "Statement": ' + (
        '[{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::ü%/*"}] }')
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document)
    got = iam.get_role_policy(RoleName=role, PolicyName="p")
    assert (got["RoleName"], got["PolicyName"]) == (role, "p")
    assert got["PolicyDocument"] == json.loads(document)
    iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=allow("s3:*"))
    got = iam.get_role_policy(RoleName=role, PolicyName="p")["PolicyDocument"]
    assert got == json.loads(allow("s3:*"))


def test_inline_policies_are_listed_and_deleted(iam, role):
    for name in ("b", "a", "c"):
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=allow("s3:*"))
    pages = iam.get_paginator("list_role_policies").paginate(
        RoleName=role, PaginationConfig={"PageSize": 2}
    )
    assert [name for page in pages for name in page["PolicyNames"]] == ["a", "b", "c"]
    iam.delete_role_policy(RoleName=role, PolicyName="b")
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["a", "c"]


def test_a_missing_inline_policy(iam, role):
    message = "The role policy with name missing cannot be found."
    for call in (iam.get_role_policy, iam.delete_role_policy):
        with refused("NoSuchEntity", 404, message):
            call(RoleName=role, PolicyName="missing")


def test_inline_policies_of_a_role_have_a_total_size(iam, role):
    wide = allow("s3:*", [f"arn:aws:s3:::{'x' * 50}{n}" for n in range(200)])
    message = f"Maximum policy size of 10240 bytes exceeded for role {role}"
    with refused("LimitExceeded", 409, message):
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=wide)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []


# Managed policies --------------------------------------------------------------------------------


def test_a_policy_is_created_as_asked(iam, account):
    name = unique("policy")
    made = iam.create_policy(
        PolicyName=name, Path="/team/", PolicyDocument=allow("s3:*"), Description="why"
    )["Policy"]
    assert made["Arn"] == f"arn:aws:iam::{account}:policy/team/{name}"
    assert is_id(made["PolicyId"], "ANPA")
    assert (made["DefaultVersionId"], made["AttachmentCount"]) == ("v1", 0)
    assert made["IsAttachable"] is True
    got = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert (got["Description"], got["PolicyId"]) == ("why", made["PolicyId"])


def test_a_policy_exists_once(iam, managed):
    name = managed.split("/")[-1]
    message = f"A policy called {name} already exists. Duplicate names are not allowed."
    with refused("EntityAlreadyExists", 409, message):
        iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:*"))


def test_a_missing_policy(iam, account):
    arn = f"arn:aws:iam::{account}:policy/missing"
    with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.get_policy(PolicyArn=arn)
    with refused("NoSuchEntity", 404, f"Policy {arn} was not found."):
        iam.delete_policy(PolicyArn=arn)


def test_attaching_counts_and_protects(iam, role, managed):
    for _ in range(2):
        iam.attach_role_policy(RoleName=role, PolicyArn=managed)
    attached = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert attached == [{"PolicyName": managed.split("/")[-1], "PolicyArn": managed}]
    assert iam.get_policy(PolicyArn=managed)["Policy"]["AttachmentCount"] == 1
    with refused("DeleteConflict", 409):
        iam.delete_policy(PolicyArn=managed)
    iam.detach_role_policy(RoleName=role, PolicyArn=managed)
    iam.delete_policy(PolicyArn=managed)


def test_detaching_what_is_not_attached(iam, role, managed):
    with refused("NoSuchEntity", 404):
        iam.detach_role_policy(RoleName=role, PolicyArn=managed)


def test_attaching_a_policy_that_is_none(iam, role, account):
    arn = f"arn:aws:iam::{account}:policy/missing"
    message = f"Policy {arn} does not exist or is not attachable."
    with refused("NoSuchEntity", 404, message):
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    with refused("ValidationError", 400, "Invalid ARN:  Could not be parsed!"):
        iam.attach_role_policy(RoleName=role, PolicyArn="not-an-arn-at-all-really")


def test_at_most_ten_policies_are_attached(iam, role):
    for _ in range(10):
        iam.attach_role_policy(RoleName=role, PolicyArn=create_policy(iam))
    with refused("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerRole: 10"):
        iam.attach_role_policy(RoleName=role, PolicyArn=create_policy(iam))


def test_a_policy_of_more_than_6144_characters(iam):
    wide = allow("s3:*", [f"arn:aws:s3:::{'x' * 50}{n}" for n in range(120)])
    with refused("LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144"):
        iam.create_policy(PolicyName=unique("policy"), PolicyDocument=wide)


AWS_POLICIES = {
    "AdministratorAccess": "v1", "PowerUserAccess": "v6", "ReadOnlyAccess": "v128",
    "SecurityAudit": "v49", "job-function/ViewOnlyAccess": "v23", "AmazonS3FullAccess": "v2",
    "AmazonS3ReadOnlyAccess": "v3", "IAMFullAccess": "v2", "IAMReadOnlyAccess": "v4",
    "IAMUserChangePassword": "v2", "AmazonEC2FullAccess": "v5", "AmazonEC2ReadOnlyAccess": "v3",
    "AWSDenyAll": "v2", "AmazonSSMManagedInstanceCore": "v2", "CloudWatchAgentServerPolicy": "v3",
}


@pytest.mark.parametrize("name", AWS_POLICIES)
def test_aws_managed_policies_are_there(iam, name):
    got = iam.get_policy(PolicyArn=f"arn:aws:iam::aws:policy/{name}")["Policy"]
    assert got["DefaultVersionId"] == AWS_POLICIES[name]
    assert got["PolicyName"] == name.split("/")[-1]
    assert got["IsAttachable"] is True


def test_aws_managed_policies_cannot_be_deleted(iam):
    with refused("AccessDenied", 403):
        iam.delete_policy(PolicyArn=S3_FULL_ACCESS)
    assert iam.get_policy(PolicyArn=S3_FULL_ACCESS)["Policy"]["PolicyName"]


def test_policies_are_listed_by_scope(iam, managed):
    def arns(scope):
        pages = iam.get_paginator("list_policies").paginate(Scope=scope)
        return set(names_of(pages, "Policies", "Arn"))

    aws, local = arns("AWS"), arns("Local")
    assert S3_FULL_ACCESS in aws and managed not in aws
    assert managed in local and S3_FULL_ACCESS not in local
    assert arns("All") == aws | local


# Permissions boundaries --------------------------------------------------------------------------


def test_a_boundary_is_set_shown_and_removed(iam, role, managed):
    iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=managed)
    got = iam.get_role(RoleName=role)["Role"]["PermissionsBoundary"]
    assert got["PermissionsBoundaryArn"] == managed
    assert got["PermissionsBoundaryType"] in ("Policy", "PermissionsBoundaryPolicy")
    usage = iam.get_policy(PolicyArn=managed)["Policy"]["PermissionsBoundaryUsageCount"]
    assert usage == 1
    with refused("DeleteConflict", 409):
        iam.delete_policy(PolicyArn=managed)
    iam.delete_role_permissions_boundary(RoleName=role)
    assert "PermissionsBoundary" not in iam.get_role(RoleName=role)["Role"]


def test_a_boundary_must_be_a_policy(iam, role, account):
    missing = f"arn:aws:iam::{account}:policy/missing"
    with refused("NoSuchEntity", 404):
        iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=missing)
    with refused("InvalidInput", 400):
        iam.put_role_permissions_boundary(
            RoleName=role, PermissionsBoundary=f"arn:aws:iam::{account}:role/{role}"
        )


# Instance profiles -------------------------------------------------------------------------------


def test_a_profile_is_created_empty(iam, account):
    name = unique("profile")
    made = iam.create_instance_profile(InstanceProfileName=name, Path="/p/")["InstanceProfile"]
    assert made["Arn"] == f"arn:aws:iam::{account}:instance-profile/p/{name}"
    assert is_id(made["InstanceProfileId"], "AIPA")
    assert made["Roles"] == []


def test_a_profile_exists_once(iam, profile):
    message = f"Instance Profile {profile} already exists."
    with refused("EntityAlreadyExists", 409, message):
        iam.create_instance_profile(InstanceProfileName=profile)


def test_a_missing_profile(iam, role):
    message = "Instance Profile missing cannot be found."
    calls = [iam.get_instance_profile, iam.delete_instance_profile]
    for call in calls:
        with refused("NoSuchEntity", 404, message):
            call(InstanceProfileName="missing")
    with refused("NoSuchEntity", 404, message):
        iam.add_role_to_instance_profile(InstanceProfileName="missing", RoleName=role)


def test_a_profile_holds_one_role(iam, profile, role):
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)
    (held,) = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]["Roles"]
    assert (held["RoleName"], held["AssumeRolePolicyDocument"]) == (role, json.loads(TRUST))
    second = unique("role")
    iam.create_role(RoleName=second, AssumeRolePolicyDocument=TRUST)
    message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    with refused("LimitExceeded", 409, message):
        iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=second)
    message = "Cannot delete entity, must remove roles from instance profile first."
    with refused("DeleteConflict", 409, message):
        iam.delete_instance_profile(InstanceProfileName=profile)
    with refused("NoSuchEntity", 404):
        iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=second)
    iam.remove_role_from_instance_profile(InstanceProfileName=profile, RoleName=role)
    iam.delete_instance_profile(InstanceProfileName=profile)


def test_profiles_are_listed(iam):
    path = f"/{unique('paged')}/"
    made = sorted(unique("profile") for _ in range(3))
    for name in made:
        iam.create_instance_profile(InstanceProfileName=name, Path=path)
    pages = iam.get_paginator("list_instance_profiles").paginate(
        PathPrefix=path, PaginationConfig={"PageSize": 2}
    )
    assert names_of(pages, "InstanceProfiles", "InstanceProfileName") == made


# Users and access keys ---------------------------------------------------------------------------


def test_a_user_is_created_as_asked(iam, account):
    name = unique("user")
    made = iam.create_user(UserName=name, Path="/people/")["User"]
    assert made["Arn"] == f"arn:aws:iam::{account}:user/people/{name}"
    assert is_id(made["UserId"], "AIDA")
    assert iam.get_user(UserName=name)["User"]["UserId"] == made["UserId"]
    pages = iam.get_paginator("list_users").paginate(PathPrefix="/people/")
    assert name in names_of(pages, "Users", "UserName")
    with refused("EntityAlreadyExists", 409, f"User with name {name} already exists."):
        iam.create_user(UserName=name)


def test_a_missing_user(iam):
    message = "The user with name missing cannot be found."
    for call in (iam.get_user, iam.delete_user, iam.create_access_key, iam.list_access_keys):
        with refused("NoSuchEntity", 404, message):
            call(UserName="missing")


def test_access_keys(larder, iam, user):
    made = iam.create_access_key(UserName=user)["AccessKey"]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", made["AccessKeyId"])
    assert len(made["SecretAccessKey"]) == 40
    (listed,) = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert (listed["AccessKeyId"], listed["Status"]) == (made["AccessKeyId"], "Active")
    assert "SecretAccessKey" not in listed
    iam.create_access_key(UserName=user)
    with refused("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2"):
        iam.create_access_key(UserName=user)


def test_a_user_with_keys_is_not_deleted(iam, user):
    made = iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]
    message = "Cannot delete entity, must remove referenced objects first."
    with refused("DeleteConflict", 409, message):
        iam.delete_user(UserName=user)
    iam.delete_access_key(UserName=user, AccessKeyId=made)
    iam.delete_user(UserName=user)


def test_a_missing_access_key(iam, user):
    message = "The Access Key with id AKIAAAAAAAAAAAAAAAAA cannot be found."
    with refused("NoSuchEntity", 404, message):
        iam.delete_access_key(UserName=user, AccessKeyId="AKIAAAAAAAAAAAAAAAAA")


# Policy documents --------------------------------------------------------------------------------

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
MALFORMED = [
    ("not json", "Syntax errors in policy."),
    ("[]", "Syntax errors in policy."),
    (json.dumps({"Version": "2001-01-01", "Statement": [ALLOW]}), "Syntax errors in policy."),
    (policy({**ALLOW, "Effect": "Maybe"}), "Syntax errors in policy."),
    (policy({**ALLOW, "Colour": "blue"}), "Syntax errors in policy."),
    (policy({"Effect": "Allow", "Resource": "*"}), "Policy statement must contain actions."),
    (policy({"Effect": "Allow", "Action": "s3:*"}), "Policy statement must contain resources."),
    (policy({**ALLOW, "Resource": "bucket"}), 'Resource bucket must be in ARN format or "*".'),
    (policy({**ALLOW, "Sid": "a"}, {**ALLOW, "Sid": "a"}),
     "Statement IDs (SID) in a single policy must be unique."),
    (policy({**ALLOW, "Action": "GetObject"}),
     "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."),
    (policy({**ALLOW, "Action": "s3:Get:Object"}),
     "Actions/Condition can contain only one colon."),
    (policy({**ALLOW, "Principal": "*"}), "Policy document should not specify a principal."),
]


@pytest.mark.parametrize("document, message", MALFORMED)
def test_a_malformed_policy(iam, role, document, message):
    with refused("MalformedPolicyDocument", 400, message):
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document)
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == []


def test_a_malformed_trust_policy(iam):
    name = unique("role")
    with refused("MalformedPolicyDocument", 400, "This policy contains invalid Json"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="not json")
    statement = json.loads(TRUST)["Statement"][0]
    with refused("MalformedPolicyDocument", 400, "Has prohibited field Resource."):
        iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=policy({**statement, "Resource": "*"})
        )
    with refused("NoSuchEntity", 404):
        iam.get_role(RoleName=name)


# The protocol ------------------------------------------------------------------------------------


def test_an_operation_that_larder_does_not_have_says_its_name(iam):
    with refused("NotImplemented", 501) as refusal:
        iam.list_virtual_mfa_devices()
    assert "ListVirtualMFADevices" in refusal.message


def test_missing_parameters(iam):
    with refused("ValidationError", 400) as refusal:
        iam.create_role(RoleName=unique("role"))
    assert "assumeRolePolicyDocument" in refusal.message


def test_every_answer_names_its_request(iam):
    answer = iam.list_roles()["ResponseMetadata"]
    assert answer["RequestId"]
    assert answer["HTTPHeaders"]["x-amzn-requestid"] == answer["RequestId"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3"])
def test_any_region_may_be_signed(larder, operator, region):
    session = boto3.Session(operator.access_key, operator.secret_key, operator.token, region)
    assert "Roles" in session.client("iam", endpoint_url=larder.url).list_roles()
