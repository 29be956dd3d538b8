import { KeyholdError } from '../../../contract/errors.ts';
import type { ObjectRef } from '../../../core/hsm/protocol.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { KmsKey, KmsMaterial, TrackedOperation } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import { currentMaterial, hasRotatableSpec } from '../../../core/kms/rotation.ts';
import { type Algorithms, algorithmsOf, type KeyUsage } from '../../../core/kms/specs.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { requireKeyState } from './require-key-state.ts';

/** Throws InvalidKeyUsageException in AWS's words when the key is for something else. `operation` as the client called it. */
export function requireUsage({ key, arn }: ResolvedKey, usage: KeyUsage, operation: string): void {
  if (key.value.usage === usage) return;
  const message = `${arn} key usage is ${key.value.usage} which is not valid for ${operation}.`;
  throw new KmsError('InvalidKeyUsageException', message);
}

/** Throws InvalidKeyUsageException in AWS's words when the key's spec has no such algorithm. */
export function requireAlgorithm<L extends keyof Algorithms>(
  { key }: ResolvedKey,
  list: L,
  algorithm: string,
): NonNullable<Algorithms[L]>[number] {
  const { spec, usage } = key.value;
  const known: readonly NonNullable<Algorithms[L]>[number][] = algorithmsOf(spec, usage)?.[list] ?? [];
  const found = known.find((one) => one === algorithm);
  if (found !== undefined) return found;
  throw new KmsError('InvalidKeyUsageException', `Algorithm ${algorithm} is incompatible with key spec ${spec}.`);
}

/** Throws DisabledException or KMSInvalidStateException when the key cannot be used as it is now. */
export function requireUsable(ctx: OperationContext, { key, arn }: ResolvedKey): void {
  requireKeyState(ctx, 'Cryptographic', key.value, arn);
}

/** The HSM object of a material of a usable key. */
export function materialRef(ctx: OperationContext, { arn }: ResolvedKey, material: KmsMaterial | undefined): ObjectRef {
  // The state has been looked at, so this happens only when material went in the same instant.
  if (material?.object === undefined) throw new KmsError('KMSInvalidStateException', `${arn} is pending import.`);
  return ctx.session.objectRef(material.object.id);
}

/** The material that encrypts, signs and so on, of a usable key. */
export function requireCurrent(key: KmsKey, arn: string): KmsMaterial {
  const material = currentMaterial(key);
  if (material === undefined) throw new KmsError('KMSInvalidStateException', `${arn} is pending import.`);
  return material;
}

/** The HSM object of that material. */
export function current(ctx: OperationContext, found: ResolvedKey): { ref: ObjectRef } {
  return { ref: materialRef(ctx, found, requireCurrent(found.key.value, found.arn)) };
}

/** KeyMaterialId, which is told of keys that can have more than one material. */
export function materialMember(
  { key }: ResolvedKey,
  material: KmsMaterial | undefined = currentMaterial(key.value),
): { KeyMaterialId?: string } {
  return material === undefined || !hasRotatableSpec(key.value) ? {} : { KeyMaterialId: material.id };
}

/** The last check of all: a dry run that got here would have succeeded. */
export function endDryRun(dryRun: boolean | undefined): void {
  if (dryRun !== true) return;
  const message = 'The request would have succeeded, but the DryRun option is set.';
  throw new KmsError('DryRunOperationException', message);
}

/** Nitro Enclaves attest themselves to AWS; there is nothing here that could check that. */
export function refuseRecipient(recipient: unknown): void {
  if (recipient === undefined || recipient === null) return;
  const message = 'Recipient is not supported here: there is no Nitro Enclave whose attestation could be verified.';
  throw new KmsError('ValidationException', message);
}

/** What the HSM says of an operation on this key, as AWS says it; anything else stays what it is. */
export async function inHsm<T>({ arn }: Pick<ResolvedKey, 'arn'>, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    if (error.code === 'InvalidCiphertext') throw new KmsError('InvalidCiphertextException', '');
    if (error.code === 'InvalidInput') throw new KmsError('ValidationException', error.message);
    // Usage and spec have been checked, so the HSM's own clock has found the material expired.
    if (error.code === 'HsmRefused') throw new KmsError('KMSInvalidStateException', `${arn} is pending import.`);
    throw error;
  }
}

/** Notes a successful cryptographic use (GetKeyLastUsage). */
export function noteUse(ctx: OperationContext, { key }: ResolvedKey, operation: TrackedOperation): void {
  ctx.session.kmsUsage.note(key.id, { operation, at: ctx.now(), requestId: ctx.requestId });
}
