"""S3's operations through boto3. With --endpoint the same cases run against another S3."""

import base64
import datetime
import hashlib
import http.client
import os
import urllib.parse
import zlib

import boto3
import botocore.config
import pytest

import raw
from errors import refused
from larder import REGION, Keys, policy, unique

MIB = 1024 * 1024
TEXT = b"The quick brown fox jumps over the lazy dog"


def put(s3, bucket, key, body=TEXT, **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)


def read(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def etag_of(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


# Buckets -----------------------------------------------------------------------------------------


def test_a_bucket_is_listed_and_has_a_location(s3, bucket):
    assert bucket in [item["Name"] for item in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] in (None, REGION)
    head = s3.head_bucket(Bucket=bucket)
    assert head["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"] == REGION


def test_create_bucket_names_the_location(s3):
    name = unique("located")
    assert s3.create_bucket(Bucket=name)["Location"] == f"/{name}"
    s3.delete_bucket(Bucket=name)


def test_a_missing_bucket(s3):
    name = unique("missing")
    with refused("NoSuchBucket", 404, "The specified bucket does not exist") as refusal:
        s3.list_objects_v2(Bucket=name)
    assert refusal.details["BucketName"] == name
    with refused("404", 404):
        s3.head_bucket(Bucket=name)
    with refused("NoSuchBucket", 404):
        s3.delete_bucket(Bucket=name)
    with refused("NoSuchBucket", 404):
        put(s3, name, "k")


def test_creating_a_bucket_again_in_us_east_1_changes_nothing(s3, bucket):
    put(s3, bucket, "k")
    s3.create_bucket(Bucket=bucket)
    assert read(s3, bucket, "k") == TEXT


def test_a_bucket_with_objects_is_not_deleted(s3, bucket):
    put(s3, bucket, "k")
    message = "The bucket you tried to delete is not empty"
    with refused("BucketNotEmpty", 409, message):
        s3.delete_bucket(Bucket=bucket)
    assert read(s3, bucket, "k") == TEXT


# Objects -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 1000, 64 * 1024, 5 * MIB, 12 * MIB + 7])
def test_bytes_come_back(s3, bucket, size):
    body = os.urandom(size)
    assert put(s3, bucket, "k", body)["ETag"] == etag_of(body)
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["ContentLength"], answer["ETag"]) == (size, etag_of(body))
    assert answer["Body"].read() == body


KEYS = ["plain", "a/b/c", "with space", "plus+sign", "ünïcödé", "per%cent", "a//b", "./dots/../up",
        "quote\"<&>'", "trailing/", "日本語/ファイル", "tilde~star*(1)", "k" * 1024, "q?x=1&y#z"]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:20])
def test_any_key_works(s3, bucket, key):
    put(s3, bucket, key)
    assert read(s3, bucket, key) == TEXT
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.delete_object(Bucket=bucket, Key=key)
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_a_key_of_1025_bytes_is_too_long(s3, bucket):
    with refused("KeyTooLongError", 400, "Your key is too long"):
        put(s3, bucket, "k" * 1025)


def test_a_missing_key(s3, bucket):
    with refused("NoSuchKey", 404, "The specified key does not exist.") as refusal:
        s3.get_object(Bucket=bucket, Key="missing")
    assert refusal.details["Key"] == "missing"
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="missing")


def test_deleting_is_idempotent(s3, bucket):
    put(s3, bucket, "k")
    for _ in range(2):
        answer = s3.delete_object(Bucket=bucket, Key="k")
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_an_overwrite_replaces_the_object(s3, bucket):
    put(s3, bucket, "k", b"first", Metadata={"n": "1"})
    put(s3, bucket, "k", b"second")
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"second", {})


SYSTEM_HEADERS = {
    "CacheControl": "max-age=60", "ContentDisposition": 'attachment; filename="x.txt"',
    "ContentEncoding": "identity", "ContentLanguage": "de", "ContentType": "text/x-larder",
}


