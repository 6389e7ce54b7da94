"""`larder policy`: what it reads and writes, its exit statuses; and a running server agrees."""

import json
import os
import pty
import subprocess

import pytest

from errors import refused
from larder import (
    Keys, allow, binary, clean_environment, policy, trust_of_account, unique,
)

ACCOUNT = "111122223333"
ALICE = f"arn:aws:iam::{ACCOUNT}:user/alice"
READ = json.loads(allow("s3:Get*", "arn:aws:s3:::photos/*", Sid="Read"))


def request(**members):
    """A request that READ allows, but for what `members` says."""
    return {
        "principal": ALICE, "action": "s3:GetObject", "resource": "arn:aws:s3:::photos/cat.jpg",
        "identity_policies": [READ], **members,
    }


def run_policy(tmp_path, *arguments, given="", environment=None):
    """`larder policy ARGUMENTS...` without a server; the process, whatever its status."""
    return subprocess.run(
        [binary(), "policy", *map(str, arguments)], input=given, capture_output=True, text=True,
        env=clean_environment(tmp_path, **(environment or {})), cwd=tmp_path, timeout=60,
        check=False,
    )


def into_full_disk(tmp_path, *arguments, given=""):
    """The same with a standard output that takes nothing: the status, and what stderr says."""
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [binary(), "policy", *map(str, arguments)], input=given, stdout=full,
            stderr=subprocess.PIPE, text=True, env=clean_environment(tmp_path), cwd=tmp_path,
            timeout=60, check=False,
        )
    return done.returncode, done.stderr


NOT_WRITTEN = (1, "larder: standard output cannot be written: No space left on device\n")

# What turns the direction of text, ends a line, commands a terminal; and how it is shown.
DECEPTIVE = "cat\u202egpj.exe\u2028\u009b2J\u2066"
SHOWN = r"cat\u202egpj.exe\u2028\u009b2J\u2066"


def is_safe(text):
    """Nothing that deceives who reads it on a terminal."""
    return not any(ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160 or c in "\u2028\u202e\u2066"
                   for c in text)


# all of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_cannot_be_written_is_an_error(tmp_path, form):
    one = json.dumps(request())
    assert into_full_disk(tmp_path, "evaluate", given=one) == NOT_WRITTEN
    assert into_full_disk(tmp_path, "explain", "--format", form, given=one) == NOT_WRITTEN
    odd = allow("s3:GetObjekt", "arn:aws:s3:::photos/*")
    assert into_full_disk(tmp_path, "lint", "--format", form, "-", given=odd) == NOT_WRITTEN


def test_a_policy_that_cannot_be_written_is_an_error(larder, s3, bucket, account, tmp_path):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    operator = f"arn:aws:iam::{account}:role/aws-reserved/larder/Operator"
    for form in ("text", "json"):
        status, said = into_full_disk(
            tmp_path, "suggest", "--from-audit", larder.data / "audit", "--principal", operator,
            "--format", form)
        assert status == 1
        assert said.endswith(NOT_WRITTEN[1])



# evaluate ----------------------------------------------------------------------------------------


def evaluate(tmp_path, given):
    done = run_policy(tmp_path, "evaluate", given=given)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_evaluate_answers_line_by_line_in_order(tmp_path):
    given = [request(), request(action="s3:PutObject"), request(principal="anonymous")]
    answers = evaluate(tmp_path, "".join(json.dumps(line) + "\n" for line in given))
    assert answers[0] == {
        "decision": "allowed", "decided_by": "identity", "message": None,
        "statements": [{"kind": "identity", "policy": "identity-0", "sid": "Read", "index": 0}],
    }
    assert (answers[1]["decision"], answers[1]["statements"]) == ("implicitDeny", [])
    assert answers[1]["message"].endswith(
        "because no identity-based policy allows the s3:PutObject action")
    assert answers[2]["decided_by"] == "resource"


