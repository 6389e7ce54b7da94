"""The identity part of EC2: instances, their profiles, and who may pass a role to one."""

import re

import pytest

from errors import refused
from larder import (
    REGION, Keys, allow, create_profile, policy, trust_of, trust_of_account, unique,
)

MISSING = "i-0123456789abcdef0"


@pytest.fixture(scope="module")
def profile(iam):
    return new_profile(iam)


def new_profile(iam):
    name = unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of())
    create_profile(iam, name)
    return name


def launch(ec2, count=1, **more):
    """The instances of one reservation. Image and type are names only: nothing is booted."""
    return ec2.run_instances(
        ImageId="ami-0123456789abcdef0", MinCount=count, MaxCount=count, **more
    )["Instances"]


@pytest.fixture
def instance(ec2, profile):
    (made,) = launch(ec2, IamInstanceProfile={"Name": profile})
    yield made["InstanceId"]
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])


@pytest.fixture
def bare_instance(ec2):
    (made,) = launch(ec2)
    yield made["InstanceId"]
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])


def described(ec2, **more):
    answer = ec2.describe_instances(**more)
    return [item for group in answer["Reservations"] for item in group["Instances"]]


def filters(**named):
    return [{"Name": name.replace("_", "-"), "Values": values} for name, values in named.items()]


def associations(ec2, instance, *states):
    found = ec2.describe_iam_instance_profile_associations(
        Filters=filters(instance_id=[instance])
    )["IamInstanceProfileAssociations"]
    return [item for item in found if item["State"] in (states or ("associating", "associated"))]


# Instances ---------------------------------------------------------------------------------------


def test_an_instance_with_a_profile(ec2, iam, profile, account):
    (made,) = launch(ec2, InstanceType="t3.micro", IamInstanceProfile={"Name": profile})
    assert re.fullmatch("i-[0-9a-f]{17}", made["InstanceId"])
    assert (made["InstanceType"], made["State"]["Name"] in ("pending", "running")) == (
        "t3.micro", True)
    found = iam.get_instance_profile(InstanceProfileName=profile)["InstanceProfile"]
    assert made["IamInstanceProfile"] == {
        "Arn": found["Arn"], "Id": found["InstanceProfileId"]
    }
    (seen,) = described(ec2, InstanceIds=[made["InstanceId"]])
    assert seen["State"] == {"Code": 16, "Name": "running"}
    assert seen["Placement"]["AvailabilityZone"].startswith(REGION)


def test_metadata_is_version_2_only_by_default(ec2, bare_instance):
    (seen,) = described(ec2, InstanceIds=[bare_instance])
    options = seen["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpEndpoint"]) == ("required", "enabled")


def test_metadata_options_can_be_chosen(ec2):
    (made,) = launch(ec2, MetadataOptions={"HttpTokens": "optional", "HttpPutResponseHopLimit": 3})
    options = made["MetadataOptions"]
    assert (options["HttpTokens"], options["HttpPutResponseHopLimit"]) == ("optional", 3)
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])


def test_the_same_client_token_launches_once(ec2):
    token = unique("token")
    (first,) = launch(ec2, ClientToken=token, InstanceType="t3.micro")
    (again,) = launch(ec2, ClientToken=token, InstanceType="t3.micro")
    assert first["InstanceId"] == again["InstanceId"]
    with refused("IdempotentParameterMismatch", 400):
        launch(ec2, ClientToken=token, InstanceType="t3.large")


def test_several_instances_are_one_reservation(ec2):
    made = launch(ec2, 3)
    ids = [item["InstanceId"] for item in made]
    assert len(set(ids)) == 3
    answer = ec2.describe_instances(InstanceIds=ids)["Reservations"]
    assert len(answer) == 1 and len(answer[0]["Instances"]) == 3


def test_terminating_is_idempotent(ec2, bare_instance):
    for before in ("running", "terminated"):
        (change,) = ec2.terminate_instances(InstanceIds=[bare_instance])["TerminatingInstances"]
        assert change["PreviousState"]["Name"] == before
        assert change["CurrentState"]["Name"] in ("shutting-down", "terminated")
    (seen,) = described(ec2, InstanceIds=[bare_instance])
    assert seen["State"] == {"Code": 48, "Name": "terminated"}


def test_a_missing_instance(ec2):
    message = f"The instance ID '{MISSING}' does not exist"
    for call in (ec2.describe_instances, ec2.terminate_instances):
        with refused("InvalidInstanceID.NotFound", 400, message):
            call(InstanceIds=[MISSING])
        with refused("InvalidInstanceID.Malformed", 400):
            call(InstanceIds=["not-an-id"])


