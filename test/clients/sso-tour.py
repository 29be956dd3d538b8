"""What boto3's own clients of IAM Identity Center make of an endpoint: one JSON line a step. The start URL is the argument; a line on standard input says that the code was confirmed."""

import json
import os
import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config

url, start_url = sys.argv[1:3]
config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})


def client(name):
    return boto3.client(name, region_name="eu-central-1", endpoint_url=url, config=config)


def say(step, value):
    print(json.dumps({"step": step, "value": value}), flush=True)


def refused(step, call, **arguments):
    try:
        call(**arguments)
        say(step, "let in")
    except client_error as error:
        say(step, [type(error).__name__, error.response["Error"]["Code"], error.response.get("error")])


from botocore.exceptions import ClientError as client_error

oidc = client("sso-oidc")
sso = client("sso")

registered = oidc.register_client(clientName="tour", clientType="public", scopes=["sso:account:access"])
who = {"clientId": registered["clientId"], "clientSecret": registered["clientSecret"]}
say("registered", registered["clientSecretExpiresAt"] > registered["clientIdIssuedAt"])
refused("not-a-client", oidc.create_token, clientId="x", clientSecret="y", grantType="refresh_token", refreshToken="z")

device = oidc.start_device_authorization(startUrl=start_url, **who)
grant = {"grantType": "urn:ietf:params:oauth:grant-type:device_code", "deviceCode": device["deviceCode"], **who}
say("code", device["userCode"])
say("complete", device["verificationUriComplete"].endswith(device["userCode"]))
sys.stdin.readline()
refused("pending", oidc.create_token, **grant)
refused("too-soon", oidc.create_token, **grant)
sys.stdin.readline()
token = oidc.create_token(**grant)
say("token", [token["tokenType"], token["expiresIn"]])
refused("used-code", oidc.create_token, **grant)

access = {"accessToken": token["accessToken"]}
pages = list(sso.get_paginator("list_accounts").paginate(**access))
accounts = [account for page in pages for account in page["accountList"]]
say("accounts", [[one["accountId"], one["accountName"], one["emailAddress"]] for one in accounts])
say("pages", len(pages))
roles = sso.list_account_roles(accountId=accounts[0]["accountId"], **access)["roleList"]
say("roles", [role["roleName"] for role in roles])
given = sso.get_role_credentials(accountId=accounts[0]["accountId"], roleName=roles[0]["roleName"], **access)
say("credentials", sorted(given["roleCredentials"]))
refused("no-role", sso.get_role_credentials, accountId=accounts[0]["accountId"], roleName="Nobody", **access)

again = oidc.create_token(grantType="refresh_token", refreshToken=token["refreshToken"], **who)
say("renewed", again["accessToken"] != token["accessToken"])
refused("used-refresh", oidc.create_token, grantType="refresh_token", refreshToken=token["refreshToken"], **who)
sso.logout(accessToken=again["accessToken"])
refused("after-logout", sso.list_accounts, accessToken=again["accessToken"])
