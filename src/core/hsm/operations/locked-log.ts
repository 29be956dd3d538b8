import { equal } from '../../crypto/equal.ts';
import { HPKE_PUBLIC_KEY_BYTES } from '../../crypto/hpke.ts';
import { LOCKED_KEY_BYTES, lockedContext, lockedEndMac, nextLockedKey, openLocked } from '../../crypto/locked-log.ts';
import { wipe } from '../../crypto/wipe.ts';
import { AUDIT_HASH_BYTES } from '../audit-chain.ts';
import { bytesOf, type Fields, fieldsOf, integerOf, invalid, listOf, MOST_COUNTED } from '../input.ts';
import { firstLockedKey, lockedLogRecipient } from '../locked-log.ts';
import type { HsmOutput, LockedRow } from '../protocol.ts';
import { type TokenState, type VaultKeys, workingKeys } from '../state.ts';
import { storedMacOf } from '../vault-input.ts';

/** More numbers than a locked vault ever gives out: each costs an HMAC. */
const MOST_SEQ = 100_000;
/** Each costs an X25519. */
const MOST_OPENINGS = 1000;
const LONGEST_ROW = 2 * 1024 * 1024;

const LAYOUT_HANDED = 1;
const LAYOUT_OPENING = 2;
const LAYOUT_OWN = 3;

function endOfChainOf(fields: Fields): { auditSeq: number; auditHash: Uint8Array } {
  return {
    auditSeq: integerOf(fields['auditSeq'], 'auditSeq', 0, MOST_COUNTED),
    auditHash: bytesOf(fields['auditHash'], 'auditHash', AUDIT_HASH_BYTES, AUDIT_HASH_BYTES),
  };
}

export async function lockedLog(state: TokenState, input: unknown): Promise<HsmOutput<'lockedLog'>> {
  const { auditSeq, auditHash } = endOfChainOf(fieldsOf(input, 'input', ['auditSeq', 'auditHash']));
  const keys = workingKeys(state);
  const { publicKey } = await lockedLogRecipient(keys);
  return { publicKey, key: firstLockedKey(keys, auditSeq, auditHash) };
}

function rowsOf(value: unknown): { seq: number; sealed: Uint8Array }[] {
  let previous = 0;
  return listOf(value, 'rows', MOST_SEQ, (item, name) => {
    const fields = fieldsOf(item, name, ['seq', 'sealed']);
    const seq = integerOf(fields['seq'], 'rows.seq', 1, MOST_SEQ);
    if (seq <= previous) throw invalid('rows.seq', 'in order');
    previous = seq;
    return { seq, sealed: bytesOf(fields['sealed'], 'rows.sealed', 0, LONGEST_ROW) };
  });
}

function endOf(value: unknown): { seq: number; lastHash: Uint8Array; mac: Uint8Array } | null {
  if (value === null) return null;
  const fields = fieldsOf(value, 'end', ['seq', 'lastHash', 'mac']);
  return {
    seq: integerOf(fields['seq'], 'end.seq', 0, MOST_SEQ),
    lastHash: bytesOf(fields['lastHash'], 'end.lastHash', 32, 32),
    mac: storedMacOf(fields['mac'], 'end.mac'),
  };
}

/** One line of keys, walked forward. */
class Keys {
  #key: Uint8Array;
  #seq: number;

  /** `key` belongs to row `seq`. */
  constructor(key: Uint8Array, seq: number) {
    this.#key = key;
    this.#seq = seq;
  }

  /** The key of a row that is not before the last one asked for. */
  at(seq: number): Uint8Array {
    for (; this.#seq < seq; this.#seq++) {
      const next = nextLockedKey(this.#key);
      wipe(this.#key);
      this.#key = next;
    }
    return this.#key;
  }
}

export async function openLockedLog(state: TokenState, input: unknown): Promise<HsmOutput<'openLockedLog'>> {
  const fields = fieldsOf(input, 'input', ['auditSeq', 'auditHash', 'rows', 'end']);
  const { auditSeq, auditHash } = endOfChainOf(fields);
  const rows = rowsOf(fields['rows']);
  const end = endOf(fields['end']);
  const keys = workingKeys(state);
  const handed = new Keys(firstLockedKey(keys, auditSeq, auditHash), 1);
  let own: { opening: number; keys: Keys } | null = null;
  let openings = 0;
  const out: LockedRow[] = [];
  for (const { seq, sealed } of rows) {
    const layout = sealed[0];
    if (layout === LAYOUT_OPENING) {
      const key = openings++ < MOST_OPENINGS ? await openKey(keys, seq, sealed) : null;
      own = key === null ? null : { opening: seq, keys: new Keys(key, seq + 1) };
      out.push(key === null ? { seq, what: 'broken' } : { seq, what: 'opening' });
      continue;
    }
    const line: Keys | undefined = layout === LAYOUT_HANDED ? handed : layout === LAYOUT_OWN ? own?.keys : undefined;
    const event = line === undefined ? null : openLocked(line.at(seq), keys.vaultId, seq, sealed.subarray(1));
    if (event === null) out.push({ seq, what: 'broken' });
    else out.push({ seq, what: 'event', event, opening: layout === LAYOUT_OWN ? (own?.opening ?? null) : null });
  }
  return { rows: out, endOk: end !== null && endIsRight(keys, auditSeq, auditHash, end) };
}

function endIsRight(
  keys: VaultKeys,
  auditSeq: number,
  auditHash: Uint8Array,
  end: { seq: number; lastHash: Uint8Array; mac: Uint8Array },
): boolean {
  const line = new Keys(firstLockedKey(keys, auditSeq, auditHash), 1);
  return equal(lockedEndMac(line.at(end.seq + 1), keys.vaultId, end.seq, end.lastHash), end.mac);
}

async function openKey(keys: VaultKeys, seq: number, sealed: Uint8Array): Promise<Uint8Array | null> {
  const enc = sealed.subarray(1, 1 + HPKE_PUBLIC_KEY_BYTES);
  const ciphertext = sealed.subarray(1 + HPKE_PUBLIC_KEY_BYTES);
  const recipient = await lockedLogRecipient(keys);
  const key = await recipient.open({ enc, ciphertext }, lockedContext(keys.vaultId, seq));
  return key?.length === LOCKED_KEY_BYTES ? key : null;
}
