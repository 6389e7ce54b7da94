"""Every path denies by default: none of the implemented operations lets a wrong caller through."""

import dataclasses
import functools
import json
import subprocess
import urllib.parse

import botocore.session
import pytest

import raw
from larder import (
    Keys, Larder, allow, binary, create_profile, policy, trust_of, trust_of_account, unique,
)

SERVICES = {"s3", "iam", "sts", "ec2"}


@functools.cache
def implemented():
    """(service, operation) of all that this build declares. Needs no server."""
    done = subprocess.run(
        [binary(), "operations", "--format", "json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return sorted((item["service"].lower(), item["name"]) for item in json.loads(done.stdout))


def pytest_generate_tests(metafunc):
    if "operation" in metafunc.fixturenames:
        found = implemented() if not metafunc.config.getoption("--endpoint") else []
        metafunc.parametrize(
            "operation", found, ids=[":".join(item) for item in found], scope="module"
        )


# A world in which every operation has something to act on ----------------------------------------


@dataclasses.dataclass
class World:
    server: Larder
    keys: Keys
    samples: dict

    def request(self, operation, keys=None, token=None):
        """A request that would succeed (or find nothing), signed by its account's operator."""
        service, name = operation
        return raw.capture(
            self.server.url, service, name, self.parameters(service, name), keys, token
        )

    def parameters(self, service, name):
        given = {**self.samples[service], **self.samples.get(f"{service}:{name}", {})}
        return {key: given[key] for key in required_members(service, name) | extra_of(given, name)}

    def state(self):
        """All that the account holds, to be compared before and after."""
        return state_of(self.server, self.keys)


@functools.cache
def required_members(service, name):
    model = botocore.session.get_session().get_service_model(service).operation_model(name)
    return frozenset(model.input_shape.required_members) if model.input_shape else frozenset()


def extra_of(given, name):
    """Members that the model does not require and that this operation is nothing without."""
    return set(given.get("also", {}).get(name, []))


@pytest.fixture(scope="module")
def world(larder, operator, account):
    return World(larder, operator, {
        "s3": s3_samples(larder, operator),
        **iam_samples(larder, operator, account),
        "ec2": ec2_samples(larder, operator),
    })


def s3_samples(larder, keys):
    s3, bucket = larder.client("s3", keys), unique("deny")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="key", Body=b"content")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="key")["UploadId"]
    part = s3.upload_part(
        Bucket=bucket, Key="key", UploadId=upload, PartNumber=1, Body=b"part"
    )
    return {
        "Bucket": bucket, "Key": "key", "UploadId": upload, "PartNumber": 1, "Body": b"other",
        "CopySource": f"{bucket}/key", "Delete": {"Objects": [{"Key": "key"}]},
        "Policy": policy({"Effect": "Allow", "Principal": "*", "Action": "s3:*",
                          "Resource": f"arn:aws:s3:::{bucket}/*"}),
        "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
        "also": {"PutObject": ["Body"], "UploadPart": ["Body"],
                 "CompleteMultipartUpload": ["MultipartUpload"]},
    }


def iam_samples(larder, keys, account):
    iam, name = larder.client("iam", keys), unique("deny")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of_account(account))
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=allow("s3:*"))
    managed = iam.create_policy(PolicyName=name, PolicyDocument=allow("s3:*"))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=managed)
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=managed)
    create_profile(iam, name)
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    common = {
        "RoleName": name, "InstanceProfileName": name, "UserName": name, "PolicyName": name,
        "PolicyArn": managed, "PermissionsBoundary": managed, "AccessKeyId": key,
        "PolicyDocument": allow("s3:*"), "AssumeRolePolicyDocument": trust_of(),
        "VersionId": "v1", "Status": "Inactive",
        "also": {"GetUser": ["UserName"], "CreateAccessKey": ["UserName"],
                 "UpdateAccessKey": ["UserName"],
                 "ListAccessKeys": ["UserName"], "DeleteAccessKey": ["UserName"]},
    }
    fresh = {"iam:UpdateAssumeRolePolicy": {"PolicyDocument": trust_of()},
             "iam:CreateRole": {"RoleName": unique("new")},
             "iam:CreateUser": {"UserName": unique("new")},
             "iam:CreatePolicy": {"PolicyName": unique("new")},
             "iam:CreateInstanceProfile": {"InstanceProfileName": unique("new")}}
    sts = {"RoleArn": made["Role"]["Arn"], "RoleSessionName": "deny"}
    return {"iam": common, "sts": sts, "s3:CreateBucket": {"Bucket": unique("new")}, **fresh}


