import { ReEncrypt$, type ReEncryptCommandInput, type ReEncryptCommandOutput } from '@aws-sdk/client-kms';
import { encryptionContextConditions } from '../../core/kms/condition-keys.ts';
import { KmsError } from '../../core/kms/kms-error.ts';
import type { ResolvedKey } from '../../core/kms/resolve-key.ts';
import { operation } from '../local/operation.ts';
import { decideOnKey, findKey, type KeyAccess, kmsThings } from './lib/authorize-key.ts';
import { type Decryption, findDecryptionKey, materialOf } from './lib/decryption.ts';
import { moved } from './lib/moved.ts';
import { aadOf, blobOf, refuseContext } from './lib/symmetric.ts';
import { endDryRun, materialMember, noteUse, requireAlgorithm, requireUsable, requireUsage } from './lib/use-key.ts';

interface Both {
  source: Decryption;
  destination: ResolvedKey;
}

export const reEncrypt = operation<ReEncryptCommandInput, ReEncryptCommandOutput, Both>(ReEncrypt$, {
  async authorize(input, ctx) {
    const things = await kmsThings(ctx);
    const sourceAlgorithm = input.SourceEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT';
    const accessTo = (
      side: 'ReEncryptFrom' | 'ReEncryptTo',
      algorithm: string,
      context: Record<string, string> | undefined,
    ): KeyAccess => ({
      action: side,
      aliases: true,
      shared: true,
      conditions: { 'kms:EncryptionAlgorithm': algorithm, ...encryptionContextConditions(context) },
      grant: { operation: side, context: context ?? {} },
      grantTokens: input.GrantTokens,
    });
    const from = {
      ...accessTo('ReEncryptFrom', sourceAlgorithm, input.SourceEncryptionContext),
      byCiphertext: input.SourceKeyId === undefined,
    };
    const to = accessTo(
      'ReEncryptTo',
      input.DestinationEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
      input.DestinationEncryptionContext,
    );
    const source = findDecryptionKey(
      ctx,
      things,
      {
        ciphertext: input.CiphertextBlob,
        keyId: input.SourceKeyId,
        algorithm: sourceAlgorithm,
        members: { ciphertext: 'ciphertextBlob', keyId: 'sourceKeyId' },
        dryRun: input.DryRun === true,
        ignoreCiphertext: input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT') === true,
      },
      from,
    );
    const decide = (found: ResolvedKey, access: KeyAccess, same: boolean) =>
      decideOnKey(ctx, things, found, {
        ...access,
        conditions: { ...access.conditions, 'kms:ReEncryptOnSameKey': String(same) },
      });
    const findDestination = () => {
      try {
        return findKey(ctx, things, input.DestinationKeyId, to);
      } catch (error) {
        // What is said of a destination that is not there would tell that the source is.
        const decision = decide(source.found, from, false);
        if (decision.kind !== 'allowed') throw new KmsError('AccessDeniedException', decision.message);
        throw error;
      }
    };
    const destination = findDestination();
    const same = source.found.key.id === destination.key.id;
    return {
      decisions: [decide(source.found, from, same), decide(destination, to, same)],
      subject: { source, destination },
    };
  },

  async handle(input, ctx, { source, destination }) {
    const { found, blob } = source;
    const material = blob === undefined ? undefined : materialOf(ctx, { found, blob });
    requireUsable(ctx, found);
    requireUsage(found, 'ENCRYPT_DECRYPT', 'ReEncrypt');
    requireUsable(ctx, destination);
    requireUsage(destination, 'ENCRYPT_DECRYPT', 'ReEncrypt');
    const from = requireAlgorithm(
      found,
      'EncryptionAlgorithms',
      input.SourceEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    );
    const to = requireAlgorithm(
      destination,
      'EncryptionAlgorithms',
      input.DestinationEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    );
    refuseContext(from, input.SourceEncryptionContext);
    refuseContext(to, input.DestinationEncryptionContext);
    const sourceAad = aadOf(found, input.SourceEncryptionContext);
    const destinationAad = aadOf(destination, input.DestinationEncryptionContext);
    if (input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT') === true) endDryRun(input.DryRun);
    const asymmetric = input.CiphertextBlob ?? new Uint8Array();
    const { ciphertext } = await moved(
      ctx,
      from === 'SYMMETRIC_DEFAULT'
        ? { found, algorithm: from, material, aad: sourceAad, ciphertext: blob?.ciphertext ?? new Uint8Array() }
        : { found, algorithm: from, ciphertext: asymmetric },
      to === 'SYMMETRIC_DEFAULT'
        ? { found: destination, algorithm: to, aad: destinationAad }
        : { found: destination, algorithm: to },
    );
    endDryRun(input.DryRun);
    noteUse(ctx, found, 'ReEncrypt');
    noteUse(ctx, destination, 'ReEncrypt');
    const symmetric = to === 'SYMMETRIC_DEFAULT';
    const sourceMaterial = material === undefined ? undefined : materialMember(found, material).KeyMaterialId;
    const { KeyMaterialId: destinationMaterial } = symmetric ? materialMember(destination) : {};
    return {
      CiphertextBlob: symmetric ? blobOf(destination, ciphertext) : ciphertext,
      SourceKeyId: found.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: from,
      DestinationEncryptionAlgorithm: to,
      ...(sourceMaterial === undefined ? {} : { SourceKeyMaterialId: sourceMaterial }),
      ...(destinationMaterial === undefined ? {} : { DestinationKeyMaterialId: destinationMaterial }),
    };
  },
});
