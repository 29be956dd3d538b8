import type { X509Identity } from '../sigv4/x509/prepare-x509-signing.ts';
import type { StsCredentials } from './aws-sts.ts';

/** What IAM Roles Anywhere is asked for (CreateSession), and who signs the question. */
export interface AnywhereQuestion {
  identity: X509Identity;
  /** With the certificate’s private key, over SHA-256. */
  sign(stringToSign: string): Promise<Uint8Array>;
  /** Of an account that has one; without it, AWS’s in the region of the trust anchor. */
  endpointUrl: string | undefined;
  trustAnchorArn: string;
  profileArn: string;
  roleArn: string;
  durationSeconds: number;
  /** Only a profile of Roles Anywhere that accepts one takes it. */
  roleSessionName?: string;
}

/** IAM Roles Anywhere. Throws `Unreachable`, `Timeout` or `ServiceRefused` with the AWS error's name; the answer’s bytes are the caller’s to wipe. */
export interface RolesAnywhere {
  createSession(question: AnywhereQuestion): Promise<StsCredentials>;
}