def test_metadata_and_system_headers_come_back(s3, bucket):
    metadata = {"colour": "blue", "empty": "", "spaced": "a  b"}
    expires = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    put(s3, bucket, "k", Metadata=metadata, Expires=expires, **SYSTEM_HEADERS)
    for answer in (s3.head_object(Bucket=bucket, Key="k"), s3.get_object(Bucket=bucket, Key="k")):
        assert answer["Metadata"] == metadata
        assert {name: answer[name] for name in SYSTEM_HEADERS} == SYSTEM_HEADERS
        assert answer["ExpiresString"] == "Tue, 06 May 2031 07:08:09 GMT"
        assert answer["ContentLength"] == len(TEXT)


def test_without_a_content_type_it_is_binary(s3, bucket):
    put(s3, bucket, "k")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentType"] == "binary/octet-stream"


def test_metadata_beyond_2_kib_is_refused(s3, bucket):
    with refused("MetadataTooLarge", 400):
        put(s3, bucket, "k", Metadata={"large": "x" * 2048})
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


def test_response_headers_can_be_chosen_by_query(s3, bucket):
    put(s3, bucket, "k")
    answer = s3.get_object(
        Bucket=bucket, Key="k", ResponseContentType="text/csv", ResponseCacheControl="no-store"
    )
    assert (answer["ContentType"], answer["CacheControl"]) == ("text/csv", "no-store")


# Ranges ------------------------------------------------------------------------------------------

RANGES = [
    ("bytes=0-0", 0, 1), ("bytes=4-8", 4, 9), ("bytes=4-", 4, None), ("bytes=-3", -3, None),
    ("bytes=0-99999", 0, None), ("bytes=-99999", 0, None),
]


@pytest.mark.parametrize("header, start, end", RANGES)
def test_a_range(s3, bucket, header, start, end):
    put(s3, bucket, "k")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=header)
    expected = TEXT[start:end]
    first = TEXT.index(expected)
    assert answer["Body"].read() == expected
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentRange"] == f"bytes {first}-{first + len(expected) - 1}/{len(TEXT)}"


def test_a_range_across_blocks(s3, bucket):
    body = os.urandom(9 * MIB)
    put(s3, bucket, "k", body)
    assert read(s3, bucket, "k", Range=f"bytes={MIB - 5}-{6 * MIB}") == body[MIB - 5:6 * MIB + 1]


@pytest.mark.parametrize("header", [f"bytes={len(TEXT)}-", "bytes=-0"])
def test_a_range_outside_cannot_be_satisfied(s3, bucket, header):
    put(s3, bucket, "k")
    with refused("InvalidRange", 416, "The requested range is not satisfiable") as refusal:
        s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert refusal.details["ActualObjectSize"] == str(len(TEXT))


@pytest.mark.parametrize("header", ["bytes=8-4", "lines=1-2", "bytes=a-b", "bytes=0-1,3-4"])
def test_a_range_that_is_none_is_ignored(s3, bucket, header):
    put(s3, bucket, "k")
    answer = s3.get_object(Bucket=bucket, Key="k", Range=header)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["Body"].read() == TEXT


# Conditional reads and writes --------------------------------------------------------------------

PAST = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)


def test_conditions_that_hold(s3, bucket):
    etag = put(s3, bucket, "k")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert read(s3, bucket, "k", IfMatch=etag) == TEXT
    assert read(s3, bucket, "k", IfNoneMatch='"other"') == TEXT
    assert read(s3, bucket, "k", IfModifiedSince=PAST) == TEXT
    assert read(s3, bucket, "k", IfUnmodifiedSince=modified) == TEXT


def test_conditions_that_fail(s3, bucket):
    etag = put(s3, bucket, "k")["ETag"]
    modified = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    message = "At least one of the pre-conditions you specified did not hold"
    with refused("PreconditionFailed", 412, message) as refusal:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"other"')
    assert refusal.details["Condition"] == "If-Match"
    with refused("PreconditionFailed", 412):
        s3.get_object(Bucket=bucket, Key="k", IfUnmodifiedSince=PAST)
    with refused("304", 304):
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    with refused("304", 304):
        s3.get_object(Bucket=bucket, Key="k", IfModifiedSince=modified)


