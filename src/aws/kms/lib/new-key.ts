import { toBase64 } from '../../../core/crypto/bytes.ts';
import type { MadeMaterial } from '../../../core/kms/make-material.ts';
import type { KmsKey } from '../../../core/kms/records.ts';
import type { OperationContext } from '../../local/operation-context.ts';

/** A new key's id: a UUID (RFC 9562, version 4), or `mrk-` and 32 hex digits for a multi-Region key. */
export function newKeyId(ctx: OperationContext, multiRegion: boolean): string {
  const hex = ctx.session.newId();
  if (multiRegion) return `mrk-${hex}`;
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join('-');
}

/** The first material of a key, and the public half of a key pair. */
export function firstMaterial(material: MadeMaterial): Pick<KmsKey, 'materials' | 'publicKey'> {
  const { id, object, publicKey } = material;
  return {
    materials: [{ id, object, state: 'CURRENT' }],
    ...(publicKey === undefined ? {} : { publicKey: toBase64(publicKey) }),
  };
}