def test_terminating_one_missing_terminates_none(ec2, bare_instance):
    with refused("InvalidInstanceID.NotFound", 400):
        ec2.terminate_instances(InstanceIds=[bare_instance, MISSING])
    (seen,) = described(ec2, InstanceIds=[bare_instance])
    assert seen["State"]["Name"] == "running"


def test_filters(ec2):
    tag = unique("tag")
    (made,) = launch(ec2, InstanceType="m5.large", TagSpecifications=[
        {"ResourceType": "instance", "Tags": [{"Key": "name", "Value": tag}]}
    ])
    named = [{"Name": "tag:name", "Values": [tag]}]
    assert [item["InstanceId"] for item in described(ec2, Filters=named)] == [made["InstanceId"]]
    wild = [{"Name": "tag:name", "Values": ["other", tag[:-2] + "??"]}]
    assert [item["InstanceId"] for item in described(ec2, Filters=wild)] == [made["InstanceId"]]
    both = named + filters(instance_type=["t3.*"])
    assert described(ec2, Filters=both) == []
    ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    running = named + filters(instance_state_name=["running"])
    assert described(ec2, Filters=running) == []


def test_an_unknown_filter(ec2):
    with refused("InvalidParameterValue", 400, "The filter 'colour' is invalid"):
        ec2.describe_instances(Filters=filters(colour=["blue"]))


def test_pages(ec2):
    tag = unique("tag")
    made = [launch(ec2, TagSpecifications=[
        {"ResourceType": "instance", "Tags": [{"Key": "name", "Value": tag}]}
    ])[0]["InstanceId"] for _ in range(7)]
    pages = list(ec2.get_paginator("describe_instances").paginate(
        Filters=[{"Name": "tag:name", "Values": [tag]}], PaginationConfig={"PageSize": 5}
    ))
    assert len(pages) == 2
    seen = [i["InstanceId"] for p in pages for r in p["Reservations"] for i in r["Instances"]]
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize("more, code", [
    ({"MaxResults": 4}, "InvalidParameterValue"),
    ({"MaxResults": 1001}, "InvalidParameterValue"),
    ({"MaxResults": 5, "InstanceIds": [MISSING]}, "InvalidParameterCombination"),
    ({"NextToken": "garbage"}, "InvalidNextToken"),
])
def test_wrong_pages(ec2, more, code):
    with refused(code, 400):
        ec2.describe_instances(**more)


def test_a_dry_run_changes_nothing(ec2, bare_instance):
    message = "Request would have succeeded, but DryRun flag is set."
    with refused("DryRunOperation", 412, message):
        ec2.terminate_instances(InstanceIds=[bare_instance], DryRun=True)
    (seen,) = described(ec2, InstanceIds=[bare_instance])
    assert seen["State"]["Name"] == "running"


def test_a_profile_that_is_none(ec2):
    message = (
        "Value (missing) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance "
        "Profile name"
    )
    with refused("InvalidParameterValue", 400, message):
        launch(ec2, IamInstanceProfile={"Name": "missing"})


def test_name_and_arn_of_a_profile_exclude_each_other(ec2, profile, account):
    arn = f"arn:aws:iam::{account}:instance-profile/{profile}"
    with refused("InvalidParameterCombination", 400):
        launch(ec2, IamInstanceProfile={"Name": profile, "Arn": arn})


@pytest.mark.parametrize("counts", [(0, 1), (2, 1), (1, 0)])
def test_counts_must_make_sense(ec2, counts):
    with refused("InvalidParameterValue", 400):
        ec2.run_instances(
            ImageId="ami-0123456789abcdef0", MinCount=counts[0], MaxCount=counts[1]
        )


def test_missing_parameters(ec2):
    with refused("MissingParameter", 400) as refusal:
        ec2.run_instances(ImageId="ami-0123456789abcdef0")
    assert "MinCount" in refusal.message or "MaxCount" in refusal.message


def test_user_data_has_a_limit(ec2):
    with refused("InvalidParameterValue", 400):
        launch(ec2, UserData="x" * (16 * 1024 + 1))


# Associations ------------------------------------------------------------------------------------


def test_an_instance_launched_with_a_profile_has_an_association(ec2, instance):
    (found,) = associations(ec2, instance)
    assert re.fullmatch("iip-assoc-[0-9a-f]{17}", found["AssociationId"])
    assert found["State"] == "associated"


def test_associate_and_disassociate(ec2, bare_instance, profile):
    made = ec2.associate_iam_instance_profile(
        InstanceId=bare_instance, IamInstanceProfile={"Name": profile}
    )["IamInstanceProfileAssociation"]
    assert (made["State"], made["InstanceId"]) == ("associating", bare_instance)
    message = f"There is an existing association for instance {bare_instance}"
    with refused("IncorrectState", 400, message):
        ec2.associate_iam_instance_profile(
            InstanceId=bare_instance, IamInstanceProfile={"Name": profile}
        )
    gone = ec2.disassociate_iam_instance_profile(AssociationId=made["AssociationId"])
    assert gone["IamInstanceProfileAssociation"]["State"] == "disassociating"
    assert associations(ec2, bare_instance) == []
    (seen,) = described(ec2, InstanceIds=[bare_instance])
    assert "IamInstanceProfile" not in seen


