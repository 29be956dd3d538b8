import { KeyholdError } from '../../contract/errors.ts';
import { AuditEvent } from '../../contract/schemas.ts';
import { entriesOf, type PendingEvents } from '../audit/pending.ts';
import { readU32 } from '../crypto/bytes.ts';
import { packEvents } from '../crypto/packed-audit.ts';
import type { HeadState, KekRow, RecordPlain, SlotRow } from '../hsm/protocol.ts';
import { type JsonKind, type SealedKind, USERS_ID } from './kinds.ts';
import { decodePage, encodePage, type ManifestEntry, pageOf, TAG_BYTES } from './manifest.ts';
import { encodePayload } from './payload.ts';
import type { RecordSet } from './record-set.ts';

interface SealedPut {
  id: string;
  version: number;
  blob: Uint8Array;
}

/** One transaction's worth of changes. Everything in it happens or nothing does. */
export interface Change {
  /** JSON records, new (no id, or an id not yet there) or replacing the one with that id (same kind). */
  put?: readonly { id?: string; kind: JsonKind; data: unknown }[];
  /** HSM objects as the HSM sealed them; version 1 for a new one, else one more than before. */
  putObjects?: readonly SealedPut[];
  /** The HSM’s users as the HSM sealed them; null to remove them. */
  users?: { version: number; blob: Uint8Array } | null;
  remove?: readonly string[];
  /** The whole new set, where it changes. Never empty. */
  slots?: readonly SlotRow[];
  keks?: readonly KekRow[];
  /** Entered in the audit log, in order. */
  audit?: readonly AuditEvent[];
  /** When (ISO 8601) the events of the locked vault enter the log, where they have not yet; without it, when `audit` does. */
  pendingAt?: string;
  /** The events of the locked vault are among `audit` now. */
  clearPending?: boolean;
}

/** Whether a change does nothing but write down what has happened. */
export function isLogOnly({ put, putObjects, users, remove, slots, keks }: Change): boolean {
  return (
    users === undefined &&
    [put, putObjects, remove, slots, keks].every((part) => part === undefined || part.length === 0)
  );
}

/**
 * The change, and before it what was recorded while locked: the first entry after an unlock brings that along, because it opens only as long as the chain ends
 * where it did then.
 */
export function withPending(change: Change, pending: PendingEvents | null): Change {
  const time = change.pendingAt ?? change.audit?.[0]?.time;
  if (pending === null || time === undefined) return change;
  return { ...change, audit: [...entriesOf(pending, time), ...(change.audit ?? [])], clearPending: true };
}

export interface PlannedPut {
  id: string;
  kind: JsonKind;
  version: number;
  plaintext: Uint8Array;
}

/** What a change means for the present state: exactly what the HSM and the file need. */
export interface Plan {
  puts: PlannedPut[];
  /** What the HSM has sealed already. */
  objects: (SealedPut & { kind: SealedKind })[];
  removed: string[];
  /** Touched pages after the change; tags of `puts` are zero until the HSM has sealed them. */
  pages: { page: number; entries: Uint8Array; before: Uint8Array }[];
  /** The events as they enter the chain, packed, and how many they are. */
  audit: { packed: Uint8Array; count: number };
  /** The head before the change, but with the new generation, slots and keks. */
  head: HeadState;
}

export interface PlanState {
  records: RecordSet;
  head: HeadState;
}

const HEX_ID = /^[0-9a-f]{32}$/;

function invalid(message: string): KeyholdError {
  return new KeyholdError('InvalidInput', message);
}

/**
 * The text of an event as it enters the chain: its fields in the schema's order. The door makes the events of requests, thousands a second and of nothing but its own
 * types, so these are not held against the schema once more.
 */
export function encodeAuditEvent(event: AuditEvent): string {
  const plain = event.kind === 'request' && event.mfa === undefined;
  return JSON.stringify(plain ? inOrder(event) : AuditEvent.parse(event));
}

