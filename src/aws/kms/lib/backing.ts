import type {
  AsymEncryptionAlgorithm,
  DataKeyPairSpec,
  HsmInput,
  HsmOperation,
  HsmOutput,
  MacAlgorithm,
  MessageType,
  SigningAlgorithm,
} from '../../../core/hsm/protocol.ts';
import type { KmsMaterial } from '../../../core/kms/records.ts';
import type { ResolvedKey } from '../../../core/kms/resolve-key.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { hsmBacking } from './hsm-backing.ts';
import { tokenBacking } from './token-backing.ts';
import { externalBacking } from './xks/external-backing.ts';

type Without<O extends HsmOperation> = Omit<HsmInput<O>, 'key'>;

/**
 * What a KMS key does with its key material, wherever that is kept; bytes and limits as on the HSM's channel (protocol-kms.ts), ciphertexts without
 * their blob's header. Who may use the key, and in which state, has been decided. Rejects with KmsError.
 */
export interface Backing {
  encrypt(input: Without<'kmsEncrypt'>): Promise<HsmOutput<'kmsEncrypt'>>;
  decrypt(input: Without<'kmsDecrypt'> & { material: KmsMaterial | undefined }): Promise<HsmOutput<'kmsDecrypt'>>;
  generateDataKey(input: Without<'kmsGenerateDataKey'>): Promise<HsmOutput<'kmsGenerateDataKey'>>;
  generateDataKeyPair(input: {
    aad: Uint8Array;
    spec: DataKeyPairSpec;
    reveal: boolean;
  }): Promise<HsmOutput<'kmsGenerateDataKeyPair'>>;
  asymEncrypt(input: { algorithm: AsymEncryptionAlgorithm; plaintext: Uint8Array }): Promise<HsmOutput<'asymEncrypt'>>;
  asymDecrypt(input: { algorithm: AsymEncryptionAlgorithm; ciphertext: Uint8Array }): Promise<HsmOutput<'asymDecrypt'>>;
  sign(input: ToSign): Promise<HsmOutput<'kmsSign'>>;
  verify(input: ToSign & { signature: Uint8Array }): Promise<HsmOutput<'kmsVerify'>>;
  mac(input: { algorithm: MacAlgorithm; message: Uint8Array }): Promise<HsmOutput<'kmsMac'>>;
  verifyMac(input: {
    algorithm: MacAlgorithm;
    message: Uint8Array;
    mac: Uint8Array;
  }): Promise<HsmOutput<'kmsVerifyMac'>>;
}

interface ToSign {
  algorithm: SigningAlgorithm;
  messageType: MessageType;
  message: Uint8Array;
}

/** Where the key's material is: in the vault's HSM, in a token, or half there and half with an external key manager. */
export function backingOf(ctx: OperationContext, found: ResolvedKey): Backing {
  switch (found.key.value.origin) {
    case 'AWS_CLOUDHSM':
      return tokenBacking(ctx, found);
    case 'EXTERNAL_KEY_STORE':
      return externalBacking(ctx, found);
    default:
      return hsmBacking(ctx, found);
  }
}
