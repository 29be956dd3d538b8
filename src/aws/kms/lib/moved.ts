import { wipe } from '../../../core/crypto/wipe.ts';
import type { AsymEncryptionAlgorithm, ReEncryptDestination, ReEncryptSource } from '../../../core/hsm/protocol.ts';
import type { KmsMaterial } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { backingOf } from './backing.ts';
import { current, inHsm, materialRef } from './use-key.ts';

type Source =
  | {
      found: ResolvedKey;
      algorithm: 'SYMMETRIC_DEFAULT';
      material: KmsMaterial | undefined;
      aad: Uint8Array;
      ciphertext: Uint8Array;
    }
  | { found: ResolvedKey; algorithm: AsymEncryptionAlgorithm; ciphertext: Uint8Array };
type Destination =
  | { found: ResolvedKey; algorithm: 'SYMMETRIC_DEFAULT'; aad: Uint8Array }
  | { found: ResolvedKey; algorithm: AsymEncryptionAlgorithm };

/** Encrypts with one key what another has encrypted. Between two keys of the HSM the plaintext stays there; else it passes through here, and is wiped. */
export async function moved(
  ctx: OperationContext,
  source: Source,
  destination: Destination,
): Promise<{ ciphertext: Uint8Array }> {
  if (isInHsm(source.found) && isInHsm(destination.found)) {
    const input = { source: inHsmSource(ctx, source), destination: inHsmDestination(ctx, destination) };
    return inHsm(source.found, ctx.session.hsm.call('kmsReEncrypt', input));
  }
  const from = backingOf(ctx, source.found);
  const to = backingOf(ctx, destination.found);
  const { ciphertext } = source;
  const { plaintext } =
    source.algorithm === 'SYMMETRIC_DEFAULT'
      ? await from.decrypt({ material: source.material, aad: source.aad, ciphertext })
      : await from.asymDecrypt({ algorithm: source.algorithm, ciphertext });
  try {
    if (destination.algorithm !== 'SYMMETRIC_DEFAULT') {
      return await to.asymEncrypt({ algorithm: destination.algorithm, plaintext });
    }
    return await to.encrypt({ aad: destination.aad, plaintext });
  } finally {
    wipe(plaintext);
  }
}

function isInHsm({ key }: ResolvedKey): boolean {
  return key.value.keyStore === undefined;
}

function inHsmSource(ctx: OperationContext, source: Source): ReEncryptSource {
  const { found, ciphertext } = source;
  if (source.algorithm !== 'SYMMETRIC_DEFAULT') {
    return { key: current(ctx, found).ref, algorithm: source.algorithm, ciphertext };
  }
  const { algorithm, material, aad } = source;
  return { key: materialRef(ctx, found, material), algorithm, aad, ciphertext };
}

function inHsmDestination(ctx: OperationContext, destination: Destination): ReEncryptDestination {
  const key = current(ctx, destination.found).ref;
  if (destination.algorithm !== 'SYMMETRIC_DEFAULT') return { key, algorithm: destination.algorithm };
  return { key, algorithm: destination.algorithm, aad: destination.aad };
}