def test_if_match_wins_over_if_unmodified_since(s3, bucket):
    etag = put(s3, bucket, "k")["ETag"]
    assert read(s3, bucket, "k", IfMatch=etag, IfUnmodifiedSince=PAST) == TEXT


def test_if_none_match_wins_over_if_modified_since(s3, bucket):
    etag = put(s3, bucket, "k")["ETag"]
    with refused("304", 304):
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag, IfModifiedSince=PAST)


# Copies ------------------------------------------------------------------------------------------


def test_a_copy_keeps_the_metadata(s3, bucket):
    put(s3, bucket, "a b+c", ContentType="text/plain", Metadata={"n": "1"})
    source = {"Bucket": bucket, "Key": "a b+c"}
    result = s3.copy_object(Bucket=bucket, Key="to", CopySource=source)["CopyObjectResult"]
    assert result["ETag"] == etag_of(TEXT)
    answer = s3.get_object(Bucket=bucket, Key="to")
    assert (answer["Body"].read(), answer["Metadata"]) == (TEXT, {"n": "1"})
    assert answer["ContentType"] == "text/plain"


def test_a_copy_can_replace_the_metadata(s3, bucket):
    put(s3, bucket, "k", Metadata={"n": "1"})
    s3.copy_object(
        Bucket=bucket, Key="k", CopySource=f"{bucket}/k", MetadataDirective="REPLACE",
        Metadata={"n": "2"}, ContentType="text/html",
    )
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["Metadata"], head["ContentType"]) == ({"n": "2"}, "text/html")


def test_a_copy_onto_itself_must_change_something(s3, bucket):
    put(s3, bucket, "k")
    message = (
        "This copy request is illegal because it is trying to copy an object to itself without "
        "changing the object's metadata, storage class, website redirect location or encryption "
        "attributes."
    )
    with refused("InvalidRequest", 400, message):
        s3.copy_object(Bucket=bucket, Key="k", CopySource=f"{bucket}/k")


def test_a_copy_of_nothing(s3, bucket):
    with refused("NoSuchKey", 404):
        s3.copy_object(Bucket=bucket, Key="to", CopySource=f"{bucket}/missing")


def test_a_copy_under_conditions(s3, bucket):
    etag = put(s3, bucket, "k")["ETag"]
    source = f"{bucket}/k"
    s3.copy_object(Bucket=bucket, Key="to", CopySource=source, CopySourceIfMatch=etag)
    with refused("PreconditionFailed", 412):
        s3.copy_object(Bucket=bucket, Key="no", CopySource=source, CopySourceIfNoneMatch=etag)


# Many deletions ----------------------------------------------------------------------------------


def names(*keys):
    return [{"Key": key} for key in keys]


