"""Writers that keep a ledger of what a server acknowledged, for servers that are killed."""

import hashlib
import random
import threading

import botocore.exceptions

from larder import unique

KIB = 1024
PART = 5 * KIB * KIB
# Within the metadata commit, in a file, in several blocks of one.
SIZES = [0, 1, 700, 4 * KIB, 60 * KIB, 300 * KIB, 2 * KIB * KIB]
KEYS_EACH = 8


def digest(content):
    return hashlib.sha256(content).hexdigest()


class Entry:
    """What a key may hold after a crash: what was acknowledged last, or what was being written."""

    def __init__(self):
        self.acknowledged = None  # a digest; None: no such object
        self.pending = None  # a list with the one digest (or None) that was on its way

    def allows(self, found):
        return found == self.acknowledged or (self.pending is not None and found in self.pending)

    def settle(self, found):
        self.acknowledged, self.pending = found, None


class Writer:
    """Changes its own keys, one operation after the other, until the server is gone."""

    def __init__(self, name, bucket, seed):
        self.name = name
        self.bucket = bucket
        self.random = random.Random(seed)
        self.ledger = {f"{name}/{i}": Entry() for i in range(KEYS_EACH)}

    def run(self, s3, acknowledged):
        """`acknowledged` is called after each acknowledged change; returns when the server ends."""
        while True:
            key = self.random.choice(sorted(self.ledger))
            operation = self.random.choices(
                [self.put, self.delete, self.copy, self.multipart], [12, 3, 2, 1]
            )[0]
            try:
                operation(s3, key)
            except (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError):
                return
            acknowledged()

    def change(self, key, found, act):
        entry = self.ledger[key]
        entry.pending = [found]
        act()
        entry.settle(found)

    def content(self):
        return self.random.randbytes(self.random.choice(SIZES))

    def put(self, s3, key):
        content = self.content()
        self.change(
            key, digest(content),
            lambda: s3.put_object(Bucket=self.bucket, Key=key, Body=content),
        )

    def delete(self, s3, key):
        self.change(key, None, lambda: s3.delete_object(Bucket=self.bucket, Key=key))

    def copy(self, s3, key):
        source = self.random.choice(sorted(self.ledger))
        held = self.ledger[source].acknowledged
        if source == key or held is None:
            return
        self.change(
            key, held,
            lambda: s3.copy_object(
                Bucket=self.bucket, Key=key, CopySource={"Bucket": self.bucket, "Key": source}
            ),
        )

    def multipart(self, s3, key):
        parts = [self.random.randbytes(PART), self.content()]
        where = {"Bucket": self.bucket, "Key": key}
        upload = s3.create_multipart_upload(**where)["UploadId"]
        made = [
            {"PartNumber": number, "ETag": s3.upload_part(
                **where, UploadId=upload, PartNumber=number, Body=part)["ETag"]}
            for number, part in enumerate(parts, 1)
        ]
        self.change(
            key, digest(b"".join(parts)),
            lambda: s3.complete_multipart_upload(
                **where, UploadId=upload, MultipartUpload={"Parts": made}
            ),
        )

    def check(self, s3):
        """Every key holds what it may, whole, and the listing says the same."""
        listed = set()
        for page in s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self.name}/"
        ):
            listed |= {item["Key"] for item in page.get("Contents", [])}
        for key, entry in self.ledger.items():
            found = self.read(s3, key)
            assert entry.allows(found), f"{key}: {found}, not {entry.acknowledged} {entry.pending}"
            assert (key in listed) == (found is not None), key
            entry.settle(found)
        assert listed <= set(self.ledger)

    def read(self, s3, key):
        try:
            return digest(s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return None


class UserMaker:
    """Makes users, each with a policy, until the server is gone."""

    def __init__(self):
        self.made = set()

    def run(self, iam, acknowledged):
        while True:
            name = unique("user")
            try:
                iam.create_user(UserName=name)
            except (botocore.exceptions.ConnectionError, botocore.exceptions.HTTPClientError):
                return
            self.made.add(name)
            acknowledged()

    def check(self, iam):
        found = set()
        for page in iam.get_paginator("list_users").paginate():
            found |= {user["UserName"] for user in page["Users"]}
        assert self.made <= found, self.made - found
        for name in found:  # the account has room for the next ones
            iam.delete_user(UserName=name)
        self.made.clear()


def check_directory(server):
    """What a kill has left on the disk, before the next start puts it right: all is whole."""
    done = server.try_cli("fsck", str(server.data), timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


class Countdown:
    """Calls `act` once, in the thread that brings it to zero: in the midst of what others do."""

    def __init__(self, count, act):
        self.count = count
        self.act = act
        self.lock = threading.Lock()

    def __call__(self):
        with self.lock:
            self.count -= 1
            now = self.count == 0
        if now:
            self.act()


def run_until_killed(workers, kill):
    """`workers`: (run, client) pairs. Returns when each has met the server's end."""
    threads = [
        threading.Thread(target=run, args=(client, kill), daemon=True) for run, client in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive(), "a writer does not notice that its server is gone"
