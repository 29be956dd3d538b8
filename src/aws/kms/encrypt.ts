import { Encrypt$, type EncryptCommandInput, type EncryptCommandOutput } from '@aws-sdk/client-kms';
import { encodeCiphertextBlob } from '../../core/kms/ciphertext-blob.ts';
import { encryptionContextConditions } from '../../core/kms/condition-keys.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { rsaPlaintextLimit } from '../../core/kms/specs.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { aadOf, refuseContext } from './lib/symmetric.ts';
import { current, endDryRun, inHsm, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

export const encrypt = operation<EncryptCommandInput, EncryptCommandOutput, ResolvedKey>(Encrypt$, {
  authorize: (input, ctx) =>
    authorizeKey(ctx, input.KeyId, {
      action: 'Encrypt',
      aliases: true,
      shared: true,
      conditions: {
        'kms:EncryptionAlgorithm': input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
        ...encryptionContextConditions(input.EncryptionContext),
      },
      grant: { operation: 'Encrypt', context: input.EncryptionContext ?? {} },
      grantTokens: input.GrantTokens,
    }),

  async handle(input, ctx, found) {
    requireUsable(ctx, found);
    requireUsage(found, 'ENCRYPT_DECRYPT', 'Encrypt');
    const algorithm = requireAlgorithm(found, 'EncryptionAlgorithms', input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT');
    refuseContext(algorithm, input.EncryptionContext);
    const { spec } = found.key.value;
    const most = rsaPlaintextLimit(spec, algorithm);
    if (most !== null && input.Plaintext.length > most) {
      const message = `Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${most} bytes.`;
      throw new KmsError('ValidationException', message);
    }
    const { material, ref } = current(ctx, found);
    const aad = aadOf(found, input.EncryptionContext);
    endDryRun(input.DryRun);
    const { hsm } = ctx.session;
    const { Plaintext: plaintext } = input;
    const { ciphertext } = await inHsm(
      found,
      algorithm === 'SYMMETRIC_DEFAULT'
        ? hsm.call('kmsEncrypt', { key: ref, aad, plaintext })
        : hsm.call('asymEncrypt', { key: ref, algorithm, plaintext }),
    );
    noteUse(ctx, found, 'Encrypt');
    return {
      CiphertextBlob: algorithm === 'SYMMETRIC_DEFAULT' ? encodeCiphertextBlob(material.id, ciphertext) : ciphertext,
      KeyId: found.arn,
      EncryptionAlgorithm: algorithm,
    };
  },
});
