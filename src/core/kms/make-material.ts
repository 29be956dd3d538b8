import type { Hsm, SealedBlob } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import { materialContext } from './encryption-context.ts';
import type { KmsKey } from './records.ts';
import { hsmUsages, SPEC_RULES } from './specs.ts';

export interface MadeMaterial {
  /** 64 hex digits */
  id: string;
  /** The HSM object to be stored with it, version 1. */
  object: { id: string };
  blob: SealedBlob;
  /** SubjectPublicKeyInfo DER; of key pairs only. */
  publicKey?: Uint8Array;
}

export function newObjectId(ports: Ports): string {
  return Buffer.from(ports.random.bytes(16)).toString('hex');
}

/** Has the HSM make fresh key material for a key. */
export async function makeMaterial(
  hsm: Hsm,
  ports: Ports,
  key: Pick<KmsKey, 'keyId' | 'spec' | 'usage'>,
  accountId: string,
): Promise<MadeMaterial> {
  const id = newObjectId(ports);
  const { blob, materialId, publicKey } = await hsm.call('generateKmsMaterial', {
    id,
    spec: SPEC_RULES[key.spec].hsm,
    usage: hsmUsages(key.usage),
    label: `kms ${key.keyId}`,
    createdAt: ports.clock.now(),
    materialContext: materialContext(accountId, key.keyId),
  });
  return { id: materialId, object: { id }, blob, ...(publicKey === undefined ? {} : { publicKey }) };
}