/** What is undefined is left out when it is written as JSON. */
function inOrder(event: AuditEvent) {
  const { id, time, kind, action, decision, reason, actor, target, client, clientKeyId, profile, account } = event;
  const { service, region, method, upstream, status, answered, latencyMs, bytesIn, bytesOut, requestId, mfa } = event;
  const { sessionKeyId, assumedRole, left, count } = event;
  return {
    id,
    time,
    kind,
    action,
    decision,
    reason,
    actor,
    target,
    client,
    clientKeyId,
    profile,
    account,
    service,
    region,
    method,
    upstream,
    status,
    answered,
    latencyMs,
    bytesIn,
    bytesOut,
    requestId,
    mfa,
    sessionKeyId,
    assumedRole,
    left,
    count,
  } satisfies Record<keyof AuditEvent, unknown>;
}

/**
 * Works out versions, manifest pages and the head of a change.
 *
 * @throws NotFound for removing what is not there, InvalidInput for anything that does not fit the present state.
 */
export function planChange(state: PlanState, change: Change, newId: () => string): Plan {
  const touched = new Set<string>();
  const keks = new Set((change.keks ?? state.head.keks).map(({ id }) => id));
  const claim = (id: string): string => {
    if (!HEX_ID.test(id)) throw invalid('A record id is 32 lower-case hex digits.');
    if (touched.has(id)) throw invalid('One change touches the same record twice.');
    touched.add(id);
    return id;
  };
  const puts = (change.put ?? []).map(({ id = newId(), kind, data }): PlannedPut => {
    const before = state.records.get(claim(id));
    if (before !== undefined && before.kind !== kind) throw invalid('A record cannot change its kind.');
    return { id, kind, version: (before?.version ?? 0) + 1, plaintext: encodePayload(data) };
  });
  const sealed = (kind: SealedKind, { id, version, blob }: SealedPut): Plan['objects'][number] => {
    const before = state.records.get(claim(id));
    if (before !== undefined && before.kind !== kind) throw invalid('A record cannot change its kind.');
    if (version !== (before?.version ?? 0) + 1) throw invalid('The object was changed in the meantime. Try again.');
    if (blob.length < TAG_BYTES) throw invalid('The object’s blob is too short.');
    // Sealed before the keys were changed, written after that: nothing could open it any more.
    if (!keks.has(readU32(blob, 1))) throw invalid('The vault’s keys were changed in the meantime. Try again.');
    return { id, kind, version, blob };
  };
  const objects = (change.putObjects ?? []).map((one) => sealed('object', one));
  if (change.users) objects.push(sealed('hsmUsers', { id: USERS_ID, ...change.users }));
  const removed = [...(change.remove ?? []), ...(change.users === null ? [USERS_ID] : [])].map((id) => {
    if (!state.records.has(claim(id))) throw new KeyholdError('NotFound', 'There is no such record.');
    return id;
  });
  if (change.slots?.length === 0) {
    throw new KeyholdError('LastSlot', 'The last way into the vault cannot be removed. Add another one first.');
  }

  const edits = new Map<number, Map<string, ManifestEntry | null>>();
  const edit = (id: string, entry: ManifestEntry | null) => {
    const page = pageOf(id);
    const edited = edits.get(page) ?? new Map<string, ManifestEntry | null>();
    edited.set(id, entry);
    edits.set(page, edited);
  };
  for (const { id, kind, version } of puts) edit(id, { id, kind, version, tag: new Uint8Array(TAG_BYTES) });
  for (const { id, kind, version, blob } of objects) {
    edit(id, { id, kind, version, tag: blob.slice(-TAG_BYTES) });
  }
  for (const id of removed) edit(id, null);
  const pages = [...edits].map(([page, edited]) => {
    const before = state.records.pages[page] ?? new Uint8Array();
    const entries = new Map(decodePage(page, before).map((entry) => [entry.id, entry]));
    for (const [id, entry] of edited) {
      if (entry === null) entries.delete(id);
      else entries.set(id, entry);
    }
    return { page, entries: encodePage([...entries.values()]), before };
  });

  return {
    puts,
    objects,
    removed,
    pages,
    audit: { packed: packEvents((change.audit ?? []).map(encodeAuditEvent)), count: change.audit?.length ?? 0 },
    head: {
      ...state.head,
      generation: state.head.generation + 1,
      slots: [...(change.slots ?? state.head.slots)],
      keks: [...(change.keks ?? state.head.keks)],
    },
  };
}

/** The records of a plan as `commit` takes them. */
export function recordsOf(plan: Plan): RecordPlain[] {
  return plan.puts.map(({ id, kind, version, plaintext }) => ({ id, kind, version, plaintext }));
}
