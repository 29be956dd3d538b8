import { toHex } from '../../../core/crypto/bytes.ts';
import { wipe } from '../../../core/crypto/wipe.ts';
import type { TokenSigningAlgorithm } from '../../../core/hsm/pkcs11/protocol.ts';
import type {
  AsymEncryptionAlgorithm,
  DataKeyPairSpec,
  MessageType,
  RsaEncryptionAlgorithm,
  SigningAlgorithm,
} from '../../../core/hsm/protocol.ts';
import { KmsError } from '../../../core/kms/kms-error.ts';
import type { KmsMaterial } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import { currentMaterial } from '../../../core/kms/rotation.ts';
import { tokenKeyId } from '../../../core/kms/token-keys.ts';
import type { TokenBackend } from '../../../core/tokens/token-backend.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import type { Backing } from './backing.ts';
import { passKeyGate } from './key-gate.ts';
import { storeOf, tokenBackendOf } from './key-stores.ts';
import { inToken } from './token-error.ts';
import { requireUsable } from './use-key.ts';

/** The longest data key pair's private key is an RSA_4096 of some 2,400 bytes, and a token encrypts 4,096. */
const AES_KEY = { spec: 'AES_256', usage: ['encrypt', 'decrypt'], label: 'kms data key pair' } as const;

/** A key whose material is in a PKCS#11 token. */
export function tokenBacking(ctx: OperationContext, found: ResolvedKey): Backing {
  const { key, arn } = found;

  /** Looks at the key's state once more when the token is at hand: nothing may reach it after it was disconnected. */
  function use<T>(
    work: (token: TokenBackend, keyId: string) => Promise<T>,
    material: KmsMaterial | undefined = currentMaterial(key.value),
  ): Promise<T> {
    return inToken(arn, async () => {
      await ctx.session.hsm.call('admitKeyUse', {});
      await passKeyGate(ctx, found);
      const token = await tokenBackendOf(ctx, storeOf(ctx.session.things, key.value).value);
      requireUsable(ctx, found);
      if (material === undefined) throw new KmsError('KMSInvalidStateException', `${arn} has no key material.`);
      return work(token, tokenKeyId(material));
    });
  }

  return {
    encrypt: (input) => use((token, keyId) => token.encrypt({ keyId, ...input })),
    decrypt: ({ material, ...input }) => use((token, keyId) => token.decrypt({ keyId, ...input }), material),
    generateDataKey: (input) => use((token, keyId) => token.generateDataKey({ keyId, ...input })),
    async generateDataKeyPair({ aad, spec, reveal }) {
      const { publicKey, privateKey } = await newKeyPair(ctx, spec);
      try {
        const { ciphertext } = await use((token, keyId) => token.encrypt({ keyId, aad, plaintext: privateKey }));
        const pair = { publicKey, privateCiphertext: ciphertext };
        return reveal ? { ...pair, privatePlaintext: privateKey.slice() } : pair;
      } finally {
        wipe(privateKey);
      }
    },
    asymEncrypt: ({ algorithm, plaintext }) =>
      use((token, keyId) => token.asymEncrypt({ keyId, algorithm: rsaOnly(algorithm), plaintext })),
    asymDecrypt: ({ algorithm, ciphertext }) =>
      use((token, keyId) => token.asymDecrypt({ keyId, algorithm: rsaOnly(algorithm), ciphertext })),
    sign: (input) => use((token, keyId) => token.sign({ keyId, ...forToken(input) })),
    verify: ({ signature, ...input }) => use((token, keyId) => token.verify({ keyId, ...forToken(input), signature })),
    mac: (input) => use((token, keyId) => token.mac({ keyId, ...input })),
    verifyMac: (input) => use((token, keyId) => token.verifyMac({ keyId, ...input })),
  };
}

/** Key pairs are made by the vault's HSM, which tells a private key only together with its encryption: here under a key that nobody keeps. */
async function newKeyPair(
  ctx: OperationContext,
  spec: DataKeyPairSpec,
): Promise<{ publicKey: Uint8Array; privateKey: Uint8Array }> {
  const { hsm } = ctx.session;
  const id = ctx.session.newId();
  const { blob } = await hsm.call('generateKmsMaterial', {
    id,
    ...AES_KEY,
    usage: [...AES_KEY.usage],
    createdAt: ctx.now(),
    materialContext: new Uint8Array(),
  });
  try {
    const key = { id, version: 1, blob };
    const aad = new Uint8Array();
    const made = await hsm.call('kmsGenerateDataKeyPair', { key, aad, spec, reveal: true });
    if (made.privatePlaintext === undefined)
      throw new TypeError(`the HSM told no private key of ${toHex(made.publicKey)}`);
    return { publicKey: made.publicKey, privateKey: made.privatePlaintext };
  } finally {
    await hsm.call('dropObjects', { ids: [id] });
  }
}

interface ToSign {
  algorithm: SigningAlgorithm;
  messageType: MessageType;
  message: Uint8Array;
}

function isTokenAlgorithm(algorithm: SigningAlgorithm): algorithm is TokenSigningAlgorithm {
  return algorithm.startsWith('RSASSA_') || algorithm.startsWith('ECDSA_');
}

/** No token key is an SM2 key, and spec and algorithm have been found to fit. */
function rsaOnly(algorithm: AsymEncryptionAlgorithm): RsaEncryptionAlgorithm {
  if (algorithm !== 'SM2PKE') return algorithm;
  throw new KmsError('UnsupportedOperationException', `A key in a token does not encrypt with ${algorithm}.`);
}

function forToken({ algorithm, messageType, message }: ToSign) {
  // Spec and algorithm have been found to fit, so these are of specs that no token key has.
  if (!isTokenAlgorithm(algorithm) || messageType === 'EXTERNAL_MU') {
    throw new KmsError('UnsupportedOperationException', `A key in a token does not sign with ${algorithm}.`);
  }
  return { algorithm, messageType, message };
}
