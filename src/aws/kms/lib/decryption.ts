import { keyArn } from '../../../core/kms/arn.ts';
import { blobFormatOf, type CiphertextBlob, decodeCiphertextBlob } from '../../../core/kms/ciphertext-blob.ts';
import { isGone } from '../../../core/kms/key-state.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import { MATERIAL_PREFIX_DIGITS } from '../../../core/kms/kms-index.ts';
import type { FoundKey, KmsMaterial } from '../../../core/kms/records.ts';
import { CIPHERTEXT_KEY, notShared, type ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { findKey, type KeyAccess, requireGrantTokens } from './authorize-key.ts';

/** What is to be decrypted with which key; the ciphertext is absent where a dry run leaves it out. */
export interface Decryption {
  readonly found: ResolvedKey;
  /** A symmetric ciphertext, taken apart; null for what is none. */
  readonly blob?: CiphertextBlob | null;
}

export interface DecryptionRequest {
  readonly ciphertext: Uint8Array | undefined;
  readonly keyId: string | undefined;
  readonly algorithm: string;
  /** Names of the members that may be missing, as errors spell them: `ciphertextBlob`, `keyId`. */
  readonly members: { readonly ciphertext: string; readonly keyId: string };
  readonly dryRun: boolean;
  readonly ignoreCiphertext: boolean;
}

function missing(member: string): KmsError {
  const message = `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`;
  return new KmsError('ValidationException', message);
}

function incorrectKey(): KmsError {
  const message = 'The key ID in the request does not identify a CMK that can perform this operation.';
  return new KmsError('IncorrectKeyException', message);
}

/**
 * The key of a decryption: the one that the request names, or the one that the ciphertext names. Whether the two fit is for
 * `materialOf`, after the authorisation: a ciphertext tells nobody which key it belongs to, only whether that is still there. Throws in
 * AWS's words.
 */
export function findDecryptionKey(
  ctx: OperationContext,
  things: Things,
  request: DecryptionRequest,
  access: KeyAccess,
): Decryption {
  const withoutCiphertext = request.dryRun && request.ignoreCiphertext;
  if (request.ciphertext === undefined && !withoutCiphertext) throw missing(request.members.ciphertext);
  const symmetric = request.algorithm === 'SYMMETRIC_DEFAULT';
  if (request.keyId === undefined && (!symmetric || withoutCiphertext)) throw missing(request.members.keyId);
  if (request.keyId !== undefined && (withoutCiphertext || !symmetric)) {
    return { found: findKey(ctx, things, request.keyId, access) };
  }
  const blob = decodeCiphertextBlob(request.ciphertext ?? new Uint8Array());
  if (request.keyId !== undefined) return { found: findKey(ctx, things, request.keyId, access), blob };
  requireGrantTokens(ctx, things, access);
  if (blob === null) throw new KmsError('InvalidCiphertextException', '');
  return { found: keyOfCiphertext(ctx, things, blob, access), blob };
}

/** A key is gone by the clock; its records stay until the next sweep. */
function keysThatMade(ctx: OperationContext, things: Things, { material }: CiphertextBlob): readonly FoundKey[] {
  return things.kms.byMaterial(material).filter(({ value }) => !isGone(value, ctx.now()));
}

/** The key that a ciphertext names, in the request's Region: the caller's own before others'. */
function keyOfCiphertext(ctx: OperationContext, things: Things, blob: CiphertextBlob, access: KeyAccess): ResolvedKey {
  const keys = keysThatMade(ctx, things, blob);
  if (keys.length === 0) throw new KmsError('InvalidCiphertextException', '');
  const here = keys.filter(({ value }) => value.region === ctx.region);
  const key = here.find(({ value }) => value.account === ctx.account.id) ?? here[0];
  if (key === undefined) {
    throw notShared(ctx.caller.arn, `kms:${access.action}`, CIPHERTEXT_KEY);
  }
  const { accountId } = things.must('account', key.value.account);
  return { key, arn: keyArn(accountId, key.value.region, key.value.keyId), accountId };
}

/**
 * The material of the key that made this ciphertext. Throws IncorrectKeyException when another key's did, InvalidCiphertextException when
 * none here did.
 */
export function materialOf(ctx: OperationContext, { found, blob }: Required<Decryption>): KmsMaterial {
  const { key } = found;
  const isSymmetric = key.value.spec === 'SYMMETRIC_DEFAULT';
  // A key of another kind has no ciphertexts at all, so that comes first.
  if (blob === null) throw isSymmetric ? new KmsError('InvalidCiphertextException', '') : incorrectKey();
  const own = key.value.materials.find(({ id }) => id.slice(0, MATERIAL_PREFIX_DIGITS) === blob.material);
  if (own !== undefined) {
    if (blob.format === blobFormatOf(key.value)) return own;
    throw new KmsError('InvalidCiphertextException', '');
  }
  if (!isSymmetric || keysThatMade(ctx, ctx.session.things, blob).length > 0) throw incorrectKey();
  throw new KmsError('InvalidCiphertextException', '');
}
