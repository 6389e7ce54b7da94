"""Each operation that Larder declares, held against AWS's model of it (botocore's copy)."""

import functools
import json
import subprocess

import botocore.session
import pytest

from larder import binary


@functools.cache
def declared_operations():
    done = subprocess.run(
        [binary(), "operations", "--format", "json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def pytest_generate_tests(metafunc):
    if "declared" in metafunc.fixturenames:
        found = declared_operations()
        ids = [f"{item['service']}:{item['name']}" for item in found]
        metafunc.parametrize("declared", found, ids=ids)


@functools.cache
def service_model(service):
    return botocore.session.get_session().get_service_model(service)


def model_of(declared):
    service = service_model(declared["service"].lower())
    assert declared["name"] in service.operation_names
    return service.operation_model(declared["name"])


def spellings(name, shape):
    """A member's name in the model and what stands on the wire for it."""
    wire = shape.serialization
    found = {name, wire.get("name"), wire.get("queryName")} - {None}
    return found | {text[0].upper() + text[1:] for text in found}


def members(shape):
    """Every spelling of every member, with the member's name."""
    if shape is None:
        return {}
    return {
        text.lower(): name
        for name, member in shape.members.items()
        for text in spellings(name, member)
    }


def unknown(fields, shape):
    known = members(shape)
    return [field["name"] for field in fields if field["name"].lower() not in known]


def test_the_names_are_in_the_model(declared):
    model = model_of(declared)
    assert unknown(declared["input"], model.input_shape) == []
    assert unknown(declared["output"], model.output_shape) == []


# Query parameters that a streaming body stands for, or that no model lists as required although
# AWS's service refuses a request without it.
BODIES = {"Body", "Delete", "MultipartUpload", "CreateBucketConfiguration", "Policy"}


def test_the_same_members_are_required(declared):
    model = model_of(declared)
    known = members(model.input_shape)
    ours = {known[f["name"].lower()] for f in declared["input"] if f["required"]}
    theirs = set(model.input_shape.required_members) if model.input_shape else set()
    assert ours - BODIES == theirs - BODIES


ISSUE = {
    "s3": "CreateBucket HeadBucket ListBuckets DeleteBucket GetBucketLocation PutBucketPolicy "
          "GetBucketPolicy DeleteBucketPolicy PutObject GetObject HeadObject DeleteObject "
          "DeleteObjects CopyObject ListObjects ListObjectsV2 CreateMultipartUpload UploadPart "
          "ListParts CompleteMultipartUpload AbortMultipartUpload",
    "iam": "CreateRole GetRole ListRoles DeleteRole CreateInstanceProfile GetInstanceProfile "
           "ListInstanceProfiles DeleteInstanceProfile CreatePolicy GetPolicy ListPolicies "
           "DeletePolicy AddRoleToInstanceProfile RemoveRoleFromInstanceProfile AttachRolePolicy "
           "DetachRolePolicy PutRolePolicy GetRolePolicy ListRolePolicies DeleteRolePolicy "
           "PutRolePermissionsBoundary DeleteRolePermissionsBoundary UpdateAssumeRolePolicy "
           "CreateUser GetUser ListUsers DeleteUser CreateAccessKey ListAccessKeys "
           "DeleteAccessKey ListAttachedRolePolicies",
    "sts": "GetCallerIdentity AssumeRole",
    "ec2": "RunInstances DescribeInstances TerminateInstances AssociateIamInstanceProfile "
           "DisassociateIamInstanceProfile ReplaceIamInstanceProfileAssociation "
           "DescribeIamInstanceProfileAssociations",
}


@pytest.mark.parametrize("service", ISSUE)
def test_the_first_operations_are_there(service):
    names = {item["name"] for item in declared_operations() if item["service"].lower() == service}
    assert set(ISSUE[service].split()) - names == set()