def test_replace_gives_a_new_association(ec2, iam, instance):
    other = new_profile(iam)
    (old,) = associations(ec2, instance)
    made = ec2.replace_iam_instance_profile_association(
        AssociationId=old["AssociationId"], IamInstanceProfile={"Name": other}
    )["IamInstanceProfileAssociation"]
    assert made["State"] == "associating"
    assert made["AssociationId"] != old["AssociationId"]
    (now,) = associations(ec2, instance)
    assert now["AssociationId"] == made["AssociationId"]
    assert now["IamInstanceProfile"]["Arn"].endswith(f"/{other}")


def test_a_missing_association(ec2, profile):
    missing = "iip-assoc-0123456789abcdef0"
    message = f"An invalid association-id of '{missing}' was given"
    with refused("InvalidAssociationID.NotFound", 400, message):
        ec2.disassociate_iam_instance_profile(AssociationId=missing)
    with refused("InvalidAssociationID.NotFound", 400, message):
        ec2.replace_iam_instance_profile_association(
            AssociationId=missing, IamInstanceProfile={"Name": profile}
        )


def test_terminating_ends_the_association(ec2, instance):
    ec2.terminate_instances(InstanceIds=[instance])
    assert associations(ec2, instance) == []


def test_a_missing_instance_is_not_associated(ec2, profile):
    with refused("InvalidInstanceID.NotFound", 400):
        ec2.associate_iam_instance_profile(
            InstanceId=MISSING, IamInstanceProfile={"Name": profile}
        )


# Passing a role ----------------------------------------------------------------------------------


def session_with(larder, iam, sts, account, document):
    """An EC2 and an IAM client of a role that may do what `document` says."""
    name = unique("launcher")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of_account(account))
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document)
    answer = sts.assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="launcher")
    keys = Keys.of(answer["Credentials"])
    return larder.client("ec2", keys), larder.client("iam", keys)


ALL_OF_EC2 = {"Effect": "Allow", "Action": ["ec2:*", "iam:AddRole*"], "Resource": "*"}


def test_launching_with_a_role_needs_pass_role(larder, iam, sts, account, profile):
    ec2, _ = session_with(larder, iam, sts, account, policy(ALL_OF_EC2))
    role_arn = f"arn:aws:iam::{account}:role/{profile}"
    with refused("UnauthorizedOperation", 403) as refusal:
        launch(ec2, IamInstanceProfile={"Name": profile})
    assert refusal.message.startswith("You are not authorized to perform this operation.")
    assert f"iam:PassRole on resource: {role_arn}" in refusal.message
    (bare,) = launch(ec2)
    with refused("UnauthorizedOperation", 403):
        ec2.associate_iam_instance_profile(
            InstanceId=bare["InstanceId"], IamInstanceProfile={"Name": profile}
        )


def test_a_role_may_be_passed_to_ec2(larder, iam, sts, account, profile):
    may_pass = {
        "Effect": "Allow", "Action": "iam:PassRole",
        "Resource": f"arn:aws:iam::{account}:role/{profile}",
        "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    }
    ec2, _ = session_with(larder, iam, sts, account, policy(ALL_OF_EC2, may_pass))
    (made,) = launch(ec2, IamInstanceProfile={"Name": profile})
    other = new_profile(iam)
    (old,) = associations(ec2, made["InstanceId"])
    with refused("UnauthorizedOperation", 403):
        ec2.replace_iam_instance_profile_association(
            AssociationId=old["AssociationId"], IamInstanceProfile={"Name": other}
        )


def test_adding_a_role_to_a_profile_needs_pass_role(larder, iam, sts, account):
    _, limited = session_with(larder, iam, sts, account, policy(ALL_OF_EC2))
    name = unique("role")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of())
    iam.create_instance_profile(InstanceProfileName=name)
    with refused("AccessDenied", 403) as refusal:
        limited.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    assert "iam:PassRole" in refusal.message


def test_without_permission_nothing_is_launched(larder, iam, sts, account):
    ec2, _ = session_with(larder, iam, sts, account, allow("ec2:Describe*"))
    with refused("UnauthorizedOperation", 403):
        launch(ec2)
    with refused("UnauthorizedOperation", 403):
        ec2.terminate_instances(InstanceIds=[MISSING])


def test_an_operation_that_larder_does_not_have_says_its_name(ec2):
    with refused("NotImplemented", 501) as refusal:
        ec2.describe_vpcs()
    assert "DescribeVpcs" in refusal.message