def test_evaluate_answers_a_line_that_it_cannot_evaluate_with_an_error(tmp_path):
    good = json.dumps(request())
    malformed = json.dumps(request(identity_policies=[{"Version": "2012-10-17"}]))
    bad = ["{", "[]", "", malformed, json.dumps(request(action=7)), '{"principal": "x"}']
    lines = [line for pair in ((good, line) for line in bad) for line in pair]
    answers = evaluate(tmp_path, "\n".join(lines) + "\n\n \n")
    assert len(answers) == len(lines)
    assert all(answer["decision"] == "allowed" for answer in answers[::2])
    errors = [answer["error"] for answer in answers[1::2]]
    assert all(errors)
    assert errors[2] == "the line is empty"
    assert errors[3] == "identity_policies[0]: Syntax errors in policy."
    assert errors[4] == "`action` must be a string"


def test_evaluate_names_members_that_requests_do_not_have_once(tmp_path):
    line = json.dumps(request() | {"permission_boundary": None})
    done = run_policy(tmp_path, "evaluate", given=f"{line}\n{line}\n")
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == (
        'larder: line 1: requests have no member "permission_boundary"; it is ignored\n')


def test_evaluate_passes_over_a_line_that_is_too_long(tmp_path):
    long = json.dumps(request(action="x" * (3 << 20)))
    answers = evaluate(tmp_path, f"{long}\n{json.dumps(request())}")
    assert "longer than" in answers[0]["error"]
    assert answers[1]["decision"] == "allowed"


def test_evaluate_answers_before_the_next_line_is_written(tmp_path):
    with subprocess.Popen(
        [binary(), "policy", "evaluate"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=clean_environment(tmp_path),
    ) as process:
        for action, decision in (("s3:GetObject", "allowed"), ("s3:PutObject", "implicitDeny")):
            process.stdin.write(json.dumps(request(action=action)) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["decision"] == decision
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_evaluate_decides_every_case_of_the_table(tmp_path):
    folder = os.path.join(os.path.dirname(__file__), "../policy")
    cases = []
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".json")):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            cases += json.load(file)
    expected = {"name", "decision", "decided_by", "message", "statements"}
    asked = [{key: case[key] for key in case if key not in expected} for case in cases]
    answers = evaluate(tmp_path, "".join(json.dumps(line) + "\n" for line in asked))
    assert len(answers) == len(cases)
    for case, answer in zip(cases, answers):
        assert [answer.get(name) for name in ("decision", "decided_by", "message")] == [
            case[name] for name in ("decision", "decided_by", "message")], case["name"]
        for statement in case.get("statements", []):
            statement["sid"] = statement["sid"] or None
        assert answer["statements"] == case.get("statements", answer["statements"]), case["name"]


# explain -----------------------------------------------------------------------------------------


