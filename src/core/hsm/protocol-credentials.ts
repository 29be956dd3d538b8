import type { SealedReply } from '../../contract/schemas.ts';
import type { ObjectAttributes, ObjectRef, RecordSealed, SealedBlob, SlotRow } from './protocol.ts';
import type { WayIn } from './protocol-fido.ts';

/** The operations of the HSM's channel for what an IAM user has besides access keys (docs/adr/0042). Operation → [input, output]. */
export interface CredentialHsmOperations {
  /** A new key pair, of spec SSH_RSA_4096: `publicKey` is OpenSSH's `ssh-rsa AAAA…`, without a comment. */
  generateSshKey: [
    { id: string; label: string; createdAt: number },
    { attributes: ObjectAttributes; blob: SealedBlob; publicKey: string },
  ];
  /**
   * What a tool is given, sealed to a caller (purpose `credential`) who proves a way into the vault again, one of these slots. Of a SERVICE_PASSWORD the password; of an SSH_RSA_4096 the private key
   * as PEM (PKCS#1); of an AWS_SECRET_ACCESS_KEY never the secret, but the password for Amazon SES's SMTP in `smtpRegion` that follows from it. `WrongSecret`, counted like an unlock. With `enrolled`
   * security keys, a password alone wants a touch of one of them for this besides, as `otpExport` does.
   */
  revealCredential: [
    {
      key: ObjectRef;
      smtpRegion?: string;
      secret: WayIn;
      slots: SlotRow[];
      enrolled: RecordSealed[];
      replyKey: Uint8Array;
    },
    { credential: SealedReply; slot: number },
  ];
}
