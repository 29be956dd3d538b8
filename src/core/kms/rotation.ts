import { keyState } from './key-state.ts';
import { KmsError } from './kms-error.ts';
import type { KmsKey, KmsMaterial } from './records.ts';

export const DAY_MS = 86_400_000;
export const DEFAULT_ROTATION_DAYS = 365;

/** Whether a key can ever have more than one backing key. */
export function hasRotatableSpec({ spec, origin }: KmsKey): boolean {
  return spec === 'SYMMETRIC_DEFAULT' && (origin === 'AWS_KMS' || origin === 'EXTERNAL');
}

/**
 * Throws UnsupportedOperationException for a key whose rotation cannot be managed: it has another spec, its material is not made here, or
 * AWS manages it. With `imported`, keys with imported material pass: those rotate on demand.
 */
export function requireRotatable(key: KmsKey, arn: string, options: { imported: boolean }): void {
  if (key.origin !== 'AWS_KMS' && !(options.imported && key.origin === 'EXTERNAL')) {
    const message = `${arn} origin is ${key.origin} which is not valid for this operation.`;
    throw new KmsError('UnsupportedOperationException', message);
  }
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw new KmsError('UnsupportedOperationException', '');
}

/** The next date on a schedule that was due at `dueAt`: in its own rhythm, and later than `now`. */
export function nextRotation(dueAt: number, periodInDays: number, now: number): number {
  const period = periodInDays * DAY_MS;
  return dueAt > now ? dueAt : dueAt + (Math.floor((now - dueAt) / period) + 1) * period;
}

/**
 * Whether the schedule says that the key rotates now. Only an enabled key does; one that was disabled catches up once it is enabled.
 * The replicas of a multi-Region key follow their primary.
 */
export function isRotationDue(key: KmsKey, now: number): boolean {
  if (key.rotation === undefined || key.rotation.nextAt > now || key.multiRegion === 'REPLICA') return false;
  return keyState(key, { now }) === 'Enabled';
}

/** The materials after `material` has become current. */
export function rotated(materials: readonly KmsMaterial[], material: KmsMaterial): KmsMaterial[] {
  const others = materials.filter(({ id }) => id !== material.id);
  return [
    ...others.map((one): KmsMaterial => (one.state === 'CURRENT' ? { ...one, state: 'NON_CURRENT' } : one)),
    { ...material, state: 'CURRENT' },
  ];
}

/** The key with fresh material that the schedule asked for. */
export function rotatedBySchedule(key: KmsKey, material: { id: string; object: { id: string } }, now: number): KmsKey {
  const rotation = { type: 'AUTOMATIC' as const, at: now };
  const materials = rotated(key.materials, { ...material, state: 'CURRENT', rotation });
  if (key.rotation === undefined) return { ...key, materials };
  const { periodInDays, nextAt } = key.rotation;
  return { ...key, materials, rotation: { periodInDays, nextAt: nextRotation(nextAt, periodInDays, now) } };
}

/** The material that encrypts; undefined for a key without any. */
export function currentMaterial({ materials }: KmsKey): KmsMaterial | undefined {
  return materials.find(({ state }) => state === 'CURRENT');
}