def test_explain_shows_what_matched_and_what_did_not(tmp_path):
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request(resource="arn:aws:s3:::videos/cat.mp4"), indent=2))
    done = run_policy(tmp_path, "explain", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("DENIED: nothing in the identity policies allows it\n")
    assert "✗ identity  identity-0  #0 Read  Allow" in done.stdout
    assert "✓ action  ✗ resource: wanted arn:aws:s3:::photos/*" in done.stdout
    assert "found arn:aws:s3:::videos/cat.mp4" in done.stdout
    assert "\x1b" not in done.stdout


def test_explain_reads_standard_input_and_writes_json(tmp_path):
    done = run_policy(tmp_path, "explain", "--format", "json", given=json.dumps(request()))
    explained = json.loads(done.stdout)
    assert explained["decision"] == "allowed"
    (statement,) = explained["statements"]
    assert (statement["applies"], statement["decided"], statement["failed"]) == (True, True, None)


def on_a_terminal(tmp_path, **environment):
    """What `explain` writes when standard output is a terminal."""
    file = tmp_path / "request.json"
    file.write_text(json.dumps(request()))
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [binary(), "policy", "explain", str(file)], stdout=theirs, check=True, timeout=60,
            env=clean_environment(tmp_path, TERM="xterm", **environment),
        )
        return os.read(ours, 65536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_explain_has_color_on_a_terminal_unless_it_is_not_wanted(tmp_path):
    assert "\x1b[1;32mALLOWED" in on_a_terminal(tmp_path)
    assert "\x1b" not in on_a_terminal(tmp_path, NO_COLOR="1")


@pytest.mark.parametrize("arguments", [
    ["--principal", ALICE],
    ["--action", "s3:GetObject"],
    ["file.json", "--principal", ALICE, "--action", "a:b", "--resource", "*"],
    ["--principal", ALICE, "--action", "a:b", "--resource", "*", "--context", "no-value"],
    ["--format", "xml"],
])
def test_explain_refuses_wrong_usage(tmp_path, arguments):
    done = run_policy(tmp_path, "explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_explain_shows_what_would_deceive_a_reader(tmp_path):
    given = json.dumps(request(resource=f"arn:aws:s3:::photos/{DECEPTIVE}", identity_policies=[
        json.loads(allow("s3:Put*", f"arn:aws:s3:::photos/{DECEPTIVE}"))]))
    done = run_policy(tmp_path, "explain", given=given)
    assert is_safe(done.stdout)
    assert SHOWN in done.stdout
    told = run_policy(tmp_path, "explain", "--format", "json", given=given)
    assert is_safe(told.stdout)
    assert json.loads(told.stdout)["resource"].endswith(DECEPTIVE)


def test_explain_hints_at_what_is_mistyped_and_decides_all_the_same(tmp_path):
    done = run_policy(tmp_path, "explain", given=json.dumps(request(action="s3:GetObjetc")))
    assert done.returncode == 0
    assert done.stdout.startswith("ALLOWED")  # s3:Get* matches it
    assert done.stderr == (
        "larder: no action is named s3:GetObjetc; did you mean s3:GetObject?\n")
    done = run_policy(
        tmp_path, "explain", "--format", "json",
        given=json.dumps(request(resource="photos/cat.jpg")))
    assert json.loads(done.stdout)["decision"] == "implicitDeny"
    assert done.stderr == (
        "larder: photos/cat.jpg is no ARN; did you mean arn:aws:s3:::photos/cat.jpg?\n")


def test_explain_fails_where_there_is_nothing_to_decide(tmp_path):
    assert run_policy(tmp_path, "explain", given="{}").returncode == 1
    done = run_policy(tmp_path, "explain", "absent.json")
    assert (done.returncode, "absent.json" in done.stderr) == (1, True)


# explain, by the policies of a running server ----------------------------------------------------


def explain_live(larder, principal, action, resource, *more):
    return larder.cli_json(
        "policy", "explain", "--format", "json", "--principal", principal, "--action", action,
        "--resource", resource, *more)


def test_explain_takes_a_users_stored_policies_and_boundary(larder, iam):
    name = unique("user")
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="all-of-s3", PolicyDocument=allow("s3:*"))
    assert explain_live(larder, arn, "s3:GetObject", "arn:aws:s3:::b/k")["decision"] == "allowed"

    boundary = iam.create_policy(
        PolicyName=unique("boundary"), PolicyDocument=allow("s3:GetObject", "arn:aws:s3:::a/*")
    )["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    denied = explain_live(larder, arn, "s3:GetObject", "arn:aws:s3:::b/k")
    assert (denied["decision"], denied["decided_by"]) == ("implicitDeny", "boundary")
    identity, bound = denied["statements"]
    assert (identity["policy"], identity["applies"]) == ("all-of-s3", True)
    assert (bound["policy"], bound["failed"]) == (boundary, "resource")
    assert (bound["wanted"], bound["found"]) == ("arn:aws:s3:::a/*", "arn:aws:s3:::b/k")


def test_explain_takes_a_role_as_its_session_and_the_buckets_policy(larder, iam, s3, bucket):
    role = unique("reader")
    arn = iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=trust_of_account(larder.account()))["Role"]["Arn"]
    resource = f"arn:aws:s3:::{bucket}/k"
    before = explain_live(larder, arn, "s3:GetObject", resource)
    assert before["principal"].endswith(f":assumed-role/{role}/explain")
    assert (before["decided_by"], before["statements"]) == ("identity", [])

    s3.put_bucket_policy(Bucket=bucket, Policy=policy({
        "Effect": "Allow", "Principal": {"AWS": arn}, "Action": "s3:GetObject",
        "Resource": resource, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}},
    }))
    absent = explain_live(larder, arn, "s3:GetObject", resource)
    assert (absent["statements"][0]["failed"], absent["statements"][0]["kind"]) == (
        "condition", "resource")
    there = explain_live(
        larder, arn, "s3:GetObject", resource, "--context", "aws:SourceIp=192.0.2.7")
    assert (there["decision"], there["decided_by"]) == ("allowed", "resource")
    assert there["statements"][0]["decided"]
    anonymous = explain_live(larder, "anonymous", "s3:GetObject", resource)
    assert anonymous["decided_by"] == "resource"