def ec2_samples(larder, keys):
    ec2, iam, name = larder.client("ec2", keys), larder.client("iam", keys), unique("deny")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_of())
    create_profile(iam, name)
    profile = {"Name": name}
    (made,) = ec2.run_instances(
        ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1, IamInstanceProfile=profile
    )["Instances"]
    (association,) = ec2.describe_iam_instance_profile_associations(
        Filters=[{"Name": "instance-id", "Values": [made["InstanceId"]]}]
    )["IamInstanceProfileAssociations"]
    return {
        "InstanceId": made["InstanceId"], "InstanceIds": [made["InstanceId"]], "MinCount": 1,
        "MaxCount": 1, "ImageId": "ami-0123456789abcdef0", "IamInstanceProfile": profile,
        "AssociationId": association["AssociationId"], "also": {"RunInstances": ["ImageId"]},
    }


def state_of(larder, keys):
    iam, s3, ec2 = (larder.client(name, keys) for name in ("iam", "s3", "ec2"))

    def listed(client, operation, items, **more):
        pages = client.get_paginator(operation).paginate(**more)
        return [item for page in pages for item in page.get(items, [])]

    roles = listed(iam, "list_roles", "Roles")
    buckets = [item["Name"] for item in s3.list_buckets()["Buckets"]]
    state = {
        "roles": roles,
        "users": listed(iam, "list_users", "Users"),
        "policies": listed(iam, "list_policies", "Policies", Scope="Local"),
        "profiles": listed(iam, "list_instance_profiles", "InstanceProfiles"),
        "inline": {r["RoleName"]: iam.list_role_policies(RoleName=r["RoleName"])["PolicyNames"]
                   for r in roles},
        "instances": listed(ec2, "describe_instances", "Reservations"),
        "objects": {name: listed(s3, "list_objects_v2", "Contents", Bucket=name)
                    for name in buckets},
        "bucket policies": {name: bucket_policy(s3, name) for name in buckets},
    }
    return json.dumps(state, default=str, sort_keys=True)


def bucket_policy(s3, bucket):
    try:
        return s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except s3.exceptions.ClientError:
        return None


@pytest.fixture(scope="module", autouse=True)
def nothing_changes(world):
    """However many requests are refused, the account is what it was."""
    before = world.state()
    yield
    assert world.state() == before


def assert_refused(answer, operation, codes):
    service, name = operation
    assert 400 <= answer.status < 500, f"{service}:{name} answered {answer.status}: {answer.text}"
    if not name.startswith("Head"):
        assert answer.code in codes[service], answer.text


def all_services(*codes):
    return {service: set(codes) for service in SERVICES}


# Callers -----------------------------------------------------------------------------------------

ANONYMOUS = {
    **all_services("MissingAuthenticationToken"),
    "s3": {"AccessDenied"},
    "ec2": {"MissingAuthenticationToken", "AuthFailure", "UnauthorizedOperation"},
}
EXPIRED = {**all_services("ExpiredToken"), "ec2": {"RequestExpired", "ExpiredToken"}}
TAMPERED = {
    **all_services("InvalidClientTokenId"),
    "s3": {"InvalidToken"},
    "ec2": {"AuthFailure", "InvalidClientTokenId"},
}
NO_TOKEN = {
    **all_services("InvalidClientTokenId"),
    "s3": {"InvalidAccessKeyId"},
    "ec2": {"AuthFailure", "InvalidClientTokenId"},
}
WRONG_SIGNATURE = {
    **all_services("SignatureDoesNotMatch"),
    "ec2": {"AuthFailure", "SignatureDoesNotMatch"},
}


