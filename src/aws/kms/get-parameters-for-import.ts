import {
  GetParametersForImport$,
  type GetParametersForImportCommandInput,
  type GetParametersForImportCommandOutput,
  type WrappingKeySpec,
} from '@aws-sdk/client-kms';
import { type ImportAlgorithm, importAlgorithm, makeImportParameters } from '../../core/kms/import-token.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import type { KeySpec } from '../../core/kms/specs.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { requireChina } from './lib/require-china.ts';
import { requireExternal } from './lib/require-external.ts';
import { requireKeyState } from './lib/require-key-state.ts';

/** Throws ValidationException for material that the wrapping cannot carry: RSA or SM2 alone wraps no more than it can encrypt. */
function requireFit(spec: KeySpec, algorithm: ImportAlgorithm, wrapping: WrappingKeySpec): void {
  const direct = algorithm === 'RSAES_OAEP_SHA_1' || algorithm === 'RSAES_OAEP_SHA_256' || algorithm === 'SM2PKE';
  const tooLong = spec.startsWith('RSA_') || (spec === 'ECC_NIST_P521' && wrapping === 'RSA_2048');
  const otherKind = (algorithm === 'SM2PKE') !== (wrapping === 'SM2');
  if (!otherKind && (!direct || !tooLong)) return;
  const message = `WrappingAlgorithm ${algorithm} with WrappingKeySpec ${wrapping} is not compatible with KeySpec ${spec}.`;
  throw new KmsError('ValidationException', message);
}

export const getParametersForImport = operation<
  GetParametersForImportCommandInput,
  GetParametersForImportCommandOutput,
  ResolvedKey
>(GetParametersForImport$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'GetParametersForImport',
      conditions: {
        'kms:WrappingAlgorithm': input.WrappingAlgorithm,
        'kms:WrappingKeySpec': input.WrappingKeySpec,
      },
    }),

  async handle(input, ctx, found) {
    const { value } = found.key;
    requireExternal(value, found.arn);
    requireKeyState(ctx, 'GetParametersForImport', value, found.arn);
    if (input.WrappingKeySpec === 'SM2' || input.WrappingAlgorithm === 'SM2PKE') requireChina(ctx);
    const algorithm = importAlgorithm(input.WrappingAlgorithm);
    if (algorithm === undefined) {
      const message = `WrappingAlgorithm ${input.WrappingAlgorithm} is not supported any more: choose RSAES_OAEP_SHA_256 or RSA_AES_KEY_WRAP_SHA_256.`;
      throw new KmsError('UnsupportedOperationException', message);
    }
    requireFit(value.spec, algorithm, input.WrappingKeySpec);
    const { token, publicKey, validTo } = await makeImportParameters(ctx.session.hsm, {
      id: ctx.session.newId(),
      spec: input.WrappingKeySpec,
      algorithm,
      arn: found.arn,
      now: ctx.now(),
    });
    return { KeyId: found.arn, ImportToken: token, PublicKey: publicKey, ParametersValidTo: new Date(validTo) };
  },
});