def test_explain_takes_the_trust_policy_of_a_role_to_be_assumed(larder, iam):
    user, role = unique("user"), unique("role")
    user_arn = iam.create_user(UserName=user)["User"]["Arn"]
    role_arn = iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=trust_of_account(larder.account()))["Role"]["Arn"]
    denied = explain_live(larder, user_arn, "sts:AssumeRole", role_arn)
    assert (denied["decision"], denied["decided_by"]) == ("implicitDeny", "identity")
    iam.put_user_policy(
        UserName=user, PolicyName="assume", PolicyDocument=allow("sts:AssumeRole", role_arn))
    allowed = explain_live(larder, user_arn, "sts:AssumeRole", role_arn)
    assert (allowed["decision"], allowed["decided_by"]) == ("allowed", "trust")
    assert [one["kind"] for one in allowed["statements"]] == ["identity", "trust"]


def test_explain_agrees_with_what_the_server_does(larder, iam, bucket):
    user = unique("user")
    arn = iam.create_user(UserName=user)["User"]["Arn"]
    may_put = allow("s3:PutObject", f"arn:aws:s3:::{bucket}/*")
    iam.put_user_policy(UserName=user, PolicyName="put", PolicyDocument=may_put)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    theirs = larder.client("s3", Keys(key["AccessKeyId"], key["SecretAccessKey"]))
    theirs.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("AccessDenied", 403) as refusal:
        theirs.get_object(Bucket=bucket, Key="k")
    resource = f"arn:aws:s3:::{bucket}/k"
    assert explain_live(larder, arn, "s3:PutObject", resource)["decision"] == "allowed"
    assert explain_live(larder, arn, "s3:GetObject", resource)["message"] == refusal.message


def test_explain_hints_at_what_is_mistyped_in_a_question_to_the_server(larder, account):
    done = larder.cli(
        "policy", "explain", "--principal", f"arn:aws:iam::{account}:root",
        "--action", "s3:GetObjetc", "--resource", "s3://photos/cat.jpg")
    assert done.stderr.splitlines() == [
        "larder: no action is named s3:GetObjetc; did you mean s3:GetObject?",
        "larder: s3://photos/cat.jpg is no ARN; did you mean arn:aws:s3:::photos/cat.jpg?"]


def test_explain_names_a_principal_that_is_not_there(larder, account):
    for arn in (f"arn:aws:iam::{account}:user/nobody", f"arn:aws:iam::{account}:role/nobody",
                f"arn:aws:sts::{account}:assumed-role/nobody/x", "arn:aws:iam::999999999999:root",
                "nobody"):
        done = larder.try_cli(
            "policy", "explain", "--principal", arn, "--action", "a:b", "--resource", "*")
        assert (done.returncode, done.stdout) == (1, "")
        assert f"There is no principal {arn}" in done.stderr
        assert "(NoSuchEntity)" in done.stderr


# lint --------------------------------------------------------------------------------------------


def test_lint_says_where_and_exits_with_1_on_errors(tmp_path):
    (tmp_path / "good.json").write_text(allow("s3:GetObject", "arn:aws:s3:::photos/*"))
    done = run_policy(tmp_path, "lint", "good.json")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

    (tmp_path / "bad.json").write_text('{\n  "Version": "2012-10-17",\n  "Statment": []\n}\n')
    done = run_policy(tmp_path, "lint", "good.json", "bad.json")
    assert done.returncode == 1
    assert done.stdout.startswith("bad.json:")
    assert ": error: " in done.stdout


def test_lint_warns_without_failing_and_writes_json(tmp_path):
    given = allow("s3:GetObjekt", "arn:aws:s3:::photos/*")
    done = run_policy(tmp_path, "lint", "--format", "json", "-", given=given)
    findings = json.loads(done.stdout)
    assert done.returncode == 0
    assert {finding["severity"] for finding in findings} == {"warning"}
    assert set(findings[0]) == {"file", "line", "column", "severity", "code", "message"}
    assert findings[0]["file"] == "<stdin>"