def test_anonymous(world, operation):
    answer = raw.send(world.server.url, world.request(operation))
    assert_refused(answer, operation, ANONYMOUS)


@pytest.fixture(scope="module")
def expired(larder):
    """Credentials of the operator whose second has passed."""
    keys = larder.keys("--duration", "1")
    request = raw.capture(larder.url, "sts", "GetCallerIdentity", {}, keys)
    while raw.send(larder.url, request).status == 200:
        pass
    return keys


def test_an_expired_token(world, operation, expired):
    answer = raw.send(world.server.url, world.request(operation, expired))
    assert_refused(answer, operation, EXPIRED)


def other_character(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1:]


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_tampered_token(world, operation, part):
    token = other_character(world.keys.token, int(len(world.keys.token) * part))
    answer = raw.send(world.server.url, world.request(operation, world.keys, token))
    assert_refused(answer, operation, TAMPERED)


def test_another_sessions_token(world, operation):
    other = world.server.keys()
    answer = raw.send(world.server.url, world.request(operation, world.keys, other.token))
    assert_refused(answer, operation, TAMPERED)


def test_temporary_keys_without_their_token(world, operation):
    bare = Keys(world.keys.access_key, world.keys.secret_key)
    answer = raw.send(world.server.url, world.request(operation, bare))
    assert_refused(answer, operation, NO_TOKEN)


def test_a_wrong_secret(world, operation):
    wrong = dataclasses.replace(
        world.keys, secret_key=other_character(world.keys.secret_key, 5)
    )
    answer = raw.send(world.server.url, world.request(operation, wrong))
    assert_refused(answer, operation, WRONG_SIGNATURE)


# What another account's operator may do in their own account, whatever the names in the request.
IN_ONES_OWN_ACCOUNT = {
    "GetCallerIdentity", "ListBuckets", "ListRoles", "ListUsers", "ListPolicies",
    "ListInstanceProfiles", "CreateRole", "CreateUser", "CreatePolicy", "CreateInstanceProfile",
    "CreateBucket", "RunInstances", "DescribeInstances",
    "DescribeIamInstanceProfileAssociations",
}
FOREIGN = {
    "s3": {"AccessDenied", "BucketAlreadyExists"},
    "iam": {"NoSuchEntity", "AccessDenied"},
    "sts": {"AccessDenied"},
    "ec2": {"InvalidInstanceID.NotFound", "InvalidAssociationID.NotFound",
            "InvalidParameterValue", "UnauthorizedOperation"},
}


def test_another_accounts_credentials(world, operation, other_account, account):
    answer = raw.send(world.server.url, world.request(operation, other_account))
    if operation[1] in IN_ONES_OWN_ACCOUNT:
        assert account not in answer.text
    else:
        assert_refused(answer, operation, FOREIGN)


# Altered requests --------------------------------------------------------------------------------


def altered_method(request):
    other = {"GET": "DELETE", "HEAD": "GET", "PUT": "DELETE", "DELETE": "PUT", "POST": "PUT"}
    return request.but(method=other[request.method])


def altered_path(request):
    return request.but(path=request.path.rstrip("/") + "/x")


def altered_query(request):
    more = "prefix=x"
    return request.but(query=f"{request.query}&{more}" if request.query else more)


def altered_date(request):
    """A signed header: one second later."""
    date = request.header("x-amz-date")
    second = (int(date[13:15]) + 1) % 60
    return request.with_header("X-Amz-Date", f"{date[:13]}{second:02}Z")


def altered_host(request):
    return request.with_header("Host", "localhost:1")


