import { KeyholdError } from '../../contract/errors.ts';
import type { Draft } from '../draft.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Things } from '../things.ts';
import { keyArn } from './arn.ts';
import { isGone } from './key-state.ts';
import { type MadeMaterial, makeMaterial, requireGateOf } from './make-material.ts';
import type { FoundKey } from './records.ts';
import { KMS_KINDS, objectsToRemove, removeKmsKey } from './remove-records.ts';
import { isRotationDue, rotatedBySchedule } from './rotation.ts';
import { destroyTokenKeys } from './token-keys.ts';

/** How often the clock is looked at. States follow from the time by themselves; this is for what has to be written. */
export const SWEEP_MS = 60_000;

function hasExpired({ value }: FoundKey, now: number): boolean {
  return value.materials.some(
    ({ object, expiresAt }) => object !== undefined && expiresAt !== undefined && expiresAt <= now,
  );
}

/**
 * What the clock does to keys: deletes those whose waiting period is over, in their tokens too, lets go of imported material that has expired, and rotates
 * what is due. Each key is a change of its own, written to the audit log under the name that AWS's own log gives it.
 */
export async function sweepKms(session: Session, ports: Ports): Promise<void> {
  const things = await session.need(...KINDS);
  const now = ports.clock.now();
  const due = [...things.kms.keys()].filter(
    (key) => isGone(key.value, now) || hasExpired(key, now) || isRotationDue(key.value, now),
  );
  for (const { id } of due) {
    // A lock ends it; the next unlock goes on.
    if (session.closed) return;
    await unlessGuarded(session, ports, id, () => deleteIfGone(session, ports, id));
    await unlessGuarded(session, ports, id, () => dropExpired(session, ports, id));
    await rotateIfDue(session, ports, id);
  }
  await destroyTokenKeys(session, ports);
}

/**
 * Key material that waits for the HSM's officers: its key stays in the state that nobody can use, and is tried again at the next sweep. In the log once a session.
 */
async function unlessGuarded(session: Session, ports: Ports, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KeyholdError) || error.code !== 'QuorumRequired') throw error;
    if (session.awaitingQuorum.has(id)) return;
    session.awaitingQuorum.add(id);
    ports.log.warn('key material is due to be destroyed and waits for a quorum', { error });
    const key = session.things.kms.keyById(id);
    if (key === undefined) return;
    const account = session.things.must('account', key.value.account);
    await session.note('daemon', 'kms:DeleteKey', keyArn(account.accountId, key.value.region, key.value.keyId), {
      decision: 'denied',
      reason: 'QuorumRequired',
      account: account.name,
      service: 'kms',
      region: key.value.region,
    });
  }
}

const KINDS = ['account', 'hsmToken', ...KMS_KINDS] as const;

function change(session: Session, fill: (draft: Draft, things: Things) => void): Promise<void> {
  return session.write(
    'daemon',
    (draft) => {
      fill(draft, session.things);
      return () => undefined;
    },
    KINDS,
  );
}

function record(draft: Draft, things: Things, action: string, { value }: FoundKey): void {
  const account = things.must('account', value.account);
  draft.record(action, keyArn(account.accountId, value.region, value.keyId), {
    account: account.name,
    service: 'kms',
    region: value.region,
  });
}

function deleteIfGone(session: Session, ports: Ports, id: string): Promise<void> {
  return change(session, (draft, things) => {
    const key = things.kms.keyById(id);
    const now = ports.clock.now();
    if (key === undefined || !isGone(key.value, now)) return;
    removeKmsKey(draft, things, key, now);
    record(draft, things, 'kms:DeleteKey', key);
  });
}

function dropExpired(session: Session, ports: Ports, id: string): Promise<void> {
  return change(session, (draft, things) => {
    const key = things.kms.keyById(id);
    const now = ports.clock.now();
    if (key === undefined || !hasExpired(key, now)) return;
    const { materials } = key.value;
    const expired = materials.filter(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now);
    for (const object of objectsToRemove(things, key, expired)) draft.removeObject(object);
    draft.put('kmsKey', id, {
      ...key.value,
      materials: materials.map((one) => {
        if (!expired.includes(one)) return one;
        const { object: _gone, expiresAt: _past, ...named } = one;
        return named;
      }),
    });
    record(draft, things, 'kms:DeleteExpiredKeyMaterial', key);
  });
}

async function rotateIfDue(session: Session, ports: Ports, id: string): Promise<void> {
  const before = session.things.kms.keyById(id);
  if (before === undefined || !isRotationDue(before.value, ports.clock.now())) return;
  const { accountId } = session.things.must('account', before.value.account);
  const material = await makeMaterial(session, before.value, accountId, ports.clock.now());
  await change(session, (draft, things) => {
    const key = things.kms.keyById(id);
    const now = ports.clock.now();
    if (key === undefined || !isRotationDue(key.value, now)) return;
    draftRotation(draft, things, key, material, (value) => rotatedBySchedule(value, material, now));
    record(draft, things, 'kms:RotateKey', key);
  });
}

/** Drafts new current material for a key and for the other Regions of a multi-Region key. */
export function draftRotation(
  draft: Draft,
  things: Things,
  key: FoundKey,
  material: MadeMaterial,
  rotate: (value: FoundKey['value']) => FoundKey['value'],
): void {
  requireGateOf(key.value, material.gate);
  if (material.publicKey !== undefined) throw new KeyholdError('Internal', 'Only symmetric keys rotate.');
  draft.putObject(material.object.id, 1, material.blob);
  for (const one of things.kms.related(key.value.account, key.value.keyId))
    draft.put('kmsKey', one.id, rotate(one.value));
}
