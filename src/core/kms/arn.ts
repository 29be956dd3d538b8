import { partitionOf } from '../../contract/partitions.ts';

function kmsArn(accountId: string, region: string, resource: string): string {
  return `arn:${partitionOf(region)}:kms:${region}:${accountId}:${resource}`;
}

/** `accountId` has twelve digits. */
export function keyArn(accountId: string, region: string, keyId: string): string {
  return kmsArn(accountId, region, `key/${keyId}`);
}

/** `name` with its prefix `alias/`. */
export function aliasArn(accountId: string, region: string, name: string): string {
  return kmsArn(accountId, region, name);
}

/** The `Principal` that stands for a whole account. */
export function accountRootArn(accountId: string, region: string): string {
  return `arn:${partitionOf(region)}:iam::${accountId}:root`;
}

const KEY_ID = /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/;
const ARN = /^arn:(aws[a-z-]*):kms:([a-z0-9-]+):(\d{12}):(key\/.+|alias\/.+)$/s;

/** A key's id: a UUID, or `mrk-` and 32 hex digits. */
export function isKeyId(text: string): boolean {
  return KEY_ID.test(text);
}

/** What a request's KeyId names. `accountId` is absent where the caller's own account is meant. */
export type KeyReference =
  | { kind: 'key'; keyId: string; accountId?: string }
  | { kind: 'alias'; name: string; accountId?: string }
  /** An ARN of another Region, which no request reaches from here. */
  | { kind: 'elsewhere'; region: string }
  | { kind: 'invalid' };

/** Takes a KeyId apart: key id, key ARN, alias name (`alias/…`) or alias ARN. `region` is the request's. */
export function parseKeyReference(text: string, region: string): KeyReference {
  if (text.startsWith('alias/')) return { kind: 'alias', name: text };
  if (!text.startsWith('arn:')) return isKeyId(text) ? { kind: 'key', keyId: text } : { kind: 'invalid' };
  const parts = ARN.exec(text);
  const [, partition = '', arnRegion = '', accountId = '', resource = ''] = parts ?? [];
  if (parts === null) return { kind: 'invalid' };
  if (arnRegion !== region) return { kind: 'elsewhere', region: arnRegion };
  if (partition !== partitionOf(region)) return { kind: 'invalid' };
  if (resource.startsWith('alias/')) return { kind: 'alias', name: resource, accountId };
  const keyId = resource.slice('key/'.length);
  return isKeyId(keyId) ? { kind: 'key', keyId, accountId } : { kind: 'invalid' };
}
