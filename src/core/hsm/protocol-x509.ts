import type { Sealed } from '../../contract/schemas.ts';
import type { ObjectAttributes, ObjectRef, SealedBlob } from './protocol.ts';

/** What the key of a certificate for IAM Roles Anywhere may be. */
export type X509KeySpec = 'EC_P256' | 'EC_P384' | 'RSA_2048' | 'RSA_3072' | 'RSA_4096';

/** Operation → [input, output]. Keys of certificates are key pairs whose only usage is `sign`: they are no keys of the KMS, and its operations do not make any such. */
export interface X509HsmOperations {
  /**
   * Puts a private key (purpose `private-key`: PEM, PKCS #8, PKCS #1 or SEC 1, not encrypted) into a new object with the usage `sign`. `publicKey` is SubjectPublicKeyInfo DER.
   * `InvalidKeyMaterial` for what is no such key, or of another kind.
   */
  importX509Key: [
    { id: string; sealed: Sealed; label: string; createdAt: number },
    { attributes: ObjectAttributes; blob: SealedBlob; publicKey: Uint8Array; spec: X509KeySpec },
  ];
  /**
   * Signs over SHA-256, as AWS4-X509-RSA-SHA256 and AWS4-X509-ECDSA-SHA256 want it of keys of every length: RSASSA-PKCS1-v1_5, or ECDSA as DER. Signs a string to sign of these two,
   * or a CertificationRequestInfo (RFC 2986), and nothing else: no certificate, and no message of anybody’s. `HsmRefused` for keys of the KMS.
   */
  x509Sign: [{ key: ObjectRef; message: Uint8Array }, { signature: Uint8Array }];
}