def test_delete_objects_answers_for_each_key(s3, bucket):
    for key in ("a", "b", "c"):
        put(s3, bucket, key)
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": names("a", "b", "missing")})
    assert sorted(item["Key"] for item in answer["Deleted"]) == ["a", "b", "missing"]
    assert [item["Key"] for item in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["c"]


def test_delete_objects_can_be_quiet(s3, bucket):
    put(s3, bucket, "a")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": names("a"), "Quiet": True})
    assert "Deleted" not in answer and "Errors" not in answer


def test_delete_objects_of_1001_keys_is_malformed(s3, bucket):
    many = names(*(str(n) for n in range(1001)))
    with refused("MalformedXML", 400):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": many})


# Listings ----------------------------------------------------------------------------------------

TREE = ["a.txt", "photos/2024/x.jpg", "photos/2024/y.jpg", "photos/2025/z.jpg", "photos/index",
        "videos/1"]


@pytest.fixture(scope="module")
def tree(s3):
    name = unique("tree")
    s3.create_bucket(Bucket=name)
    for key in TREE:
        put(s3, name, key, key.encode())
    yield name
    s3.delete_objects(Bucket=name, Delete={"Objects": names(*TREE)})
    s3.delete_bucket(Bucket=name)


def listed(answer):
    keys = [item["Key"] for item in answer.get("Contents", [])]
    return keys, [item["Prefix"] for item in answer.get("CommonPrefixes", [])]


@pytest.fixture(params=["list_objects", "list_objects_v2"])
def list_in(request, s3):
    return getattr(s3, request.param)


LISTINGS = [
    ({}, TREE, []),
    ({"Delimiter": "/"}, ["a.txt"], ["photos/", "videos/"]),
    ({"Prefix": "photos/", "Delimiter": "/"}, ["photos/index"], ["photos/2024/", "photos/2025/"]),
    ({"Prefix": "photos/2024"}, ["photos/2024/x.jpg", "photos/2024/y.jpg"], []),
    ({"Prefix": "photos/2024", "Delimiter": "/"}, [], ["photos/2024/"]),
    ({"Prefix": "none"}, [], []),
    ({"Delimiter": "20"}, ["a.txt", "photos/index", "videos/1"], ["photos/20"]),
]


@pytest.mark.parametrize("ask, keys, prefixes", LISTINGS)
def test_a_listing(list_in, tree, ask, keys, prefixes):
    answer = list_in(Bucket=tree, **ask)
    assert listed(answer) == (keys, prefixes)
    assert (answer["IsTruncated"], answer["Name"]) == (False, tree)


def test_a_listing_tells_size_etag_and_class(list_in, tree):
    first = list_in(Bucket=tree)["Contents"][0]
    assert (first["Size"], first["ETag"]) == (5, etag_of(b"a.txt"))
    assert first["StorageClass"] == "STANDARD"


@pytest.mark.parametrize("page_size", [1, 2, 3, 5, 6, 1000])
@pytest.mark.parametrize("operation", ["list_objects", "list_objects_v2"])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_pages_together_are_the_whole(s3, tree, operation, page_size, delimiter):
    pages = s3.get_paginator(operation).paginate(
        Bucket=tree, Delimiter=delimiter, PaginationConfig={"PageSize": page_size}
    )
    keys, prefixes = [], []
    for page in pages:
        page_keys, page_prefixes = listed(page)
        assert len(page_keys) + len(page_prefixes) <= page_size
        keys += page_keys
        prefixes += page_prefixes
    whole = (["a.txt"], ["photos/", "videos/"]) if delimiter else (TREE, [])
    assert (keys, prefixes) == whole


def test_version_1_goes_on_after_a_marker(s3, tree):
    answer = s3.list_objects(Bucket=tree, Marker="photos/2025/z.jpg")
    assert listed(answer) == (["photos/index", "videos/1"], [])
    assert answer["Marker"] == "photos/2025/z.jpg"


def test_version_1_names_a_next_marker_with_a_delimiter_only(s3, tree):
    assert "NextMarker" not in s3.list_objects(Bucket=tree, MaxKeys=1)
    assert s3.list_objects(Bucket=tree, MaxKeys=2, Delimiter="/")["NextMarker"] == "photos/"


def test_version_2_counts_and_starts_after(s3, tree):
    answer = s3.list_objects_v2(Bucket=tree, StartAfter="photos/2025/z.jpg")
    assert listed(answer) == (["photos/index", "videos/1"], [])
    assert (answer["KeyCount"], answer["StartAfter"]) == (2, "photos/2025/z.jpg")


def test_version_2_tells_the_owner_when_asked(s3, tree):
    assert "Owner" not in s3.list_objects_v2(Bucket=tree)["Contents"][0]
    owned = s3.list_objects_v2(Bucket=tree, FetchOwner=True)["Contents"][0]
    assert len(owned["Owner"]["ID"]) == 64


def test_no_keys_are_a_page_of_their_own(list_in, tree):
    answer = list_in(Bucket=tree, MaxKeys=0)
    assert (listed(answer), answer["IsTruncated"]) == (([], []), False)


@pytest.mark.parametrize("max_keys", [-1, "many"])
def test_a_wrong_number_of_keys(list_in, tree, max_keys):
    with refused("InvalidArgument", 400):
        list_in(Bucket=tree, MaxKeys=max_keys)


def test_a_wrong_continuation_token(s3, tree):
    with refused("InvalidArgument", 400, "The continuation token provided is incorrect"):
        s3.list_objects_v2(Bucket=tree, ContinuationToken="garbage")


def test_encoding_type_url(s3, bucket):
    put(s3, bucket, "a b/ü+c")
    answer = s3.list_objects_v2(Bucket=bucket, EncodingType="url", Delimiter="/")
    assert answer["EncodingType"] == "url"
    assert listed(answer)[1] == ["a+b/"]


# Multipart ---------------------------------------------------------------------------------------


class Upload:
    """A multipart upload in progress."""

    def __init__(self, s3, bucket, key="k", **more):
        self.s3 = s3
        self.names = {"Bucket": bucket, "Key": key}
        self.id = s3.create_multipart_upload(**self.names, **more)["UploadId"]
        self.parts = []

    def put(self, number, body):
        answer = self.s3.upload_part(
            **self.names, UploadId=self.id, PartNumber=number, Body=body
        )
        self.parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        return answer

    def complete(self, parts=None):
        parts = self.parts if parts is None else parts
        return self.s3.complete_multipart_upload(
            **self.names, UploadId=self.id, MultipartUpload={"Parts": parts}
        )

    def abort(self):
        return self.s3.abort_multipart_upload(**self.names, UploadId=self.id)

    def list(self, **more):
        return self.s3.list_parts(**self.names, UploadId=self.id, **more)


@pytest.fixture
def upload(s3, bucket):
    return Upload(s3, bucket, Metadata={"n": "1"}, ContentType="text/plain")


def multipart_etag(*bodies):
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(digests).hexdigest()}-{len(bodies)}"'


