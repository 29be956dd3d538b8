import { Encrypt$, type EncryptCommandInput, type EncryptCommandOutput } from '@aws-sdk/client-kms';
import { encryptionContextConditions } from '../../core/kms/condition-keys.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { plaintextLimit } from '../../core/kms/specs.ts';
import { operation } from '../local/operation.ts';
import { authorizeKey } from './lib/authorize-key.ts';
import { backingOf } from './lib/backing.ts';
import { aadOf, blobOf, refuseContext } from './lib/symmetric.ts';
import { endDryRun, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

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
    const most = plaintextLimit(spec, algorithm);
    if (most !== null && input.Plaintext.length > most) {
      const message = `Algorithm ${algorithm} and key spec ${spec} cannot encrypt data larger than ${most} bytes.`;
      throw new KmsError('ValidationException', message);
    }
    const aad = aadOf(found, input.EncryptionContext);
    endDryRun(input.DryRun);
    const { Plaintext: plaintext } = input;
    const backing = backingOf(ctx, found);
    const { ciphertext } =
      algorithm === 'SYMMETRIC_DEFAULT'
        ? await backing.encrypt({ aad, plaintext })
        : await backing.asymEncrypt({ algorithm, plaintext });
    noteUse(ctx, found, 'Encrypt');
    return {
      CiphertextBlob: algorithm === 'SYMMETRIC_DEFAULT' ? blobOf(found, ciphertext) : ciphertext,
      KeyId: found.arn,
      EncryptionAlgorithm: algorithm,
    };
  },
});
