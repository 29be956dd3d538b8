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

/** Where a call without a signature goes. */
export interface UnsignedPlace {
  region: string;
  /** The account's own. */
  endpointUrl: string | undefined;
}

interface FederatedInput {
  /** Of it, AWS takes the ARN and session policies here; the rest is in the proof. */
  role: Role;
  seconds: number;
}

/** What is asked of STS. Each call throws `Unreachable`, `Timeout` or `ServiceRefused` with the AWS error's name. */
export interface AwsSts {
  assumeRole(place: RemotePlace, input: SessionInput & { role: Role; sessionName: string }): Promise<StsCredentials>;
  /** `assertion` is the form field `SAMLResponse` as the provider's page posts it. */
  assumeRoleWithSaml(
    place: UnsignedPlace,
    input: FederatedInput & { principalArn: string; assertion: Uint8Array },
  ): Promise<StsCredentials>;
  assumeRoleWithWebIdentity(
    place: UnsignedPlace,
    input: FederatedInput & { sessionName: string; token: Uint8Array },
  ): Promise<StsCredentials>;
  getSessionToken(place: RemotePlace, input: SessionInput): Promise<StsCredentials>;
  callerIdentity(place: RemotePlace): Promise<{ accountId: string; arn: string; userId: string }>;
}
