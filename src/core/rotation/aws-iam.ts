import type { ObjectRef } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import type { Thing } from '../things.ts';
import type { CredentialCalls } from './adapters/credential-calls.ts';

/** Credentials of an IAM user that sign one call: an access key, or a session of its user. */
export interface IamSigner {
  session: Session;
  account: Thing<'account'>;
  region: string;
  accessKeyId: string;
  secret: ObjectRef;
  token?: ObjectRef;
}

export interface IamAccessKey {
  accessKeyId: string;
  active: boolean;
  /** ms since epoch, by AWS's clock */
  createdAt: number;
}

/** `at` is missing for a key that was never used. */
export interface LastUsed {
  at?: number;
  service?: string;
}

export interface SimulatedAction {
  action: string;
  allowed: boolean;
  /** The simulation lacks something that the policy asks for, so its word does not count. */
  uncertain: boolean;
}

/**
 * Access keys (and, of `CredentialCalls`, other credentials) of a remote account's IAM users. Each call throws `Unreachable`, `Timeout` or `ServiceRefused` with AWS's name of the error (`details.name`) and the status
 * (`details.status`); after `Unreachable`, `Timeout` and a status of 500 and up it may have been done all the same.
 */
export interface AwsIam extends CredentialCalls {
  whoAmI(signer: IamSigner): Promise<{ arn: string; accountId: string }>;
  listAccessKeys(signer: IamSigner, userName: string): Promise<IamAccessKey[]>;
  lastUsed(signer: IamSigner, accessKeyId: string): Promise<LastUsed>;
  /** `mfa`: whether the calls will be made with MFA. */
  simulate(
    signer: IamSigner,
    asked: { userArn: string; actions: readonly string[]; mfa: boolean },
  ): Promise<SimulatedAction[]>;
  /** The secret is the caller's to wipe. */
  createAccessKey(
    signer: IamSigner,
    userName: string,
  ): Promise<{ accessKeyId: string; secret: Uint8Array; createdAt: number }>;
  setActive(signer: IamSigner, key: { userName: string; accessKeyId: string; active: boolean }): Promise<void>;
  deleteAccessKey(signer: IamSigner, key: { userName: string; accessKeyId: string }): Promise<void>;
  /** A session of the user with MFA. Secret and token are the caller's to wipe. */
  sessionWithMfa(
    signer: IamSigner,
    mfa: { serialNumber: string; code: string; durationSeconds: number },
  ): Promise<{ accessKeyId: string; secret: Uint8Array; token: Uint8Array; expiresAt: number }>;
}
