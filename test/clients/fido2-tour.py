"""What Yubico's python-fido2 makes of an authenticator: all of CTAP that Keyhold uses, both PIN/UV protocols. Prints one JSON line per step.

The first security key is taken; it has no PIN and no credentials, and is touched whenever it waits, but never between the two winks.
"""
import hashlib
import json
import sys
import threading

from fido2.attestation import PackedAttestation
from fido2.client import Fido2Client
from fido2.ctap import CtapError
from fido2.ctap1 import ApduError, Ctap1
from fido2.ctap2 import ClientPin, CredentialManagement, Ctap2
from fido2.ctap2.extensions import HmacSecretExtension
from fido2.ctap2.pin import PinProtocolV1, PinProtocolV2
from fido2.hid import CtapHidDevice

RP = {"id": "keyhold.test", "name": "Keyhold"}
ES256 = [{"type": "public-key", "alg": -7}]
HASH = hashlib.sha256(b"client data").digest()
PERMISSION = ClientPin.PERMISSION
SALTS = {"salt1": b"\x01" * 32, "salt2": b"\x02" * 32}


def step(name, value):
    print(json.dumps({"step": name, "value": value}), flush=True)


def refused(call, *arguments, **named):
    try:
        call(*arguments, **named)
    except CtapError as error:
        return error.code.name
    raise AssertionError("the call was not refused")


def descriptor(credential_id):
    return [{"type": "public-key", "id": credential_id}]


device = next(CtapHidDevice.list_devices())
ctap = Ctap2(device)
step("info", [ctap.info.versions, ctap.info.extensions, ctap.info.pin_uv_protocols, ctap.info.max_msg_size])
step("ping", device.ping(bytes(range(256)) * 20) == bytes(range(256)) * 20)
device.lock(1)
device.lock(0)

ClientPin(ctap).set_pin("first-1")
ClientPin(ctap, PinProtocolV1()).change_pin("first-1", "12345")
step("second-pin", refused(ClientPin(ctap).set_pin, "99999"))
PIN = "12345"


def authorize(protocol, message, permission, rp_id=RP["id"]):
    """pinUvAuthParam and the protocol's number, with a token that is good for one operation."""
    token = ClientPin(ctap, protocol).get_pin_token(PIN, permission, rp_id)
    return protocol.authenticate(token, message), protocol.VERSION


def hmac_secret(protocol, credential_id, salts, verified):
    extension = HmacSecretExtension(ctap, protocol)
    asked = {"hmac-secret": extension.process_get_input({"hmacGetSecret": salts})}
    param = authorize(protocol, HASH, PERMISSION.GET_ASSERTION) if verified else (None, None)
    assertion = ctap.get_assertion(RP["id"], HASH, descriptor(credential_id), asked, None, *param)
    return assertion, extension.process_get_output(assertion.auth_data)["hmacGetSecret"]


made = {}
for number, protocol in ((1, PinProtocolV1()), (2, PinProtocolV2())):
    user = {"id": bytes([number]) * 16, "name": "user%d" % number}
    credential = ctap.make_credential(
        HASH, RP, user, ES256, None, {"hmac-secret": True, "credProtect": 2}, {"rk": True},
        *authorize(protocol, HASH, PERMISSION.MAKE_CREDENTIAL)
    )
    PackedAttestation().verify(credential.att_statement, credential.auth_data, HASH)
    data = credential.auth_data
    made[number] = data.credential_data
    step("made-%d" % number, [credential.fmt, data.is_user_verified(), data.is_user_present(), data.extensions])

    both, verified = hmac_secret(protocol, made[number].credential_id, SALTS, True)
    both.verify(HASH, made[number].public_key)
    _, unverified = hmac_secret(protocol, made[number].credential_id, SALTS, False)
    _, single = hmac_secret(protocol, made[number].credential_id, {"salt1": SALTS["salt1"]}, True)
    step("hmac-secret-%d" % number, [
        both.auth_data.is_user_verified(),
        len(verified["output1"]), len(verified["output2"]),
        verified["output1"] != unverified["output1"],
        single == {"output1": verified["output1"]},
    ])

one = made[1].credential_id
_, by_first = hmac_secret(PinProtocolV1(), one, SALTS, True)
_, by_second = hmac_secret(PinProtocolV2(), one, SALTS, True)
step("hmac-secret-same", by_first == by_second)

