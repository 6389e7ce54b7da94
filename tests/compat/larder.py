"""A Larder server as its users meet it: a process, its `larder` command line, its clients."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys

import boto3
import botocore.config

REGION = "us-east-1"
READY_SECONDS = 60  # a server that replays its log after SIGKILL included
READY_LINE = re.compile(
    r"^larder: ready s3=(?P<s3>\S+) admin=(?P<admin>\S+) socket=(?P<socket>.+)$"
)


def binary():
    """The `larder` under test: LARDER_BINARY, else the release build of this tree."""
    built = pathlib.Path(__file__).resolve().parents[2] / "build/release/src/cli/larder"
    path = pathlib.Path(os.environ.get("LARDER_BINARY", built))
    if not os.access(path, os.X_OK):
        advice = "run ./quickstart --build-only or set LARDER_BINARY"
        raise RuntimeError(f"no larder at {path}: {advice}")
    return str(path)


def clean_environment(home, **more):
    """What a program gets that must find its credentials by itself: nothing of the outside's."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
    }
    environment.update(more)
    return environment


def unique(prefix):
    """A name that no other test uses; legal for buckets, roles and the rest."""
    return f"{prefix}-{secrets.token_hex(5)}"


@dataclasses.dataclass(frozen=True)
class Keys:
    """A set of credentials, as `larder credentials` prints them."""

    access_key: str
    secret_key: str
    token: str | None = None

    @staticmethod
    def of(document):
        return Keys(
            document["AccessKeyId"], document["SecretAccessKey"], document.get("SessionToken")
        )


class Larder:
    """One data directory and, between start() and stop(), the server on it."""

    def __init__(self, folder, prefix=(), options=()):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.home = self.folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "server.log"
        self.prefix = list(prefix)
        self.options = list(options)
        self.process = None
        self.url = self.admin = self.socket = None
        self.listen = self.admin_listen = "127.0.0.1:0"

    # The process ---------------------------------------------------------------------------------

    def command(self):
        return [
            *self.prefix, binary(), "server", "--data", str(self.data),
            "--listen", self.listen, "--admin", self.admin_listen, *self.options,
        ]

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdout=subprocess.PIPE, stderr=log, stdin=subprocess.DEVNULL,
                env=clean_environment(self.home), cwd=self.folder, text=True,
            )
        ready = READY_LINE.match(self.first_line())
        assert ready, f"no ready line; the server's log says:\n{self.log_text()}"
        self.url, self.admin, self.socket = ready["s3"], ready["admin"], ready["socket"]
        return self

    def first_line(self):
        readable, _, _ = select.select([self.process.stdout], [], [], READY_SECONDS)
        return self.process.stdout.readline().rstrip("\n") if readable else ""

    def log_text(self):
        return self.log.read_text(errors="replace")

    @property
    def certificate(self):
        """Where --tls-self-signed keeps it."""
        return self.data / "tls" / "certificate.pem"

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=30)

    def restart_on_the_same_port(self):
        self.listen = self.url.partition("://")[2]
        return self.start()

    # The command line ----------------------------------------------------------------------------

    def environment(self, **more):
        return clean_environment(self.home, LARDER_SOCKET=self.socket, **more)

    def try_cli(self, *arguments, timeout=60, **more):
        """`larder ARGUMENTS...` in a clean environment; the process, whatever its status."""
        return subprocess.run(
            [binary(), *arguments], env=self.environment(**more), cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False,
        )

    def cli(self, *arguments, **more):
        done = self.try_cli(*arguments, **more)
        assert done.returncode == 0, f"larder {' '.join(arguments)}: {done.stderr}"
        return done

    def cli_json(self, *arguments):
        return json.loads(self.cli(*arguments).stdout)

    def run(self, profile, command, *, timeout=600, how="--instance-profile"):
        """`larder run --instance-profile PROFILE -- COMMAND...`, whatever its status."""
        return self.try_cli("run", how, profile, "--", *map(str, command), timeout=timeout)

    def keys(self, *arguments):
        return Keys.of(self.cli_json("credentials", *arguments))

    def operator_environment(self, **more):
        """For AWS's own clients: the operator's credentials through a credential_process."""
        configuration = self.home / "operator-config"
        configuration.write_text(
            f"[default]\nregion = {REGION}\ncredential_process = {self.credential_process()}\n"
        )
        return clean_environment(
            self.home, AWS_CONFIG_FILE=str(configuration), AWS_ENDPOINT_URL=self.url,
            AWS_SHARED_CREDENTIALS_FILE="/dev/null", **more,
        )

    def credential_process(self):
        return f'"{binary()}" --socket "{self.socket}" credentials'

    # Clients -------------------------------------------------------------------------------------

    def client(self, service, keys=None, **settings):
        return make_client(service, self.url, keys or self.keys(), **settings)

    def account(self):
        return self.client("sts").get_caller_identity()["Account"]


