import { aliasArn, keyArn, parseKeyReference } from './arn.ts';
import { isGone } from './key-state.ts';
import { KmsError } from './kms-error.ts';
import type { KmsIndex } from './kms-index.ts';
import type { FoundKey } from './records.ts';

/** Who asks, from where, and what there is to be found. */
export interface Lookup {
  readonly index: KmsIndex;
  /** The caller's account: its record id and its twelve digits. */
  readonly account: string;
  readonly accountId: string;
  readonly region: string;
  /** ms since epoch */
  readonly now: number;
  /** The record id of the one account here with these twelve digits. */
  readonly accountWithId: (accountId: string) => string | undefined;
}

export interface ResolvedKey {
  readonly key: FoundKey;
  /** The key's ARN. */
  readonly arn: string;
  /** The twelve digits of the account that the key is in. */
  readonly accountId: string;
  /** The alias that the request named. */
  readonly alias?: string;
}

/** What kind of KeyId an operation takes. */
export interface Accepts {
  readonly aliases: boolean;
}

function notFound(message: string): KmsError {
  return new KmsError('NotFoundException', message);
}

/**
 * What AWS says of a key in another account that is not there: the same as of one that is not shared, so that nobody learns which. `what`
 * is `resource: ` and the ARN that the request named, or CIPHERTEXT_KEY.
 */
export function notShared(caller: string, action: string, what: string): KmsError {
  return new KmsError(
    'AccessDeniedException',
    `User: ${caller} is not authorized to perform: ${action} on ${what} because the resource does not exist in this ` +
      'Region, no resource-based policies allow access, or a resource-based policy explicitly denies access',
  );
}

/** The key of a ciphertext, in a request that does not name it. */
export const CIPHERTEXT_KEY = 'the resource associated with this ciphertext';

/** Nothing has this name in an account that is not the caller's. `arn` is what the request named. */
export class NotInOtherAccount extends Error {
  readonly arn: string;

  constructor(arn: string) {
    super(`${arn} is not here`);
    this.arn = arn;
  }
}

/**
 * The key that a request's KeyId names, in AWS's words when there is none (NotFoundException). Throws NotInOtherAccount for what is not
 * found in another account; its text depends on the caller (`notShared`).
 */
export function resolveKey(lookup: Lookup, text: string, accepts: Accepts): ResolvedKey {
  const { index, region, now } = lookup;
  const reference = parseKeyReference(text, region);
  if (reference.kind === 'elsewhere') throw notFound(`Invalid arn ${reference.region}`);
  if (reference.kind === 'invalid' || (reference.kind === 'alias' && !accepts.aliases)) {
    throw notFound(`Invalid keyId '${text}'`);
  }
  const accountId = reference.accountId ?? lookup.accountId;
  const own = accountId === lookup.accountId;
  const account = own ? lookup.account : lookup.accountWithId(accountId);
  if (account === undefined) throw new NotInOtherAccount(text);
  if (reference.kind === 'key') {
    const arn = keyArn(accountId, region, reference.keyId);
    const key = index.key(account, region, reference.keyId);
    if (key !== undefined && !isGone(key.value, now)) return { key, arn, accountId };
    throw own ? notFound(`Key '${arn}' does not exist`) : new NotInOtherAccount(text);
  }
  const { name } = reference;
  const alias = index.alias(account, region, name);
  const key = alias === undefined ? undefined : index.keyById(alias.value.key);
  if (key !== undefined && !isGone(key.value, now)) {
    return { key, arn: keyArn(accountId, region, key.value.keyId), accountId, alias: name };
  }
  throw own ? notFound(`Alias ${aliasArn(accountId, region, name)} is not found.`) : new NotInOtherAccount(text);
}
