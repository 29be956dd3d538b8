import { KeyholdError } from '../../contract/errors.ts';
import type { Gate, SealedBlob } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import { materialContext } from './encryption-context.ts';
import { materialNaming } from './material-naming.ts';
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
  /** Of the key when it was made. */
  gate: KmsKey['gate'];
}

/** Has the HSM make fresh key material for a key of an account. */
export function makeMaterial(
  session: Pick<Session, 'hsm' | 'newId' | 'things' | 'objectRef'>,
  key: Pick<KmsKey, 'account' | 'keyId' | 'spec' | 'usage' | 'gate'>,
  accountId: string,
  now: number,
): Promise<MadeMaterial> {
  return generateMaterial(session, key, accountId, now, materialNaming(session, key.account));
}

/** The same with what names it (`materialNaming`) said. */
export async function generateMaterial(
  session: Pick<Session, 'hsm' | 'newId'>,
  key: Pick<KmsKey, 'keyId' | 'spec' | 'usage' | 'gate'>,
  accountId: string,
  now: number,
  named: ReturnType<typeof materialNaming>,
): Promise<MadeMaterial> {
  const id = session.newId();
  const { blob, materialId, publicKey } = await session.hsm.call('generateKmsMaterial', {
    id,
    spec: SPEC_RULES[key.spec].hsm,
    usage: hsmUsages(key.usage),
    label: `kms ${key.keyId}`,
    createdAt: now,
    materialContext: materialContext(accountId, key.keyId),
    ...named,
    ...gateOfMaterial(key),
  });
  return { id: materialId, object: { id }, blob, gate: key.gate, ...(publicKey === undefined ? {} : { publicKey }) };
}

/** Before material that was made a moment ago joins its key: a gate that the key got meanwhile would not be before it. Throws `InUse`. */
export function requireGateOf(key: Pick<KmsKey, 'gate'>, madeWith: KmsKey['gate']): void {
  if (JSON.stringify(gateOfMaterial(key)) === JSON.stringify(gateOfMaterial({ gate: madeWith }))) return;
  throw new KeyholdError('InUse', 'What this key is used with was changed at the same time. Try again.');
}

/** New material of a key that wants a touch wants it from the beginning. */
export function gateOfMaterial({ gate }: Pick<KmsKey, 'gate'>): { mfa?: Gate } {
  return gate === undefined ? {} : { mfa: { withinSeconds: gate.withinSeconds, keys: gate.keys } };
}