def make_client(service, endpoint, keys=None, **settings):
    """A boto3 client that neither retries nor reads files; without keys boto3's own chain."""
    config = botocore.config.Config(
        retries={"total_max_attempts": 1}, parameter_validation=False, read_timeout=120,
        **({"s3": {"addressing_style": "path"}, "signature_version": "s3v4"}
           if service == "s3" else {}),
    ).merge(botocore.config.Config(**settings))
    named = {}
    if keys:
        named = dict(
            aws_access_key_id=keys.access_key, aws_secret_access_key=keys.secret_key,
            aws_session_token=keys.token,
        )
    session = boto3.Session(region_name=REGION, **named)
    return session.client(service, endpoint_url=endpoint, config=config)


def aws_command_line():
    """AWS's command line, version 1, of PyPI: LARDER_AWS_CLI, else the one beside this Python."""
    beside_python = shutil.which("aws", path=pathlib.Path(sys.executable).parent)
    path = os.environ.get("LARDER_AWS_CLI") or beside_python
    assert path, "no AWS command line: pip install awscli, or set LARDER_AWS_CLI"
    return path


# Identities --------------------------------------------------------------------------------------


def trust_of(service="ec2.amazonaws.com"):
    principal = {"Service": service}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def trust_of_account(account):
    principal = {"AWS": f"arn:aws:iam::{account}:root"}
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def allow(actions, resources="*", **more):
    return policy({"Effect": "Allow", "Action": actions, "Resource": resources, **more})


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@dataclasses.dataclass(frozen=True)
class Uploader:
    """What step 2 of the story makes."""

    bucket: str
    role: str
    profile: str
    boundary_arn: str


def create_uploader(larder, keys=None):
    """A bucket, and a role cut by a boundary to PutObject and GetObject in it, in a profile."""
    keys = keys or larder.keys()
    iam, s3 = larder.client("iam", keys), larder.client("s3", keys)
    bucket, role = unique("photos"), unique("uploader")
    s3.create_bucket(Bucket=bucket)
    boundary = iam.create_policy(
        PolicyName=unique("boundary"),
        PolicyDocument=allow(["s3:PutObject", "s3:GetObject"], f"arn:aws:s3:::{bucket}/*"),
    )["Policy"]["Arn"]
    iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=trust_of(), PermissionsBoundary=boundary
    )
    iam.attach_role_policy(
        RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess"
    )
    create_profile(iam, role)
    return Uploader(bucket, role, role, boundary)


def create_profile(iam, role):
    """An instance profile of the role's name, holding it."""
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)


def create_full_access_profile(larder):
    """A bucket and a profile whose role may do everything in S3: for what is not about limits."""
    iam, s3 = larder.client("iam"), larder.client("s3")
    bucket, role = unique("data"), unique("worker")
    s3.create_bucket(Bucket=bucket)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust_of())
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    create_profile(iam, role)
    return bucket, role


@contextlib.contextmanager
def running_in(larder, profile, command):
    """`larder run` with a program that lives until the block ends: it reads its standard input."""
    process = subprocess.Popen(
        [binary(), "run", "--instance-profile", profile, "--", *command],
        env=larder.environment(), cwd=larder.folder, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if not process.stdin.closed:
            process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()
        process.stderr.close()
