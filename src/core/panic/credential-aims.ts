import type { PanicAct } from '../../contract/panic.ts';
import type { Found, Things } from '../things.ts';
import type { PanicStepRecord } from './record.ts';

const ACTS = {
  service: 'deactivatePassword',
  sshKey: 'deactivateSshKey',
} as const satisfies Record<string, PanicAct>;

/**
 * What IAM is to switch off besides an access key: the passwords and SSH public keys that are kept with it, and both of a rotation that is under way. An SMTP password ends with its key.
 * `until`: made by then.
 */
export function credentialAims(
  things: Things,
  key: string,
  until = Number.POSITIVE_INFINITY,
): Pick<PanicStepRecord, 'act' | 'target' | 'credential'>[] {
  return credentialsOfKey(things, key).flatMap(({ id, value }) => {
    if (value.type === 'smtp' || value.createdAt > until) return [];
    const { name, type, credentialId } = value;
    const service = value.type === 'service' ? { service: value.service } : {};
    const ids = new Set([...(credentialId === undefined ? [] : [credentialId]), ...idsOfRotation(things, id)]);
    return [...ids].map((target) => ({ act: ACTS[type], target, credential: { id, name, ...service } }));
  });
}

export function credentialsOfKey(things: Things, key: string): Found<'credential'>[] {
  return things.all('credential').filter(({ value }) => value.key === key);
}

function idsOfRotation(things: Things, credential: string): string[] {
  return things.all('rotation').flatMap(({ value }) => {
    if (value.credential?.id !== credential || value.outcome !== undefined) return [];
    return value.fresh === undefined ? [value.old.accessKeyId] : [value.old.accessKeyId, value.fresh.accessKeyId];
  });
}
