import { timingSafeEqual } from 'node:crypto';
import { concat, lp, utf8 } from '../../core/crypto/bytes.ts';
import { hmacSha256 } from '../../core/crypto/hmac.ts';
import type { Session } from '../../core/session.ts';
import type { OperationContext } from './operation-context.ts';

const FORMAT = 1;
const MAC_BYTES = 16;
const LABEL = utf8('keyhold/v1/page-token');

/** Keys of accounts by record id; forgotten with the session. */
const keys = new WeakMap<Session, Map<string, Promise<Uint8Array>>>();

function keyOf({ session, account }: OperationContext): Promise<Uint8Array> {
  let held = keys.get(session);
  if (held === undefined) {
    held = new Map();
    keys.set(session, held);
  }
  let key = held.get(account.id);
  if (key === undefined) {
    key = session.hsm.call('derivePageTokenKey', { account: account.id }).then((answer) => answer.key);
    held.set(account.id, key);
    // The next one asks again.
    key.catch(() => held.delete(account.id));
  }
  return key;
}

async function macOf(ctx: OperationContext, position: Uint8Array): Promise<Uint8Array> {
  const bound = [ctx.service, ctx.operation, ctx.region].map((text) => lp(utf8(text)));
  return hmacSha256(await keyOf(ctx), LABEL, ...bound, position).subarray(0, MAC_BYTES);
}

/**
 * A pagination token for a position in a list, as text of A-Z, a-z, 0-9, - and _: format (1) || MAC (16) || position. It is good for this
 * account, region and operation, in this vault, also after a restart.
 */
export async function sealToken(ctx: OperationContext, position: string): Promise<string> {
  const bytes = utf8(position);
  return Buffer.from(concat(Uint8Array.of(FORMAT), await macOf(ctx, bytes), bytes)).toString('base64url');
}

/** The position that a token was made of; null for any text that `sealToken` did not make here. */
export async function openToken(ctx: OperationContext, token: string): Promise<string | null> {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length < 1 + MAC_BYTES || bytes[0] !== FORMAT || bytes.toString('base64url') !== token) return null;
  const position = bytes.subarray(1 + MAC_BYTES);
  if (!timingSafeEqual(bytes.subarray(1, 1 + MAC_BYTES), await macOf(ctx, position))) return null;
  return position.toString('utf8');
}
