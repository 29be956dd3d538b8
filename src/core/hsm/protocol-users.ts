import type { Sealed, SealedReply } from '../../contract/schemas.ts';
import type { Argon2Params, RecordSealed, SealedBlob, SlotRow } from './protocol.ts';
import type { WayIn } from './protocol-fido.ts';
import type { Gate } from './protocol-gates.ts';

/**
 * The users of the HSM and what they decide together, as CloudHSM has them. A vault without users has none of this: its owner does everything. Their record (kind
 * `hsmUsers`) is opened by the HSM process alone; each operation that changes it answers the new one, which counts once a `commit` has brought it into the set.
 *
 * `HsmLoginRequired`: no session, or one that has ended. `QuorumRequired`: not enough officers have approved, with `details.service` and `details.required`.
 */

export type HsmRole = 'crypto-officer' | 'crypto-user';
/** CloudHSM's: `key` is destroying and exporting key material, `user` is managing users and the quorum itself. */
export type QuorumService = 'key' | 'user';

/** What anybody who has unlocked the vault may see. */
export interface HsmUsersView {
  users: {
    name: string;
    role: HsmRole;
    createdAt: number;
    /** How an officer signs quorum tokens: with a key of their own, or with one kept here under the password. */
    signing: { key: 'own' | 'held'; fingerprint: string } | null;
    sessions: number;
  }[];
  quorum: Record<QuorumService, number>;
  /** What an officer's approval wants touched; null for nothing. */
  touch: Record<QuorumService, Gate | null>;
  keyUseNeedsLogin: boolean;
  tokens: QuorumTokenView[];
  /** Objects whose destruction has been approved and waits for its time. */
  released: number;
}

export interface QuorumTokenView {
  id: string;
  service: QuorumService;
  /** What it is for, as it is signed: one line of JSON. */
  act: string;
  createdBy: string;
  createdAt: number;
  expiresAt: number;
  required: number;
  approvals: { user: string; at: number }[];
  /** The bytes that officers sign (UTF-8 text). */
  message: Uint8Array;
}

/** What a token is asked for. Objects are named by the records they are in. */
export type WantedAct =
  | { do: 'destroy' | 'export'; target: string; objects: RecordSealed[] }
  | { do: 'add-user'; name: string; role: HsmRole; publicKey: Uint8Array | null }
  | { do: 'remove-user'; name: string }
  | { do: 'set-quorum'; service: QuorumService; required: number }
  | { do: 'set-key-use'; needsLogin: boolean }
  | { do: 'set-approval-touch'; service: QuorumService; touch: Gate | null }
  | { do: 'make-recovery-code' };

export type UsersChange =
  | {
      do: 'add-user';
      name: string;
      role: HsmRole;
      password: Sealed;
      kdf: Argon2Params;
      publicKey: Uint8Array | null;
      createdAt: number;
    }
  | { do: 'remove-user'; name: string }
  | { do: 'set-quorum'; service: QuorumService; required: number }
  | { do: 'set-key-use'; needsLogin: boolean }
  | { do: 'set-approval-touch'; service: QuorumService; touch: Gate | null };

/** The changed record, to be committed as it is; null for none (a reset). */
export interface StagedUsers {
  staged: { version: number; blob: SealedBlob } | null;
}

export interface Approval {
  id: string;
  user: string;
  proof: { signature: Uint8Array } | { password: Sealed };
}

/** With the tokens that it uses up; their acts as they were signed. */
export interface GuardedUsers extends StagedUsers {
  used: { id: string; act: string }[];
}

export interface UsersHsmOperations {
  /**
   * Shows the HSM process its users after an unlock: the manifest page they are listed on and their record, as they are stored. Until then nothing can be committed.
   * `VaultTampered` when they are not those of the head that was unlocked.
   */
  openUsers: [
    { entries: Uint8Array; record: { version: number; sealed: SealedBlob } | null },
    { view: HsmUsersView | null },
  ];
  /** Null where there are no users. `who` is the session's user, when one is given. */
  viewUsers: [{ session?: Sealed }, { view: HsmUsersView | null; who: { name: string; role: HsmRole } | null }];
  /** The first crypto officer, while there are no users; the owner proves themselves once more. `WrongSecret`. */
  initUsers: [
    {
      secret: WayIn;
      slots: SlotRow[];
      name: string;
      password: Sealed;
      kdf: Argon2Params;
      publicKey: Uint8Array | null;
      createdAt: number;
    },
    StagedUsers,
  ];
  /** Whatever becomes of their users and policy, who has the recovery code starts over. */
  resetUsers: [{ recoveryCode: Sealed; slots: SlotRow[] }, StagedUsers];
  /** The session's secret is sealed to the caller. It ends with the process, with `hsmLogout` or after 15 minutes without a use. */
  hsmLogin: [
    { name: string; password: Sealed; replyKey: Uint8Array },
    { session: SealedReply; role: HsmRole; idleSeconds: number },
  ];
  /** Ends all sessions of this session's user. `user` is null when there was no such session. */
  hsmLogout: [{ session: Sealed }, { user: string | null }];
  /**
   * Officers; with a quorum for it, only once a token for exactly this has been approved, which it uses up. What spares the officers a touch, or lets them touch another key, wants a
   * touch itself that passes the rule as it was.
   */
  changeUsers: [{ session: Sealed; change: UsersChange }, StagedUsers & { by: string }];
  /** A user's own password. A key that was kept under it is kept under the new one; sessions of the former end. */
  changeUserPassword: [{ name: string; current: Sealed; next: Sealed; kdf: Argon2Params }, StagedUsers];
  createQuorumToken: [
    { session: Sealed; id: string; act: WantedAct; expiresAt: number },
    StagedUsers & { token: QuorumTokenView },
  ];
  /** Asks for the touch of a call that is to follow with this very input, uses nothing up and changes nothing. `TouchRequired` as long as that call would be refused for want of it. */
  touchForUsers: [
    (
      | { for: 'approveQuorumToken'; input: Approval }
      | { for: 'changeUsers'; input: { session: Sealed; change: UsersChange } }
    ),
    Record<string, never>,
  ];
  /**
   * An officer's approval: a signature over the token's message, or the password that their key is kept under. Where the rule wants a touch, with one; `touch` is the key that was
   * touched.
   */
  approveQuorumToken: [Approval, StagedUsers & { token: QuorumTokenView; touch: string | null }];
  /** By an officer, or who asked for it. */
  cancelQuorumToken: [{ session: Sealed; id: string }, StagedUsers & { by: string }];
  /**
   * What is to be destroyed in the next commit (`now`), later (`later`: from then on it needs no further approval) or not at all any more (`kept`, ids). What one among `added` has the same bytes of,
   * for at least as long, is not destroyed. Answers null
   * where nothing of it is guarded. `QuorumRequired`.
   */
  guardDestruction: [
    { now: RecordSealed[]; added?: RecordSealed[]; later: RecordSealed[]; kept: string[] },
    GuardedUsers | null,
  ];
  /** What is to leave the HSM, wrapped: allowed for five minutes once committed. Null where that is not guarded. `QuorumRequired`. */
  guardExport: [{ objects: RecordSealed[] }, GuardedUsers | null];
  /** Asked before a key is used whose material is not in this HSM, but in a token or with an external key manager. `HsmLoginRequired`. */
  admitKeyUse: [Record<string, never>, null];
}
