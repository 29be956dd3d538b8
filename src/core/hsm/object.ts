import { concat, lp, readLp, utf8 } from '../crypto/bytes.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Random } from '../ports.ts';
import { attributesOf } from './object-attributes.ts';
import type { ObjectAttributes } from './protocol.ts';
import { openRecord, sealRecord } from './sealed-record.ts';
import type { VaultKeys } from './state.ts';
import { currentKek } from './vault-keys.ts';

/** An object in the clear. */
export interface HsmObject {
  attributes: ObjectAttributes;
  material: Uint8Array;
}

/** Payload of an `object` record: lp(attributes as JSON) || lp(key material). */
export function sealObject(keys: VaultKeys, random: Random, object: HsmObject, version: number): Uint8Array {
  const payload = concat(lp(utf8(JSON.stringify(object.attributes))), lp(object.material));
  try {
    const name = { id: object.attributes.id, kind: 'object', version } as const;
    return sealRecord(keys, currentKek(keys, 'objects'), random, name, payload);
  } finally {
    wipe(payload);
  }
}

/** Null when the blob is not an intact object of this id and version. The material is the caller's to wipe. */
export function openObject(keys: VaultKeys, id: string, version: number, blob: Uint8Array): HsmObject | null {
  const payload = openRecord(keys, { id, kind: 'object', version }, blob);
  if (payload === null) return null;
  try {
    const json = readLp(payload, 0);
    const material = json && readLp(payload, json.next);
    if (json === null || material === null || material.next !== payload.length) return null;
    const attributes = attributesOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json.value)), id);
    return { attributes, material: new Uint8Array(material.value) };
  } catch {
    return null;
  } finally {
    wipe(payload);
  }
}