excluded = authorize(PinProtocolV2(), HASH, PERMISSION.MAKE_CREDENTIAL)
step("excluded", refused(
    ctap.make_credential, HASH, RP, {"id": b"x", "name": "x"}, ES256, descriptor(one), None, None, *excluded
))
step("no-pin", refused(ctap.make_credential, HASH, RP, {"id": b"x", "name": "x"}, ES256, None, None, {"rk": True}))
wrong_rp = authorize(PinProtocolV2(), HASH, PERMISSION.MAKE_CREDENTIAL, "other.test")
step("other-rp", refused(
    ctap.make_credential, HASH, RP, {"id": b"x", "name": "x"}, ES256, None, None, None, *wrong_rp
))
wrong_use = authorize(PinProtocolV2(), HASH, PERMISSION.MAKE_CREDENTIAL)
step("other-permission", refused(ctap.get_assertion, RP["id"], HASH, None, None, None, *wrong_use))
step("unverified", refused(ctap.get_assertion, RP["id"], HASH))
silent = ctap.get_assertion(RP["id"], HASH, descriptor(one), None, {"up": False})
step("silent", [silent.auth_data.is_user_present(), silent.auth_data.is_user_verified()])

assertions = ctap.get_assertions(RP["id"], HASH, None, None, None, *authorize(PinProtocolV2(), HASH, PERMISSION.GET_ASSERTION))
for assertion, number in zip(assertions, (2, 1)):
    assertion.verify(HASH, made[number].public_key)
step("all", [assertion.user["name"] for assertion in assertions])
step("no-more", refused(ctap.get_next_assertion))

for protocol in (PinProtocolV1(), PinProtocolV2()):
    token = ClientPin(ctap, protocol).get_pin_token(PIN, PERMISSION.CREDENTIAL_MGMT)
    management = CredentialManagement(ctap, protocol, token)
    RESULT = CredentialManagement.RESULT
    metadata = management.get_metadata()
    rps = management.enumerate_rps()
    credentials = management.enumerate_creds(rps[0][RESULT.RP_ID_HASH])
    step("managed-%d" % protocol.VERSION, [
        metadata[RESULT.EXISTING_CRED_COUNT],
        [rp[RESULT.RP]["id"] for rp in rps],
        [credential[RESULT.USER]["name"] for credential in credentials],
        [credential[RESULT.CRED_PROTECT] for credential in credentials],
        all(credential[RESULT.PUBLIC_KEY][-2] for credential in credentials),
    ])
    last = credentials[-1]
    management.update_user_info(last[RESULT.CREDENTIAL_ID], {"id": last[RESULT.USER]["id"], "name": "renamed"})
    renamed = management.enumerate_creds(rps[0][RESULT.RP_ID_HASH])[-1]
    management.delete_cred(last[RESULT.CREDENTIAL_ID])
    step("deleted-%d" % protocol.VERSION, [renamed[RESULT.USER]["name"], management.get_metadata()[RESULT.EXISTING_CRED_COUNT]])

cancel = threading.Event()
heard = []


def on_keepalive(status):
    heard.append(int(status))
    cancel.set()


device.wink()
step("cancelled", [refused(ctap.selection, event=cancel, on_keepalive=on_keepalive), heard[-1]])
device.wink()

old = Ctap1(device)
application = hashlib.sha256(b"https://keyhold.test").digest()
registration = old.register(HASH, application)
registration.verify(application, HASH)
signature = old.authenticate(HASH, application, registration.key_handle)
signature.verify(application, HASH, registration.public_key)
try:
    old.authenticate(HASH, application, registration.key_handle, check_only=True)
except ApduError as error:
    known = error.code
try:
    old.authenticate(HASH, HASH, registration.key_handle, check_only=True)
except ApduError as error:
    foreign = error.code
step("u2f", [old.get_version(), signature.user_presence, hex(known), hex(foreign)])

client = Fido2Client(device, "https://keyhold.test")
answer = client.make_credential(
    {"rp": RP, "user": {"id": b"c", "name": "client"}, "challenge": b"c" * 32, "pubKeyCredParams": ES256}, pin=PIN
)
step("client", [answer.attestation_object.fmt, answer.attestation_object.auth_data.is_user_verified()])

pin = ClientPin(ctap)
step("retries", [
    pin.get_pin_retries()[0],
    [refused(pin.get_pin_token, "wrong", PERMISSION.GET_ASSERTION, RP["id"]) for _ in range(3)],
    refused(pin.get_pin_token, PIN, PERMISSION.GET_ASSERTION, RP["id"]),
    list(pin.get_pin_retries()),
])
sys.exit(0)
