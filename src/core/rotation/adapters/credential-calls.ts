import type { CredentialService } from '../../../contract/credentials.ts';
import type { IamAccessKey, IamSigner } from '../aws-iam.ts';

/** An IAM user, and one of the services that IAM makes passwords for. */
export interface OfService {
  userName: string;
  service: CredentialService;
}

/** One of the user's, by the id that IAM has given it. */
export interface ById {
  userName: string;
  id: string;
}

export interface NewCredential {
  id: string;
  /** The caller's to wipe. */
  secret: Uint8Array;
  /** What a tool gives as its user. */
  userName: string;
  /** ms since epoch, by AWS's clock */
  createdAt: number;
  expiresAt?: number;
}

/** What IAM users have besides access keys. Each call fails as those of `AwsIam` do; in lists, `accessKeyId` is the id of whatever is listed. */
export interface CredentialCalls {
  listCredentials(signer: IamSigner, of: OfService): Promise<IamAccessKey[]>;
  /** Of every service, also of those that the vault keeps none for. */
  listAllCredentials(signer: IamSigner, userName: string): Promise<(IamAccessKey & { service: string })[]>;
  createCredential(signer: IamSigner, of: OfService): Promise<NewCredential>;
  /** Another password under the same id; the one before ends at once. */
  resetCredential(signer: IamSigner, which: ById): Promise<NewCredential>;
  setCredentialActive(signer: IamSigner, which: ById & { active: boolean }): Promise<void>;
  deleteCredential(signer: IamSigner, which: ById): Promise<void>;
  listSshKeys(signer: IamSigner, userName: string): Promise<IamAccessKey[]>;
  /** `ssh-rsa AAAA…`, perhaps with a comment. */
  sshKeyBody(signer: IamSigner, which: ById): Promise<string>;
  uploadSshKey(
    signer: IamSigner,
    key: { userName: string; publicKey: string },
  ): Promise<{ id: string; createdAt: number }>;
  setSshKeyActive(signer: IamSigner, which: ById & { active: boolean }): Promise<void>;
  deleteSshKey(signer: IamSigner, which: ById): Promise<void>;
}
