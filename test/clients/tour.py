"""A tour through the services with boto3, run under `keyhold exec`. Prints one JSON line per step."""
import hashlib
import io
import json
import os
import sys
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig

MEGABYTES = int(sys.argv[1])
ODD_KEYS = ["a:b:c", "double//slash", "with space and +plus", "ünïcode/✓.txt", "per%20cent%2Fencoded", "dots/../kept/./as-is", "tilde~star*'()!"]


def step(name, value):
    print(json.dumps({"step": name, "value": value}, ensure_ascii=False), flush=True)


class Pattern(io.RawIOBase):
    """A seekable stream of `size` bytes that costs no memory."""

    BLOCK = bytes(range(256)) * 4096

    def __init__(self, size):
        self.size, self.at = size, 0

    def readable(self):
        return True

    def seekable(self):
        return True

    def tell(self):
        return self.at

    def seek(self, offset, whence=0):
        self.at = offset if whence == 0 else self.at + offset if whence == 1 else self.size + offset
        return self.at

    def readinto(self, buffer):
        count = min(len(buffer), self.size - self.at, len(self.BLOCK) - self.at % len(self.BLOCK))
        start = self.at % len(self.BLOCK)
        buffer[:count] = self.BLOCK[start : start + count]
        self.at += count
        return count


def digest(stream):
    h = hashlib.sha256()
    while block := stream.read(1 << 20):
        h.update(block)
    return h.hexdigest()


step("environ", sorted(k for k in os.environ if k.startswith("AWS_")))
step("sts", boto3.client("sts").get_caller_identity()["Account"])

s3 = boto3.client("s3")
s3.create_bucket(Bucket="tour")
step("buckets", [b["Name"] for b in s3.list_buckets()["Buckets"]])
for key in ODD_KEYS:
    s3.put_object(Bucket="tour", Key=key, Body=key.encode())
    assert s3.get_object(Bucket="tour", Key=key)["Body"].read() == key.encode(), key
listed = [o["Key"] for o in s3.list_objects_v2(Bucket="tour").get("Contents", [])]
step("odd-keys", sorted(listed) == sorted(ODD_KEYS))

size = MEGABYTES << 20
config = TransferConfig(multipart_threshold=8 << 20, multipart_chunksize=8 << 20, max_concurrency=4)
s3.upload_fileobj(io.BufferedReader(Pattern(size), 1 << 20), "tour", "big.bin", Config=config)
step("multipart", digest(s3.get_object(Bucket="tour", Key="big.bin")["Body"]) == digest(io.BufferedReader(Pattern(size), 1 << 20)))

url = s3.generate_presigned_url("get_object", Params={"Bucket": "tour", "Key": "a:b:c"}, ExpiresIn=60)
step("presigned-get", urllib.request.urlopen(url).read().decode())
url = s3.generate_presigned_url("put_object", Params={"Bucket": "tour", "Key": "presigned put"}, ExpiresIn=60)
urllib.request.urlopen(urllib.request.Request(url, data=b"by url", method="PUT"))
step("presigned-put", s3.get_object(Bucket="tour", Key="presigned put")["Body"].read().decode())

dynamodb = boto3.client("dynamodb")
step("dynamodb", dynamodb.list_tables()["TableNames"])
step("ssm", boto3.client("ssm").get_parameter(Name="/tour/greeting")["Parameter"]["Value"])
step("iam", [u["UserName"] for u in boto3.client("iam").list_users()["Users"]])
answer = boto3.client("lambda").invoke(FunctionName="echo", Payload=json.dumps({"hello": "wörld"}).encode())
step("lambda", json.loads(answer["Payload"].read()))
