"""What a failed call of boto3 says, in one line of a test."""

import contextlib

import botocore.exceptions


class Refusal:
    """Filled in when the block of `refused()` has ended."""

    code = message = status = details = None


@contextlib.contextmanager
def refused(code, status, message=None):
    """The block must fail with this code and status; `message`, where given, word by word."""
    refusal = Refusal()
    try:
        yield refusal
    except botocore.exceptions.ClientError as error:
        refusal.details = error.response["Error"]
        refusal.code = refusal.details["Code"]
        refusal.message = refusal.details.get("Message", "")
        refusal.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert (refusal.code, refusal.status) == (code, status), refusal.details
        if message is not None:
            assert refusal.message == message
        return
    raise AssertionError(f"should have been refused with {code}")