def unsigned_header(request):
    return request.with_header("x-amz-meta-added", "later")


def altered_signature(request):
    header = request.header("Authorization")
    return request.with_header("Authorization", other_character(header, len(header) - 1))


def other_region(request):
    header = request.header("Authorization")
    return request.with_header("Authorization", header.replace("/us-east-1/", "/us-east-2/"))


REFUSED_ALTERATION = {
    "s3": {"SignatureDoesNotMatch", "AccessDenied", "MethodNotAllowed",
           "AuthorizationHeaderMalformed"},
    "iam": {"SignatureDoesNotMatch", "MethodNotAllowed"},
    "sts": {"SignatureDoesNotMatch", "MethodNotAllowed"},
    "ec2": {"SignatureDoesNotMatch", "AuthFailure", "MethodNotAllowed"},
}
ALTERATIONS = [altered_method, altered_path, altered_query, altered_date, altered_host,
               altered_signature, other_region]


@pytest.mark.parametrize("alter", ALTERATIONS, ids=lambda alter: alter.__name__)
def test_an_altered_request(world, operation, alter):
    request = alter(world.request(operation, world.keys))
    answer = raw.send(world.server.url, request)
    if request.method == "HEAD" or operation[1].startswith("Head"):
        assert 400 <= answer.status < 500, answer.text
    else:
        assert_refused(answer, operation, REFUSED_ALTERATION)


def test_an_amz_header_that_is_not_signed(world, operation):
    if operation[0] != "s3":
        return  # the rule is S3's
    answer = raw.send(world.server.url, unsigned_header(world.request(operation, world.keys)))
    assert_refused(answer, operation, all_services("AccessDenied"))


def test_an_altered_body(world, operation):
    request = world.request(operation, world.keys)
    if not request.body:
        return
    answer = raw.send(world.server.url, request.with_body(altered_content(request.body)))
    codes = {**WRONG_SIGNATURE, "s3": {"XAmzContentSHA256Mismatch", "BadDigest"}}
    assert_refused(answer, operation, codes)


def altered_content(body):
    """One byte more: still a form, still XML."""
    return body + (b"&Extra=1" if body.startswith(b"Action=") else b"\n")


def test_a_body_where_none_was_signed(world, operation):
    request = world.request(operation, world.keys)
    if request.body or request.method not in ("PUT", "POST"):
        return
    answer = raw.send(world.server.url, request.with_body(b"more"))
    codes = {**WRONG_SIGNATURE, "s3": {"XAmzContentSHA256Mismatch", "SignatureDoesNotMatch"}}
    assert_refused(answer, operation, codes)


# Presigned ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def presigned(world):
    client = world.server.client("s3", world.keys)
    names = {"Bucket": world.samples["s3"]["Bucket"], "Key": "key"}
    url = urllib.parse.urlsplit(client.generate_presigned_url("get_object", Params=names))
    return raw.Request("GET", url.path, url.query, (("Host", url.netloc),), b"")


def test_a_presigned_url_gets_what_it_names(world, presigned):
    answer = raw.send(world.server.url, presigned)
    assert (answer.status, answer.body) == (200, b"content")


@pytest.mark.parametrize("change", [
    lambda r: r.but(method="PUT"), lambda r: r.but(method="DELETE"),
    lambda r: r.but(path=r.path + "2"), lambda r: r.but(query=r.query + "&versionId=null"),
    lambda r: r.but(query=r.query.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")),
    lambda r: r.with_header("Host", "localhost:1"),
], ids=["put", "delete", "path", "query", "expires", "host"])
def test_a_presigned_url_gets_nothing_else(world, presigned, change):
    answer = raw.send(world.server.url, change(presigned))
    assert (answer.status, answer.code) == (403, "SignatureDoesNotMatch"), answer.text


def test_the_walk_covers_every_service():
    assert {service for service, _ in implemented()} == SERVICES
