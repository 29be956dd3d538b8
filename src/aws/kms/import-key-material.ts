import {
  ImportKeyMaterial$,
  type ImportKeyMaterialCommandInput,
  type ImportKeyMaterialCommandOutput,
} from '@aws-sdk/client-kms';
import { KeyholdError } from '../../contract/errors.ts';
import { toBase64 } from '../../core/crypto/bytes.ts';
import type { KmsMaterial as HsmMaterial } from '../../core/hsm/protocol.ts';
import { importConditions } from '../../core/kms/condition-keys.ts';
import { materialContext } from '../../core/kms/encryption-context.ts';
import { openImportToken } from '../../core/kms/import-token.ts';
import { importInto, releasePending } from '../../core/kms/imported-material.ts';
import { keyState } from '../../core/kms/key-state.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import { gateOfMaterial, requireGateOf } from '../../core/kms/make-material.ts';
import { materialNaming } from '../../core/kms/material-naming.ts';
import type { KmsKey } from '../../core/kms/records.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { DAY_MS } from '../../core/kms/rotation.ts';
import { hsmUsages, SPEC_RULES } from '../../core/kms/specs.ts';
import { operation, type Validated } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { change, freshKey } from './lib/change-key.ts';
import { requireExternal } from './lib/require-external.ts';
import { requireKeyState } from './lib/require-key-state.ts';

const LONGEST_LIFE_MS = 365 * DAY_MS;
const DEFAULT_MODEL = 'KEY_MATERIAL_EXPIRES';

type Input = Validated<ImportKeyMaterialCommandInput>;

function invalid(message: string): KmsError {
  return new KmsError('ValidationException', message);
}

/** When the material is to expire, ms since epoch; undefined for never. */
function expiryOf({ ExpirationModel = DEFAULT_MODEL, ValidTo }: Input, now: number): number | undefined {
  if (ExpirationModel === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (ValidTo === undefined) return undefined;
    throw invalid('A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE');
  }
  if (ValidTo === undefined) {
    throw invalid('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES');
  }
  const at = ValidTo.getTime();
  if (at <= now) throw invalid('The validTo date must be in the future');
  if (at > now + LONGEST_LIFE_MS) throw invalid('The validTo date cannot be more than 365 days in the future');
  return at;
}

/** Members that symmetric keys alone have: other keys keep one material for ever. */
function refuseForOthers({ spec }: KmsKey, input: Input): void {
  if (spec === 'SYMMETRIC_DEFAULT') {
    if (input.ImportType !== 'NEW_KEY_MATERIAL' || input.KeyMaterialId === undefined) return;
    throw invalid('A KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL');
  }
  if (input.ImportType ?? input.KeyMaterialId ?? input.KeyMaterialDescription) {
    throw invalid('ImportType, KeyMaterialId and KeyMaterialDescription are for symmetric encryption keys only');
  }
}

async function unwrap(
  ctx: OperationContext,
  found: ResolvedKey,
  input: Input,
  expiresAt: number | undefined,
): Promise<{ id: string; made: HsmMaterial }> {
  const { key, arn, accountId } = found;
  const { hsm } = ctx.session;
  const { wrappingKey, algorithm } = await openImportToken(hsm, input.ImportToken, arn, ctx.now());
  const id = ctx.session.newId();
  const { spec, usage, keyId } = key.value;
  try {
    const made = await hsm.call('importKmsMaterial', {
      id,
      spec: SPEC_RULES[spec].hsm,
      usage: hsmUsages(usage),
      label: `kms ${keyId}`,
      createdAt: ctx.now(),
      materialContext: materialContext(accountId, keyId),
      ...materialNaming(ctx.session, key.value.account),
      ...gateOfMaterial(key.value),
      ...(expiresAt === undefined ? {} : { notAfter: expiresAt }),
      wrappingKey,
      algorithm,
      encryptedKeyMaterial: input.EncryptedKeyMaterial,
    });
    return { id, made };
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    if (error.code === 'InvalidCiphertext') throw new KmsError('InvalidCiphertextException', '');
    if (error.code === 'InvalidKeyMaterial') throw new KmsError('IncorrectKeyMaterialException', error.message);
    throw error;
  } finally {
    await hsm.call('dropObjects', { ids: [wrappingKey.id] });
  }
}

export const importKeyMaterial = operation<ImportKeyMaterialCommandInput, ImportKeyMaterialCommandOutput, ResolvedKey>(
  ImportKeyMaterial$,
  {
    authorize: (input, ctx) =>
      authorizeKey(ctx, input.KeyId, {
        action: 'ImportKeyMaterial',
        conditions: importConditions(input.ExpirationModel ?? DEFAULT_MODEL, input.ValidTo?.getTime()),
      }),

    async handle(input, ctx, found) {
      requireExternal(found.key.value, found.arn);
      requireKeyState(ctx, 'ImportKeyMaterial', found.key.value, found.arn);
      refuseForOthers(found.key.value, input);
      const expiresAt = expiryOf(input, ctx.now());
      const { id, made } = await unwrap(ctx, found, input, expiresAt);
      const { materialId, publicKey, blob } = made;
      await change(ctx, (draft, things) => {
        const key = freshKey(ctx, things, found);
        requireKeyState(ctx, 'ImportKeyMaterial', key.value, found.arn);
        requireGateOf(key.value, found.key.value.gate);
        const related = things.kms.related(key.value.account, key.value.keyId);
        const imported = importInto(
          key.value,
          related,
          {
            id: materialId,
            object: { id },
            ...(publicKey === undefined ? {} : { publicKey: toBase64(publicKey) }),
            ...(expiresAt === undefined ? {} : { expiresAt }),
            ...(input.KeyMaterialDescription === undefined ? {} : { description: input.KeyMaterialDescription }),
          },
          { type: input.ImportType, materialId: input.KeyMaterialId },
        );
        const now = ctx.now();
        const wasWaiting = keyState(key.value, { now }) === 'PendingImport';
        const value = wasWaiting ? { ...imported, enabled: true } : imported;
        const replaced = key.value.materials.find((one) => one.id === materialId)?.object;
        if (replaced !== undefined) draft.removeObject(replaced.id);
        draft.putObject(id, 1, blob);
        const all = related.map((one) => (one.id === key.id ? { id: key.id, value } : one));
        const released = releasePending(all, now);
        for (const one of released.length > 0 ? released : [{ id: key.id, value }])
          draft.put('kmsKey', one.id, one.value);
      });
      return { KeyId: found.arn, KeyMaterialId: materialId };
    },
  },
);
