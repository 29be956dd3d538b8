import type { Draft } from '../../draft.ts';
import type { ObjectAttributes } from '../../hsm/protocol.ts';
import type { AwsIam, IamAccessKey, IamSigner, LastUsed } from '../aws-iam.ts';
import type { RotationRecord } from '../record.ts';
import type { Run } from '../run.ts';

/** One call of IAM about a user's things of one kind. */
export interface At {
  iam: AwsIam;
  signer: IamSigner;
  userName: string;
  record: Pick<RotationRecord, 'credential' | 'prepared'>;
}

/** What IAM has just made. */
export interface Made {
  id: string;
  /** What AWS shows once; wiped once it is stored, or could not be. Missing where it was in the vault before. */
  secret?: Uint8Array;
  /** What goes with it in the open: the user name that a tool gives, or the public key. */
  shown?: string;
  createdAt: number;
  expiresAt?: number;
}

/** What the vault's record is to have from then on. */
export type Held = Pick<NonNullable<RotationRecord['fresh']>, 'accessKeyId' | 'secret' | 'shown' | 'expiresAt'> & {
  issuedAt: number | undefined;
};

/**
 * A kind of thing that an IAM user has a few of and that is rotated: made, kept in the HSM, verified, put in the place of the one before, which is switched off and at last deleted. The saga is
 * the same for all of them (saga.ts); this is what differs. Ids are IAM's, of whatever the kind is.
 */
export interface Adapter {
  /** As in “a new key”. */
  readonly noun: string;
  /** How many IAM lets a user have, of one service where there are several. */
  readonly most: number;
  /** What the user has to be allowed. */
  readonly needed: readonly string[];
  /** When AWS saw it last; null where AWS tells nobody. */
  readonly lastUsed: ((at: At, id: string) => Promise<LastUsed>) | null;
  list(at: At): Promise<IamAccessKey[]>;
  /** Not to be made twice. */
  create(at: At): Promise<Made>;
  setActive(at: At, id: string, active: boolean): Promise<void>;
  remove(at: At, id: string): Promise<void>;
  /** How its secret is kept; null where it is in the vault before IAM is asked. */
  readonly kept:
    | ({ purpose: 'secret-access-key' | 'service-password' } & Pick<ObjectAttributes, 'class' | 'spec' | 'usage'>)
    | null;
  /** What has to be in the vault before IAM is asked, in the transaction that says that it will be. */
  prepare?(run: Run, draft: Draft): Promise<Pick<RotationRecord, 'prepared'>>;
  /** What an earlier try made whose answer was lost, where that can be told for sure; null where there is none. */
  found?(run: Run): Promise<Made | null>;
  /** Whether AWS is seen to take the new one, given time to hear of it. */
  verify(run: Run): Promise<boolean>;
  /** What was seen, as a sentence about it. */
  readonly verified: string;
  /** The same for the old one, after it was made active again. */
  worksAgain(run: Run): Promise<boolean>;
  /** Puts it into the vault's record, which has to be the one with `from`; answers its name. Throws `Halt`. */
  swap(run: Run, draft: Draft, record: RotationRecord, change: { from: string; to: Held }): string;
  /** The vault's record has this one. Throws `Halt`. */
  requireCurrent(run: Run, record: RotationRecord, id: string): void;
}