def test_lint_takes_the_kind_and_the_boundary(tmp_path):
    trust = trust_of_account(ACCOUNT)
    assert run_policy(tmp_path, "lint", "--kind", "trust", "-", given=trust).returncode == 0
    assert run_policy(tmp_path, "lint", "--kind", "identity", "-", given=trust).returncode == 1
    (tmp_path / "boundary.json").write_text(allow("ec2:*"))
    given = allow("s3:GetObject", "arn:aws:s3:::photos/*")
    done = run_policy(tmp_path, "lint", "--boundary", "boundary.json", "-", given=given)
    assert (done.returncode, ": warning: " in done.stdout) == (0, True)
    done = run_policy(tmp_path, "lint", "--boundary", "absent.json", "-", given=given)
    assert (done.returncode, "absent.json" in done.stderr) == (1, True)


def test_lint_refuses_wrong_usage_and_names_what_it_cannot_read(tmp_path):
    assert run_policy(tmp_path, "lint").returncode == 2
    assert run_policy(tmp_path, "lint", "--kind", "queue", "-").returncode == 2
    done = run_policy(tmp_path, "lint", "absent.json")
    assert (done.returncode, "absent.json" in done.stderr) == (1, True)


def test_lint_shows_what_would_deceive_a_reader(tmp_path):
    (tmp_path / f"{DECEPTIVE}.json").write_text(
        allow(f"s3:{DECEPTIVE}", "arn:aws:s3:::photos/*"), encoding="utf-8")
    done = run_policy(tmp_path, "lint", f"{DECEPTIVE}.json")
    assert is_safe(done.stdout)
    assert done.stdout.startswith(f"{SHOWN}.json:1:")
    assert f"There is no action s3:{SHOWN}." in done.stdout
    done = run_policy(tmp_path, "lint", "--format", "json", f"{DECEPTIVE}.json")
    assert is_safe(done.stdout)
    (finding,) = json.loads(done.stdout)
    assert finding["file"] == f"{DECEPTIVE}.json"
    assert DECEPTIVE in finding["message"]
    done = run_policy(tmp_path, "lint", f"{DECEPTIVE}.absent")
    assert is_safe(done.stderr)
    assert SHOWN in done.stderr


def test_lint_takes_a_file_name_that_is_no_text(tmp_path):
    name = os.fsdecode(b"a\xff.json")
    (tmp_path / name).write_text(allow("s3:GetObjekt", "arn:aws:s3:::photos/*"))
    done = run_policy(tmp_path, "lint", "--format", "json", name)
    assert json.loads(done.stdout)[0]["file"] == "a\ufffd.json"


def test_lint_knows_the_quotas(tmp_path):
    keys = [f"arn:aws:s3:::photos/{number:060}" for number in range(100)]
    done = run_policy(tmp_path, "lint", "-", given=allow("s3:GetObject", keys))
    assert done.returncode == 0
    assert "it can only be an inline policy of a role" in done.stdout
    assert done.stdout.endswith("[exceeds-quota]\n")
    done = run_policy(
        tmp_path, "lint", "--kind", "boundary", "-", given=allow("s3:GetObject", keys))
    assert (done.returncode, ": error: " in done.stdout) == (1, True)


