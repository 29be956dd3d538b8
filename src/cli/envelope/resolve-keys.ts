import { KeyholdError } from '../../contract/errors.ts';
import type { KmsSession } from './kms-session.ts';

/** `arn:PARTITION:kms:REGION:ACCOUNT:…`: where a key lives; undefined for a bare id or alias. */
export function regionOfKey(key: string): string | undefined {
  return /^arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/.+$/.exec(key)?.[1];
}

/** The ARNs of keys named by id, alias or ARN: what a message records, so that it says by itself who can open it. */
export async function resolveKeys(kms: KmsSession, keys: readonly string[]): Promise<string[]> {
  const arns: string[] = [];
  for (const key of keys) {
    const client = kms.client(regionOfKey(key) ?? kms.profile.region);
    const { KeyMetadata } = await client.describeKey({ KeyId: key });
    if (KeyMetadata?.Arn === undefined) throw new KeyholdError('NotFound', `The KMS does not know the key ${key}.`);
    if (!arns.includes(KeyMetadata.Arn)) arns.push(KeyMetadata.Arn);
  }
  return arns;
}
