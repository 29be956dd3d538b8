import { randomBytes } from 'node:crypto';
import type { HsmClient } from '../../src/core/hsm/client.ts';
import type { KmsMaterial, KmsSpec, NewKmsMaterial, ObjectRef, ObjectUsage } from '../../src/core/hsm/protocol.ts';

export interface KmsTestKey {
  ref: ObjectRef;
  material: KmsMaterial;
  /** SubjectPublicKeyInfo DER; empty for symmetric keys. */
  spki: Buffer;
}

export const newObjectId = (): string => randomBytes(16).toString('hex');

/** What the HSM is told about a new key, with everything that a test does not care about. */
export function kmsRequest(spec: KmsSpec, usage: ObjectUsage[], more: Partial<NewKmsMaterial> = {}): NewKmsMaterial {
  return {
    id: newObjectId(),
    spec,
    usage,
    label: '',
    createdAt: 1,
    materialContext: new Uint8Array(),
    ...more,
  };
}

export async function makeKmsKey(
  hsm: HsmClient,
  spec: KmsSpec,
  usage: ObjectUsage[],
  more: Partial<NewKmsMaterial> = {},
): Promise<KmsTestKey> {
  return asTestKey(await hsm.call('generateKmsMaterial', kmsRequest(spec, usage, more)));
}

export function asTestKey(material: KmsMaterial): KmsTestKey {
  const { attributes, blob, publicKey } = material;
  return { ref: { id: attributes.id, version: 1, blob }, material, spki: Buffer.from(publicKey ?? []) };
}

/** A copy with one bit of one byte changed. */
export function edited(bytes: Uint8Array, at: number, bit = 0): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return copy;
}