def test_lint_reads_no_more_than_any_policy_has(tmp_path):
    (tmp_path / "large.json").write_text(" " * 1_000_000)
    done = run_policy(tmp_path, "lint", "large.json")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "large.json:1:1: error: The document has 1000000 characters; AWS takes none of more than "
        "131072. [too-large]\n")
    (tmp_path / "huge.json").write_text(" " * 3_000_000)
    done = run_policy(tmp_path, "lint", "huge.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "huge.json has 3000000 bytes; the most that is read is 2097152" in done.stderr
    done = run_policy(tmp_path, "lint", "-", given=" " * 3_000_000)
    assert "standard input has more than 2097152 bytes" in done.stderr


# suggest -----------------------------------------------------------------------------------------


def test_suggest_writes_a_policy_that_allows_what_was_done(own_larder):
    iam, s3 = own_larder.client("iam"), own_larder.client("s3")
    s3.create_bucket(Bucket="photos")
    arn = iam.create_role(
        RoleName="uploader", AssumeRolePolicyDocument=trust_of_account(own_larder.account())
    )["Role"]["Arn"]
    iam.attach_role_policy(
        RoleName="uploader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    theirs = own_larder.client("s3", own_larder.keys("--role-arn", arn))
    do_everything(theirs)
    with refused("AccessDenied", 403):
        own_larder.client("iam", own_larder.keys("--role-arn", arn)).list_users()

    done = own_larder.cli(
        "policy", "suggest", "--from-audit", str(own_larder.data / "audit"), "--principal", arn)
    suggested = json.loads(done.stdout)
    assert [one["Sid"] for one in suggested["Statement"]] == [
        "S3Any1", "S3Photos1", "S3Photos2", "S3Photos3", "S3Photos4"]
    assert suggested["Statement"][1] == {
        "Sid": "S3Photos1", "Effect": "Allow", "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::photos"}
    assert "the 6 keys seen under photos/2026/ as arn:aws:s3:::photos/2026/*" in done.stderr
    assert "iam:ListUsers" not in done.stdout
    assert "1 event is of what was refused" in done.stderr

    iam.detach_role_policy(
        RoleName="uploader", PolicyArn="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    with refused("AccessDenied", 403):
        theirs.list_buckets()
    iam.put_role_policy(RoleName="uploader", PolicyName="suggested", PolicyDocument=done.stdout)
    do_everything(theirs)
    with refused("AccessDenied", 403):
        theirs.put_object(Bucket="photos", Key="elsewhere", Body=b"x")


def test_suggest_never_allows_what_was_refused(own_larder):
    iam, s3 = own_larder.client("iam"), own_larder.client("s3")
    s3.create_bucket(Bucket="photos")
    arn = iam.create_role(
        RoleName="uploader", AssumeRolePolicyDocument=trust_of_account(own_larder.account())
    )["Role"]["Arn"]
    pictures, secret = (f"arn:aws:s3:::photos/2026/{name}" for name in ("IMG_*", "secret"))
    iam.put_role_policy(
        RoleName="uploader", PolicyName="own",
        PolicyDocument=policy(
            {"Effect": "Allow", "Action": ["s3:PutObject", "s3:DeleteObject"],
             "Resource": [pictures, secret]},
            {"Effect": "Deny", "Action": "s3:PutObject", "Resource": secret}))
    theirs = own_larder.client("s3", own_larder.keys("--role-arn", arn))
    for number in range(400):
        theirs.put_object(Bucket="photos", Key=f"2026/IMG_{number}", Body=b"x")
    with refused("AccessDenied", 403):
        theirs.put_object(Bucket="photos", Key="2026/secret", Body=b"x")
    keys = [f"2026/IMG_{number}" for number in range(6)] + ["2026/other", "2026/another"]
    answer = theirs.delete_objects(
        Bucket="photos", Delete={"Objects": [{"Key": key} for key in keys]})
    assert [error["Key"] for error in answer["Errors"]] == ["2026/other", "2026/another"]

    done = own_larder.cli(
        "policy", "suggest", "--from-audit", str(own_larder.data / "audit"), "--principal", arn)
    deleted, put = sorted(
        json.loads(done.stdout)["Statement"], key=lambda statement: statement["Action"])
    assert put["Resource"] == pictures
    assert deleted["Action"] == "s3:DeleteObject"
    assert len(deleted["Resource"]) == 6 and "warning" not in done.stderr
    iam.put_role_policy(RoleName="uploader", PolicyName="own", PolicyDocument=done.stdout)
    theirs.put_object(Bucket="photos", Key="2026/IMG_7", Body=b"x")
    for key in ("2026/secret", "2026/another"):
        with refused("AccessDenied", 403):
            theirs.put_object(Bucket="photos", Key=key, Body=b"x")


def test_suggest_for_instances_and_buckets_that_are_not_there_yet(own_larder):
    iam, account = own_larder.client("iam"), own_larder.account()
    arn = iam.create_role(
        RoleName="starter", AssumeRolePolicyDocument=trust_of_account(account))["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="starter", PolicyName="own",
        PolicyDocument=allow(["ec2:*", "s3:*"]))
    keys = own_larder.keys("--role-arn", arn)
    ec2, s3 = own_larder.client("ec2", keys), own_larder.client("s3", keys)

    def work():
        ec2.run_instances(
            ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1,
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "x"}]}])
        s3.list_buckets()

    work()
    with refused("InvalidInstanceID.Malformed", 400):
        ec2.terminate_instances(InstanceIds=["*"])
    done = own_larder.cli(
        "policy", "suggest", "--from-audit", str(own_larder.data / "audit"), "--principal", arn)
    resources = {
        action: statement["Resource"]
        for statement in json.loads(done.stdout)["Statement"]
        for action in ([statement["Action"]] if isinstance(statement["Action"], str)
                       else statement["Action"])}
    instances = f"arn:aws:ec2:us-east-1:{account}:instance/"
    assert resources == {
        "ec2:RunInstances": instances + "*", "ec2:CreateTags": instances + "*",
        "ec2:TerminateInstances": instances + "${*}", "s3:ListAllMyBuckets": "arn:aws:s3:::*"}
    assert "wider" not in done.stderr
    iam.put_role_policy(RoleName="starter", PolicyName="own", PolicyDocument=done.stdout)
    work()


