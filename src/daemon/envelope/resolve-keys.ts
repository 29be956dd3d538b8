import { KeyholdError } from '../../contract/errors.ts';
import type { EnvelopeKms } from './envelope-kms.ts';

/** `arn:PARTITION:kms:REGION:ACCOUNT:…`: where a key lives; undefined for a bare id or alias. */
export function regionOfKey(key: string): string | undefined {
  return /^arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/.+$/.exec(key)?.[1];
}

/** The ARNs of keys named by id, alias or ARN: what a message records, so that it says by itself who can open it. */
export async function resolveKeys(kms: EnvelopeKms, keys: readonly string[]): Promise<string[]> {
  const arns: string[] = [];
  for (const key of keys) {
    const arn = await kms.findKey(regionOfKey(key) ?? kms.region, key);
    if (arn === undefined) throw new KeyholdError('NotFound', `The KMS does not know the key ${key}.`);
    if (!arns.includes(arn)) arns.push(arn);
  }
  return arns;
}