def test_parts_become_one_object(s3, bucket, upload):
    bodies = [os.urandom(5 * MIB), os.urandom(5 * MIB + 1), b"the end"]
    for number, body in enumerate(bodies, 1):
        upload.put(number, body)
    answer = upload.complete()
    assert answer["ETag"] == multipart_etag(*bodies)
    stored = s3.get_object(Bucket=bucket, Key="k")
    assert stored["Body"].read() == b"".join(bodies)
    assert (stored["ETag"], stored["Metadata"]) == (answer["ETag"], {"n": "1"})
    assert stored["ContentType"] == "text/plain"


def test_a_range_across_parts(s3, bucket, upload):
    bodies = [os.urandom(5 * MIB), os.urandom(100)]
    for number, body in enumerate(bodies, 1):
        upload.put(number, body)
    upload.complete()
    got = read(s3, bucket, "k", Range=f"bytes={5 * MIB - 3}-{5 * MIB + 2}")
    assert got == bodies[0][-3:] + bodies[1][:3]


def test_nothing_is_seen_before_completion(s3, bucket, upload):
    upload.put(1, b"x")
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    upload.abort()


def test_parts_are_listed_in_order_and_by_pages(upload):
    for number in (3, 1, 2):
        upload.put(number, b"%d" % number)
    answer = upload.list()
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in answer["Parts"]] == [
        (n, 1, etag_of(b"%d" % n)) for n in (1, 2, 3)
    ]
    page = upload.list(MaxParts=2)
    assert (page["IsTruncated"], page["NextPartNumberMarker"]) == (True, 2)
    rest = upload.list(PartNumberMarker=2)
    assert [p["PartNumber"] for p in rest["Parts"]] == [3]
    upload.abort()


def test_a_part_sent_again_replaces_the_first(s3, bucket, upload):
    upload.put(1, b"first")
    second = upload.put(1, b"second")
    upload.complete([{"PartNumber": 1, "ETag": second["ETag"]}])
    assert read(s3, bucket, "k") == b"second"