def test_suggest_says_when_no_managed_policy_takes_it(tmp_path):
    arn = "arn:aws:iam::111122223333:user/alice"
    log = tmp_path / "audit-1.jsonl"
    log.write_text("".join(
        json.dumps({
            "userIdentity": {"type": "IAMUser", "arn": arn}, "eventTime": "2026-11-23T12:00:01Z",
            "additionalEventData": {"decision": "allowed", "authorized": [
                {"action": f"iam:AnActionOfALongName{number}", "resource": "*"}]}}) + "\n"
        for number in range(400)))
    done = run_policy(tmp_path, "suggest", "--from-audit", log, "--principal", arn)
    assert done.returncode == 0
    (statement,) = json.loads(done.stdout)["Statement"]
    assert len(statement["Action"]) == 400
    size = len("".join(done.stdout.split()))
    assert size > 6144
    assert f"warning: the policy has {size} characters (without white space), and a managed " \
        "policy takes 6144" in done.stderr
    assert "2 managed policies or more" in done.stderr


def do_everything(s3):
    s3.list_buckets()
    for number in range(6):
        s3.put_object(Bucket="photos", Key=f"2026/{number}", Body=b"x")
    s3.copy_object(Bucket="photos", Key="copies/a", CopySource="photos/2026/1")
    s3.list_objects_v2(Bucket="photos", Prefix="2026/")
    s3.delete_objects(Bucket="photos", Delete={"Objects": [{"Key": "copies/a"}, {"Key": "x"}]})
    with refused("404", 404):
        s3.head_object(Bucket="photos", Key="2026/none")


def test_suggest_counts_what_it_cannot_read(larder, s3, bucket, account, tmp_path):
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    log = tmp_path / "audit"
    log.mkdir()
    lines = "".join(path.read_text() for path in sorted((larder.data / "audit").glob("*.jsonl")))
    (log / "audit-1.jsonl").write_text("no JSON\n" + lines)
    (log / "audit-0.jsonl.gz").write_bytes(b"\x1f\x8b")
    operator = f"arn:aws:iam::{account}:role/aws-reserved/larder/Operator"
    done = run_policy(
        tmp_path, "suggest", "--from-audit", log, "--principal", operator, "--format", "json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) == {"policy", "characters", "managed_policies", "evidence", "log"}
    assert (told["log"]["files_passed_over"], told["log"]["lines_unreadable"]) == (1, 1)
    sids = [one["Sid"] for one in told["policy"]["Statement"]]
    assert [one["sid"] for one in told["evidence"]] == sids


def test_suggest_says_when_there_is_nothing(larder, account, tmp_path):
    log = larder.data / "audit"
    nobody = f"arn:aws:iam::{account}:user/nobody"
    done = run_policy(tmp_path, "suggest", "--from-audit", log, "--principal", nobody)
    assert (done.returncode, done.stdout) == (1, "")
    assert nobody in done.stderr
    done = run_policy(tmp_path, "suggest", "--from-audit", larder.data, "--principal", nobody)
    assert (done.returncode, str(log) in done.stderr) == (1, True)
    assert run_policy(
        tmp_path, "suggest", "--from-audit", log, "--principal", "alice").returncode == 2
