"""An ordinary boto3 program: uploads the files of a folder, lists the bucket, reads back, compares.

Knows nothing of Larder: region, endpoint and credentials come from where boto3 finds them.
"""

import pathlib
import sys

import boto3


def main(folder, bucket, prefix):
    s3 = boto3.client("s3")
    files = {f"{prefix}/{path.name}": path for path in pathlib.Path(folder).iterdir()}
    for key, path in files.items():
        s3.upload_file(str(path), bucket, key)
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/").get("Contents", [])
    sizes = {item["Key"]: item["Size"] for item in listed}
    assert sizes == {key: path.stat().st_size for key, path in files.items()}, sizes
    for key, path in files.items():
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == path.read_bytes(), key
    print(f"compared {len(files)}")


main(*sys.argv[1:])
