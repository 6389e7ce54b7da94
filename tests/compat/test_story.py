"""The main job, end to end: a program that holds no key uploads to its bucket."""

import json
import os
import subprocess
import sys
import time

import pytest

from larder import (
    REGION, allow, aws_command_line, clean_environment, running_in, trust_of, unique,
)

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + os.urandom(70_000) + b"\xff\xd9"


def aws(larder, *arguments):
    """The operator's `aws`; its output."""
    done = subprocess.run(
        [aws_command_line(), *arguments], env=larder.operator_environment(), cwd=larder.folder,
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == 0, f"aws {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def run_aws(larder, profile, *arguments):
    """`larder run` with AWS's command line, which has to find its role by itself."""
    return larder.run(profile, [aws_command_line(), *arguments])


def create_photo_uploader(larder):
    """Step 2, as an operator types it."""
    document = larder.folder / "trust.json"
    document.write_text(trust_of())
    boundary = larder.folder / "boundary.json"
    boundary.write_text(allow(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::photos/*"))
    aws(larder, "s3", "mb", "s3://photos")
    made = aws(larder, "iam", "create-policy", "--policy-name", "photos-only",
               "--policy-document", f"file://{boundary}")
    arn = json.loads(made)["Policy"]["Arn"]
    aws(larder, "iam", "create-role", "--role-name", "photo-uploader",
        "--assume-role-policy-document", f"file://{document}", "--permissions-boundary", arn)
    aws(larder, "iam", "attach-role-policy", "--role-name", "photo-uploader",
        "--policy-arn", "arn:aws:iam::aws:policy/AmazonS3FullAccess")
    aws(larder, "iam", "create-instance-profile", "--instance-profile-name", "photo-uploader")
    aws(larder, "iam", "add-role-to-instance-profile", "--instance-profile-name",
        "photo-uploader", "--role-name", "photo-uploader")


@pytest.fixture
def story(own_larder):
    create_photo_uploader(own_larder)
    (own_larder.folder / "picture.jpg").write_bytes(JPEG)
    return own_larder


def upload(story):
    done = run_aws(story, "photo-uploader", "s3", "cp", "picture.jpg", "s3://photos/")
    assert done.returncode == 0, done.stderr
    return done


def stored_picture(larder):
    return larder.client("s3").get_object(Bucket="photos", Key="picture.jpg")["Body"].read()


def test_a_program_without_a_key_uploads_a_picture(story):
    assert "upload: ./picture.jpg to s3://photos/picture.jpg" in upload(story).stdout
    assert stored_picture(story) == JPEG


def test_the_program_has_no_key_in_its_environment_files_or_arguments(story):
    listing = "import os, pathlib; print('\\n'.join(f'{k}={v}' for k, v in os.environ.items()))"
    done = story.run("photo-uploader", ["python3", "-c", listing])
    names = {line.split("=")[0] for line in done.stdout.splitlines()}
    assert {name for name in names if name.startswith("AWS_")} <= {
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_REGION",
        "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
    }
    assert "ASIA" not in done.stdout and "AKIA" not in done.stdout


def test_the_same_command_outside_finds_no_credentials(story):
    namespace = ["unshare", "-n"] if os.getuid() == 0 else ["unshare", "-rn"]
    environment = clean_environment(
        story.home, AWS_ENDPOINT_URL=story.url, AWS_REGION=REGION,
        AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    )
    done = subprocess.run(
        [*namespace, aws_command_line(), "s3", "cp", "picture.jpg", "s3://photos/"],
        env=environment, cwd=story.folder, capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode != 0
    assert "Unable to locate credentials" in done.stdout + done.stderr


def test_a_delete_is_refused_and_the_message_says_why(story):
    upload(story)
    done = run_aws(story, "photo-uploader", "s3", "rm", "s3://photos/picture.jpg")
    assert done.returncode != 0
    assert "because no permissions boundary allows the s3:DeleteObject action" in done.stderr
    assert stored_picture(story) == JPEG


def test_an_upload_to_another_bucket_is_refused(story):
    aws(story, "s3", "mb", "s3://invoices")
    done = run_aws(story, "photo-uploader", "s3", "cp", "picture.jpg", "s3://invoices/")
    assert done.returncode != 0
    assert "because no permissions boundary allows the s3:PutObject action" in done.stderr
    assert "Contents" not in story.client("s3").list_objects_v2(Bucket="invoices")


def one_bucket_role(larder, bucket):
    """A profile whose role may only write to `bucket`, which is made too."""
    iam, role = larder.client("iam"), unique("role")
    larder.client("s3").create_bucket(Bucket=bucket)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust_of())
    iam.put_role_policy(
        RoleName=role, PolicyName="write",
        PolicyDocument=allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*"),
    )
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)
    return role


# Writes to each bucket named on a line of standard input with credentials fetched anew; answers
# `ok` or the error's code.
FRESH_WRITER = """
import sys, boto3, botocore.exceptions
for line in sys.stdin:
    s3 = boto3.Session().client("s3")
    try:
        s3.put_object(Bucket=line.strip(), Key="k", Body=b"b")
        print("ok", flush=True)
    except botocore.exceptions.ClientError as error:
        print(error.response["Error"]["Code"], flush=True)
"""


def ask(process, bucket):
    process.stdin.write(bucket + "\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def instance_of_the_running_program(larder):
    found = larder.client("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )
    (instance,) = [i for r in found["Reservations"] for i in r["Instances"]]
    return instance["InstanceId"]


def test_replacing_the_association_changes_what_the_running_program_may_do(own_larder):
    first, second = unique("first"), unique("second")
    old, new = one_bucket_role(own_larder, first), one_bucket_role(own_larder, second)
    with running_in(own_larder, old, [sys.executable, "-c", FRESH_WRITER]) as program:
        assert [ask(program, first), ask(program, second)] == ["ok", "AccessDenied"]

        instance = instance_of_the_running_program(own_larder)
        listed = aws(own_larder, "ec2", "describe-iam-instance-profile-associations",
                     "--filters", f"Name=instance-id,Values={instance}")
        (association,) = json.loads(listed)["IamInstanceProfileAssociations"]
        aws(own_larder, "ec2", "replace-iam-instance-profile-association",
            "--association-id", association["AssociationId"],
            "--iam-instance-profile", f"Name={new}")
        replaced = time.monotonic()
        while ask(program, second) != "ok":
            assert time.monotonic() - replaced < 2, "two seconds after the replacement: still old"
        assert ask(program, first) == "AccessDenied"


def test_the_instance_is_terminated_when_the_program_ends(story):
    upload(story)
    ec2 = story.client("ec2")
    instances = [i for r in ec2.describe_instances()["Reservations"] for i in r["Instances"]]
    assert {instance["State"]["Name"] for instance in instances} == {"terminated"}


def test_everything_is_there_after_a_kill(story):
    upload(story)
    story.kill()
    story.start()
    assert stored_picture(story) == JPEG
    role = story.client("iam").get_role(RoleName="photo-uploader")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/photos-only")
    upload(story)


def test_signals_and_the_exit_status_pass_through(story):
    assert story.run("photo-uploader", ["sh", "-c", "exit 37"]).returncode == 37
    with running_in(story, "photo-uploader", ["sh", "-c", TRAP]) as program:
        assert program.stdout.readline() == "waiting\n"
        program.terminate()
        assert program.wait(timeout=20) == 5


TRAP = 'trap "exit 5" TERM; echo waiting; while read line; do :; done; wait'


def test_larder_run_says_which_profile_it_does_not_know(story):
    done = story.run("no-such-profile", ["true"])
    assert done.returncode != 0
    assert "no-such-profile" in done.stderr
