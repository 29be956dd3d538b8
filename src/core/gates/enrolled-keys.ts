import { credentialHex } from '../security-keys/credential-id.ts';
import type { Found, Things } from '../things.ts';

/** A security key that gates can ask for. */
export interface GateKey {
  record: Found<'securityKey'>;
  /** Id of its SECURITY_KEY object. */
  object: string;
}

/** Of use once the kind `securityKey` has been read. */
export function gateKeys(things: Things): GateKey[] {
  return things
    .all('securityKey')
    .flatMap((record) => (record.value.object === undefined ? [] : [{ record, object: record.value.object.id }]));
}

/** Those that a touch is enough for: the others do nothing without a PIN, and nobody is asked for one at a gate. */
export function touchableKeys(things: Things): GateKey[] {
  return gateKeys(things).filter(({ record }) => record.value.alwaysPin !== true);
}

export function gateKeyOf(things: Things, object: string): GateKey | undefined {
  return gateKeys(things).find((one) => one.object === object);
}

export function credentialIdOf({ record }: GateKey): string {
  return credentialHex(record);
}