def test_an_aborted_upload_is_gone(upload):
    upload.put(1, b"x")
    assert upload.abort()["ResponseMetadata"]["HTTPStatusCode"] == 204
    message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may "
        "have been aborted or completed."
    )
    for call in (upload.list, lambda: upload.put(2, b"y"), upload.complete, upload.abort):
        with refused("NoSuchUpload", 404, message):
            call()


def test_a_small_part_before_the_last_is_refused(s3, bucket, upload):
    upload.put(1, b"small")
    upload.put(2, b"last")
    message = "Your proposed upload is smaller than the minimum allowed size"
    with refused("EntityTooSmall", 400, message):
        upload.complete()
    with refused("NoSuchKey", 404):
        s3.get_object(Bucket=bucket, Key="k")
    upload.abort()


def test_parts_out_of_order_are_refused(upload):
    upload.put(1, os.urandom(5 * MIB))
    upload.put(2, b"x")
    message = (
        "The list of parts was not in ascending order. Parts must be ordered by part number."
    )
    with refused("InvalidPartOrder", 400, message):
        upload.complete(list(reversed(upload.parts)))
    upload.abort()


def test_a_part_that_was_not_uploaded_is_refused(upload):
    upload.put(1, b"x")
    message = (
        "One or more of the specified parts could not be found.  The part may not have been "
        "uploaded, or the specified entity tag may not match the part's entity tag."
    )
    for part in ({"PartNumber": 2, "ETag": etag_of(b"x")}, {"PartNumber": 1, "ETag": '"no"'}):
        with refused("InvalidPart", 400, message):
            upload.complete([part])
    upload.abort()


@pytest.mark.parametrize("number", [0, 10_001, -1])
def test_a_part_number_out_of_bounds(upload, number):
    message = "Part number must be an integer between 1 and 10000, inclusive"
    with refused("InvalidArgument", 400, message):
        upload.put(number, b"x")
    upload.abort()


def test_an_upload_without_parts_is_malformed(upload):
    with refused("MalformedXML", 400):
        upload.complete([])
    upload.abort()


# Checksums ---------------------------------------------------------------------------------------

# Of TEXT, base64; CRC64NVME and CRC32C as their specifications' check programs give them.
CHECKSUMS = {
    "CRC32": base64.b64encode(zlib.crc32(TEXT).to_bytes(4, "big")).decode(),
    "CRC32C": "ImIEBA==",
    "SHA1": base64.b64encode(hashlib.sha1(TEXT).digest()).decode(),
    "SHA256": base64.b64encode(hashlib.sha256(TEXT).digest()).decode(),
    "CRC64NVME": None,
}


