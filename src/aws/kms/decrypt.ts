import { Decrypt$, type DecryptCommandInput, type DecryptCommandOutput } from '@aws-sdk/client-kms';
import { encryptionContextConditions } from '../../core/kms/condition-keys.ts';
import { operation } from '../local/operation.ts';
import { decideOnKey, type KeyAccess, kmsThings } from './lib/authorize-key.ts';
import { backingOf } from './lib/backing.ts';
import { type Decryption, findDecryptionKey, materialOf } from './lib/decryption.ts';
import { aadOf, refuseContext } from './lib/symmetric.ts';
import {
  endDryRun,
  materialMember,
  noteUse,
  refuseRecipient,
  requireAlgorithm,
  requireUsable,
  requireUsage,
} from './lib/use-key.ts';

export const decrypt = operation<DecryptCommandInput, DecryptCommandOutput, Decryption>(Decrypt$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const algorithm = input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT';
    const access: KeyAccess = {
      action: 'Decrypt',
      aliases: true,
      shared: true,
      conditions: {
        'kms:EncryptionAlgorithm': algorithm,
        ...encryptionContextConditions(input.EncryptionContext),
      },
      grant: { operation: 'Decrypt', context: input.EncryptionContext ?? {} },
      grantTokens: input.GrantTokens,
      byCiphertext: input.KeyId === undefined,
    };
    const decryption = findDecryptionKey(
      ctx,
      things,
      {
        ciphertext: input.CiphertextBlob,
        keyId: input.KeyId,
        algorithm,
        members: { ciphertext: 'ciphertextBlob', keyId: 'keyId' },
        dryRun: input.DryRun === true,
        ignoreCiphertext: input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT') === true,
      },
      access,
    );
    return { decisions: [decideOnKey(ctx, things, decryption.found, access)], subject: decryption };
  },

  async handle(input, ctx, { found, blob }) {
    refuseRecipient(input.Recipient);
    const material = blob === undefined ? undefined : materialOf(ctx, { found, blob });
    requireUsable(ctx, found);
    requireUsage(found, 'ENCRYPT_DECRYPT', 'Decrypt');
    const algorithm = requireAlgorithm(found, 'EncryptionAlgorithms', input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT');
    refuseContext(algorithm, input.EncryptionContext);
    const aad = aadOf(found, input.EncryptionContext);
    if (input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT') === true) endDryRun(input.DryRun);
    const backing = backingOf(ctx, found);
    const { plaintext } =
      algorithm === 'SYMMETRIC_DEFAULT'
        ? await backing.decrypt({ material, aad, ciphertext: blob?.ciphertext ?? new Uint8Array() })
        : await backing.asymDecrypt({ algorithm, ciphertext: input.CiphertextBlob ?? new Uint8Array() });
    // A dry run comes to its end here, because whether the ciphertext is right is part of what it asks.
    endDryRun(input.DryRun);
    noteUse(ctx, found, 'Decrypt');
    return {
      KeyId: found.arn,
      Plaintext: plaintext,
      EncryptionAlgorithm: algorithm,
      ...(material === undefined ? {} : materialMember(found, material)),
    };
  },
});
