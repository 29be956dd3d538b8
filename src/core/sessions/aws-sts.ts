import type { Role } from '../../contract/roles.ts';
import type { RemotePlace } from '../core.ts';

/** What STS answers. The bytes are the caller's to wipe. */
export interface StsCredentials {
  accessKeyId: string;
  secret: Uint8Array;
  /** Missing for what a program gave without one. */
  token?: Uint8Array;
  /** ms since epoch, by AWS's clock. */
  expiresAt: number;
  /** Of an assumed role. */
  arn?: string;
}

export interface MfaProof {
  serialNumber: string;
  code: string;
}

interface SessionInput {
  seconds: number;
  mfa?: MfaProof;
}

/** What is asked of STS. Each call throws `Unreachable`, `Timeout` or `ServiceRefused` with the AWS error's name. */
export interface AwsSts {
  assumeRole(place: RemotePlace, input: SessionInput & { role: Role; sessionName: string }): Promise<StsCredentials>;
  getSessionToken(place: RemotePlace, input: SessionInput): Promise<StsCredentials>;
  callerIdentity(place: RemotePlace): Promise<{ accountId: string; arn: string; userId: string }>;
}
