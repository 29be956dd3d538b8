"""A tour of the IAM of a local account with boto3, run under `keyhold exec`. Prints one JSON line per step."""
import base64
import hashlib
import hmac
import json
import struct
import time

import boto3
from botocore.exceptions import ClientError


def step(name, value):
    print(json.dumps({"step": name, "value": value}, ensure_ascii=False), flush=True)


def refused(call, **arguments):
    """Name and text of the error that a call has to end with, and its HTTP status."""
    try:
        call(**arguments)
    except ClientError as error:
        answer = error.response
        return [answer["Error"]["Code"], answer["Error"]["Message"], answer["ResponseMetadata"]["HTTPStatusCode"]]
    raise AssertionError("the call was not refused")


def code(seed, at):
    """RFC 6238 with SHA-1, 30 s and six digits."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", at), hashlib.sha1).digest()
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


iam = boto3.client("iam")
user = iam.create_user(UserName="boto3", Path="/tour/", Tags=[{"Key": "team", "Value": "blau"}])["User"]
step("user", [user["Arn"], user["Tags"]])
step("twice", refused(iam.create_user, UserName="boto3"))
step("users", [one["UserName"] for page in iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}) for one in page["Users"]])

device = iam.create_virtual_mfa_device(VirtualMFADeviceName="boto3")["VirtualMFADevice"]
serial, seed = device["SerialNumber"], device["Base32StringSeed"].decode()
step("device", [serial, len(seed), device["QRCodePNG"][:8] == b"\x89PNG\r\n\x1a\n"])

now = int(time.time()) // 30


def codes(first, second):
    return {
        "UserName": "boto3", "SerialNumber": serial,
        "AuthenticationCode1": code(seed, now + first), "AuthenticationCode2": code(seed, now + second),
    }


step("not-consecutive", refused(iam.enable_mfa_device, **codes(0, 2)))
step("the-same-twice", refused(iam.enable_mfa_device, **codes(0, 0)))
iam.enable_mfa_device(**codes(0, 1))
step("enabled", [one["SerialNumber"] for one in iam.list_mfa_devices(UserName="boto3")["MFADevices"]])
step("used", refused(iam.resync_mfa_device, **codes(0, 1)))
step("half-used", refused(iam.resync_mfa_device, **codes(1, 2)))
iam.resync_mfa_device(**codes(2, 3))
step("assigned", [[one["SerialNumber"], one["User"]["UserName"]] for page in iam.get_paginator("list_virtual_mfa_devices").paginate(AssignmentStatus="Assigned") for one in page["VirtualMFADevices"]])
step("get", iam.get_mfa_device(UserName="boto3", SerialNumber=serial)["SerialNumber"] == serial)
step("in-use", [refused(iam.delete_virtual_mfa_device, SerialNumber=serial), refused(iam.delete_user, UserName="boto3")])
step("unsupported", refused(iam.create_access_key, UserName="boto3"))
iam.deactivate_mfa_device(UserName="boto3", SerialNumber=serial)
iam.delete_virtual_mfa_device(SerialNumber=serial)
iam.delete_user(UserName="boto3")
step("gone", [refused(iam.get_user, UserName="boto3"), iam.list_virtual_mfa_devices()["VirtualMFADevices"]])
