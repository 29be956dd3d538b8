import type { HeadState, HsmOperations, KekRow, SlotRow } from './protocol.ts';
import type { WayIn } from './protocol-fido.ts';

type Committed = HsmOperations['commit'][1];

/** New keys for a vault (docs/adr/0036): first the root key, in one transaction, then record by record what is under the key-encryption keys before it. */
export interface RekeyHsmOperations {
  /**
   * Tries a secret like `checkSecret`, and keeps what opens with it, for `stageRoot`, for ten minutes under the ticket that is answered. `slots` are indexes; none: it
   * opens nothing. Constant effort, counted like an unlock.
   */
  proveSlots: [{ secret: WayIn; slots: SlotRow[] }, { slots: number[]; ticket: string | null }];
  /**
   * Makes a new root key and new KEKs, and everything that a head under them needs. The HSM goes on with the present ones until `adoptRoot`. `head`, `headMac` and
   * `pages` (all there are) are as they are on disk and are verified; the head that is answered is one generation further. Slots without a proof are left out.
   *
   * @throws InvalidInput (a ticket is over, a slot is neither proved nor dropped), VaultTampered.
   */
  stageRoot: [
    {
      /** Tickets of `proveSlots`. */
      proofs: string[];
      head: HeadState;
      headMac: Uint8Array;
      pages: { page: number; entries: Uint8Array }[];
      /** For each entry of the pages, in order, the first 16 bytes of the SHA-256 of its record as it is sealed: until it is sealed anew, it is held to that. */
      marks: Uint8Array;
      /** lp(event) … (crypto/packed-audit.ts). */
      audit: Uint8Array;
      createdAt: number;
      /** Ids of the slots that will open nothing any more; any other set than those without a proof is refused. */
      dropped: string[];
    },
    Pick<Committed, 'pages' | 'audit' | 'headMac' | 'lockedKey'> & {
      slots: SlotRow[];
      keks: KekRow[];
      /** Of the log of the locked vault (`meta`, `log_key`). */
      logKey: Uint8Array;
    },
  ];
  /** The transaction that `stageRoot` made has been written, or it never will be. */
  adoptRoot: [{ written: boolean }, Record<string, never>];
  /**
   * Opens records and objects and seals the same under the current KEKs, version and content unchanged. `records` holds them one after the other, each as id (16) ||
   * u32(length) || sealed, and is answered with what is sealed anew in the same places: thousands of small arrays take longer to hand over than to encrypt. `pages` are
   * those that list them, complete and as they are; `head` as `commit` takes it. What is answered is one transaction.
   *
   * @throws VaultTampered for a page, an entry or a record that is not what the head was made over.
   */
  resealRecords: [
    { records: Uint8Array; pages: { page: number; entries: Uint8Array }[]; head: HeadState },
    Pick<Committed, 'pages' | 'headMac' | 'lockedKey'> & { records: Uint8Array },
  ];
  /**
   * The rows that a head without the KEKs before the current ones has: the next `commit` may bring them. `head`, `headMac` and `pages` (all there are) are as they are on disk.
   *
   * @throws InvalidInput (a page lists a record that was not sealed anew), VaultTampered.
   */
  retireKeks: [
    { keks: KekRow[]; head: HeadState; headMac: Uint8Array; pages: { page: number; entries: Uint8Array }[] },
    { keks: KekRow[] },
  ];
}