def crc64nvme(content):
    """Bit by bit, from the polynomial: slow, and plain enough to trust."""
    crc = 0xFFFFFFFFFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x9A6C9329AC4BC9B5 if crc & 1 else 0)
    return base64.b64encode((crc ^ 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")).decode()


CHECKSUMS["CRC64NVME"] = crc64nvme(TEXT)


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checksum_in_a_header_is_kept(s3, bucket, algorithm):
    name = f"Checksum{algorithm}"
    answer = put(s3, bucket, "k", **{name: CHECKSUMS[algorithm]})
    assert answer[name] == CHECKSUMS[algorithm]
    stored = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (stored[name], stored["Body"].read()) == (CHECKSUMS[algorithm], TEXT)
    assert stored["ChecksumType"] == "FULL_OBJECT"
    plain = s3.head_object(Bucket=bucket, Key="k")
    assert name not in plain


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_wrong_checksum_is_refused(s3, bucket, algorithm):
    wrong = base64.b64encode(bytes(len(base64.b64decode(CHECKSUMS[algorithm])))).decode()
    message = f"The {algorithm} you specified did not match the calculated checksum."
    with refused("BadDigest", 400, message):
        put(s3, bucket, "k", **{f"Checksum{algorithm}": wrong})
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checksum_that_is_none_is_refused(s3, bucket, algorithm):
    message = f"Value for x-amz-checksum-{algorithm.lower()} header is invalid."
    with refused("InvalidRequest", 400, message):
        put(s3, bucket, "k", **{f"Checksum{algorithm}": "garbage"})


def test_two_checksums_are_refused(s3, bucket):
    message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
    with refused("InvalidRequest", 400, message):
        put(s3, bucket, "k", ChecksumSHA1=CHECKSUMS["SHA1"], ChecksumCRC32=CHECKSUMS["CRC32"])


def trailer_body(body, trailer):
    chunks = b"%x\r\n%s\r\n" % (len(body), body) if body else b""
    return chunks + b"0\r\n" + trailer + b"\r\n\r\n"


def put_with_trailer(s3, bucket, algorithm, value):
    name = f"x-amz-checksum-{algorithm.lower()}"
    headers = {
        "x-amz-trailer": name, "x-amz-decoded-content-length": str(len(TEXT)),
        "content-encoding": "aws-chunked",
    }
    found = s3._request_signer._credentials
    keys = Keys(found.access_key, found.secret_key, found.token)
    url = s3.meta.endpoint_url
    return raw.send(url, raw.sign(
        url, "s3", "PUT", f"/{bucket}/k", headers=headers, keys=keys,
        body=trailer_body(TEXT, f"{name}:{value}".encode()),
        sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    ))


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_checksum_in_a_trailer_is_kept(s3, bucket, algorithm):
    answer = put_with_trailer(s3, bucket, algorithm, CHECKSUMS[algorithm])
    assert answer.status == 200, answer.text
    stored = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert stored["Body"].read() == TEXT
    assert stored[f"Checksum{algorithm}"] == CHECKSUMS[algorithm]
    assert "ContentEncoding" not in stored


@pytest.mark.parametrize("algorithm", CHECKSUMS)
def test_a_wrong_checksum_in_a_trailer_is_refused(s3, bucket, algorithm):
    wrong = base64.b64encode(bytes(len(base64.b64decode(CHECKSUMS[algorithm])))).decode()
    answer = put_with_trailer(s3, bucket, algorithm, wrong)
    assert (answer.status, answer.code) == (400, "BadDigest"), answer.text
    with refused("404", 404):
        s3.head_object(Bucket=bucket, Key="k")


def test_a_wrong_content_md5_is_refused(s3, bucket):
    other = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    message = "The Content-MD5 you specified did not match what we received."
    with refused("BadDigest", 400, message):
        put(s3, bucket, "k", ContentMD5=other)
    with refused("InvalidDigest", 400, "The Content-MD5 you specified was invalid."):
        put(s3, bucket, "k", ContentMD5="garbage")


# Bucket policy -----------------------------------------------------------------------------------


def public_read(bucket):
    return policy({
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/public/*",
    })


def anonymous_get(s3, bucket, key):
    parts = urllib.parse.urlsplit(s3.meta.endpoint_url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"/{bucket}/{key}")
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_bucket_policy_opens_what_it_names(s3, bucket):
    put(s3, bucket, "public/a")
    put(s3, bucket, "private/a")
    assert anonymous_get(s3, bucket, "public/a")[0] == 403
    s3.put_bucket_policy(Bucket=bucket, Policy=public_read(bucket))
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == public_read(bucket)
    assert anonymous_get(s3, bucket, "public/a") == (200, TEXT)
    assert anonymous_get(s3, bucket, "private/a")[0] == 403
    s3.delete_bucket_policy(Bucket=bucket)
    assert anonymous_get(s3, bucket, "public/a")[0] == 403


def test_without_a_policy(s3, bucket):
    with refused("NoSuchBucketPolicy", 404, "The bucket policy does not exist") as refusal:
        s3.get_bucket_policy(Bucket=bucket)
    assert refusal.details["BucketName"] == bucket
    s3.delete_bucket_policy(Bucket=bucket)


def test_an_explicit_deny_in_the_bucket_policy_stops_its_own_account(s3, bucket):
    put(s3, bucket, "k")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }))
    with refused("AccessDenied", 403) as refusal:
        s3.get_object(Bucket=bucket, Key="k")
    assert refusal.message.endswith("with an explicit deny in a resource-based policy")
    s3.delete_bucket_policy(Bucket=bucket)


# What is denied, to a request signed in its header and to a presigned one. A condition holds only
# for a key that is there.
@pytest.mark.parametrize("operator_name, key, value, header, query", [
    ("StringEquals", "s3:authType", "REST-QUERY-STRING", 200, 403),
    ("StringEquals", "s3:authType", "REST-HEADER", 403, 200),
    ("StringEquals", "s3:signatureversion", "AWS4-HMAC-SHA256", 403, 403),
    ("StringEquals", "s3:signatureversion", "AWS", 200, 200),
    ("NumericLessThan", "s3:signatureAge", "600000", 403, 403),
    ("NumericGreaterThan", "s3:signatureAge", "600000", 200, 200),
    ("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD", 200, 403),
    ("StringEquals", "s3:x-amz-content-sha256", hashlib.sha256().hexdigest(), 403, 200),
])
def test_policies_ask_how_the_request_is_signed(
    s3, bucket, operator_name, key, value, header, query
):
    put(s3, bucket, "a b")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": {operator_name: {key: value}},
    }))
    if header == 200:
        assert read(s3, bucket, "a b") == TEXT
    else:
        with refused("AccessDenied", header):
            s3.get_object(Bucket=bucket, Key="a b")
    assert fetch(presigned(s3, bucket, "s3v4"))[0] == query
    s3.delete_bucket_policy(Bucket=bucket)


def test_an_anonymous_request_has_no_kind_of_signature(s3, bucket):
    put(s3, bucket, "public/a")
    absent = {"Null": {"s3:authType": "true", "s3:signatureversion": "true",
                       "s3:signatureAge": "true", "s3:x-amz-content-sha256": "true"}}
    s3.put_bucket_policy(Bucket=bucket, Policy=policy({
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*", "Condition": absent,
    }))
    assert anonymous_get(s3, bucket, "public/a") == (200, TEXT)
    s3.delete_bucket_policy(Bucket=bucket)


# Addressing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("domain", ["localhost", "s3.amazonaws.com", "s3.us-east-1.amazonaws.com"])
def test_the_bucket_in_the_host_name(larder, s3, bucket, domain):
    put(s3, bucket, "public/a b")
    s3.put_bucket_policy(Bucket=bucket, Policy=public_read(bucket))
    parts = urllib.parse.urlsplit(larder.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", "/public/a%20b", headers={"Host": f"{bucket}.{domain}"})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, TEXT)


def fetch(url):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    return answer.status, answer.read()


def presigned(client, bucket, version):
    """A URL signed by `client`'s keys with the given version of the signature."""
    made = boto3.client(
        "s3", endpoint_url=client.meta.endpoint_url, region_name=client.meta.region_name,
        config=botocore.config.Config(signature_version=version),
        **dict(zip(
            ("aws_access_key_id", "aws_secret_access_key", "aws_session_token"),
            client._request_signer._credentials.get_frozen_credentials(),
        )),
    )
    return made.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b"})


def test_presigned_urls(s3, bucket):
    put(s3, bucket, "a b")
    assert fetch(presigned(s3, bucket, "s3v4")) == (200, TEXT)


def test_a_presigned_url_of_signature_version_2_is_refused_with_the_remedy(s3, bucket):
    status, body = fetch(presigned(s3, bucket, "s3"))
    assert status == 400
    assert b"<Code>InvalidRequest</Code>" in body and b"Please use AWS4-HMAC-SHA256" in body


def test_an_operation_that_larder_does_not_have_says_its_name(larder, s3, bucket):
    with refused("NotImplemented", 501) as refusal:
        s3.get_bucket_website(Bucket=bucket)
    assert "GetBucketWebsite" in refusal.message
