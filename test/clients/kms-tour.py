"""A tour of the KMS of a local account with boto3, run under `keyhold exec`. Prints one JSON line per step.

The argument is JSON: endpoint, path, credential and a key of an external key store proxy for tests.
"""
import datetime
import hashlib
import json
import sys
import time

import boto3
from botocore.exceptions import ClientError


def step(name, value):
    print(json.dumps({"step": name, "value": value}, ensure_ascii=False), flush=True)


def refused(call, **arguments):
    """Name and text of the error that a call has to end with."""
    try:
        call(**arguments)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    raise AssertionError("the call was not refused")


kms = boto3.client("kms")
CONTEXT = {"tenant": "ä", "stage": "test"}

key = kms.create_key(Description="boto3", Tags=[{"TagKey": "team", "TagValue": "blau"}])["KeyMetadata"]
arn = key["Arn"]
age = datetime.datetime.now(datetime.timezone.utc) - key["CreationDate"]
step("created", [key["KeyState"], key["KeySpec"], key["KeyManager"], abs(age.total_seconds()) < 60])

kms.create_alias(AliasName="alias/boto3", TargetKeyId=arn)
sealed = kms.encrypt(KeyId="alias/boto3", Plaintext="grüße".encode(), EncryptionContext=CONTEXT)
opened = kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=CONTEXT)
step("round-trip", [opened["Plaintext"].decode(), opened["KeyId"] == arn])
step("other-context", refused(kms.decrypt, CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext={"tenant": "b"}))

data_key = kms.generate_data_key(KeyId=arn, KeySpec="AES_256")
step("data-key", kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"] == data_key["Plaintext"])
step("largest", len(kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=arn, Plaintext=b"x" * 4096)["CiphertextBlob"])["Plaintext"]))
step("random", len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]))

signer = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
claim = {
    "KeyId": signer,
    "Message": hashlib.sha384(b"message").digest(),
    "MessageType": "DIGEST",
    "SigningAlgorithm": "RSASSA_PSS_SHA_384",
}
signature = kms.sign(**claim)["Signature"]
step("signature", kms.verify(Signature=signature, **claim)["SignatureValid"])
step("bad-signature", refused(kms.verify, Signature=signature[:-1] + bytes([signature[-1] ^ 1]), **claim))

mac_key = kms.create_key(KeySpec="HMAC_512", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
mac = kms.generate_mac(KeyId=mac_key, Message=b"m", MacAlgorithm="HMAC_SHA_512")["Mac"]
step("mac", kms.verify_mac(KeyId=mac_key, Message=b"m", MacAlgorithm="HMAC_SHA_512", Mac=mac)["MacValid"])

grant = kms.create_grant(
    KeyId=arn,
    GranteePrincipal=f"arn:aws:iam::{arn.split(':')[4]}:root",
    Operations=["Decrypt", "RetireGrant"],
    Constraints={"EncryptionContextSubset": {"tenant": "ä"}},
)
step("grants", [one["GrantId"] == grant["GrantId"] for one in kms.list_grants(KeyId=arn)["Grants"]])
kms.retire_grant(GrantToken=grant["GrantToken"])
step("retired", kms.list_grants(KeyId=arn)["Grants"])

kms.rotate_key_on_demand(KeyId=arn)
step("after-rotation", kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"], EncryptionContext=CONTEXT)["Plaintext"].decode())
kms.disable_key(KeyId=arn)
try:
    kms.encrypt(KeyId=arn, Plaintext=b"x")
except kms.exceptions.DisabledException as error:
    step("disabled", error.response["Error"]["Message"] == f"{arn} is disabled.")
deletion = kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
step("deletion", [deletion["KeyState"], deletion["DeletionDate"] > key["CreationDate"]])
kms.cancel_key_deletion(KeyId=arn)

for number in range(5):
    kms.create_alias(AliasName=f"alias/page-{number}", TargetKeyId=signer)
pages = kms.get_paginator("list_aliases").paginate(KeyId=signer, PaginationConfig={"PageSize": 2})
step("pages", [[alias["AliasName"] for alias in page["Aliases"]] for page in pages])

step("unknown", refused(kms.describe_key, KeyId="alias/nobody"))
step("too-large", refused(kms.encrypt, KeyId=arn, Plaintext=b"x" * 4097)[0])


def connect(store):
    """A machine under load can miss the 250 ms that a proxy has."""
    for _ in range(5):
        kms.connect_custom_key_store(CustomKeyStoreId=store)
        state = "CONNECTING"
        while state == "CONNECTING":
            time.sleep(0.02)
            state = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"][0]["ConnectionState"]
        if state == "CONNECTED":
            return state
        kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    return state


def steady(call, **arguments):
    for _ in range(5):
        try:
            return call(**arguments)
        except ClientError as error:
            if "did not respond in time" not in str(error):
                raise
    return call(**arguments)


proxy = json.loads(sys.argv[1])
store = steady(
    kms.create_custom_key_store,
    CustomKeyStoreName="escrow",
    CustomKeyStoreType="EXTERNAL_KEY_STORE",
    XksProxyConnectivity="PUBLIC_ENDPOINT",
    XksProxyUriEndpoint=proxy["endpoint"],
    XksProxyUriPath=proxy["path"],
    XksProxyAuthenticationCredential=proxy["credential"],
)["CustomKeyStoreId"]
step("connected", connect(store))
external = steady(
    kms.create_key, Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId=proxy["key"]
)["KeyMetadata"]
step("external", [external["XksKeyConfiguration"]["Id"], external["CustomKeyStoreId"] == store])
sealed = steady(kms.encrypt, KeyId=external["KeyId"], Plaintext=b"twice", EncryptionContext=CONTEXT)["CiphertextBlob"]
step("twice", steady(kms.decrypt, CiphertextBlob=sealed, EncryptionContext=CONTEXT)["Plaintext"].decode())
kms.disconnect_custom_key_store(CustomKeyStoreId=store)
step("disconnected", refused(kms.decrypt, CiphertextBlob=sealed, EncryptionContext=CONTEXT)[0])
kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName="renamed")
step("kept", refused(kms.delete_custom_key_store, CustomKeyStoreId=store)[0])
china = boto3.client("kms", region_name="cn-north-1")
signer = china.create_key(KeySpec="SM2", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
claim = {"KeyId": signer, "Message": b"message", "SigningAlgorithm": "SM2DSA"}
valid = china.verify(**claim, Signature=china.sign(**claim)["Signature"])["SignatureValid"]
box = china.create_key(KeySpec="SM2", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
sealed = china.encrypt(KeyId=box, Plaintext=b"from China", EncryptionAlgorithm="SM2PKE")["CiphertextBlob"]
opened = china.decrypt(KeyId=box, CiphertextBlob=sealed, EncryptionAlgorithm="SM2PKE")["Plaintext"]
step("sm2", [china.describe_key(KeyId=signer)["KeyMetadata"]["SigningAlgorithms"][0], valid, opened.decode()])
step("sm2-elsewhere", refused(kms.create_key, KeySpec="SM2", KeyUsage="SIGN_VERIFY")[0])
