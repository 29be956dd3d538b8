import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const RP_HASH = createHash('sha256').update('keyhold.invalid').digest();
const FLAG = { touched: 0x01, verified: 0x04, attested: 0x40 } as const;

export interface SoftAnswer {
  credentialId: Uint8Array;
  authenticatorData: Uint8Array;
  signature: Uint8Array;
}

export interface SoftSecurityKey {
  credentialId: Uint8Array;
  /** What a new credential is made with. */
  registration(change?: { rpHash?: Buffer; flags?: number }): Uint8Array;
  touch(clientDataHash: Uint8Array, change?: { rpHash?: Buffer; flags?: number; count?: number }): SoftAnswer;
  /** The counter that the next touch shows is one more; zero stays zero. */
  count: number;
}

/** What a security key does, without the device: for what happens behind it. */
export function softSecurityKey({ counts = true }: { counts?: boolean } = {}): SoftSecurityKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const point = publicKey.export({ format: 'der', type: 'spki' }).subarray(-64);
  const cose = Buffer.concat([
    Buffer.from('a5010203262001215820', 'hex'),
    point.subarray(0, 32),
    Buffer.from('225820', 'hex'),
    point.subarray(32),
  ]);
  const credentialId = new Uint8Array(randomBytes(24));
  const head = (rpHash: Buffer, flags: number, count: number): Buffer => {
    const tail = Buffer.alloc(5);
    tail.writeUInt8(flags, 0);
    tail.writeUInt32BE(count, 1);
    return Buffer.concat([rpHash, tail]);
  };
  const self: SoftSecurityKey = {
    credentialId,
    count: 0,
    registration({ rpHash = RP_HASH, flags = FLAG.touched | FLAG.attested } = {}) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(credentialId.length);
      return new Uint8Array(
        Buffer.concat([head(rpHash, flags, self.count), Buffer.alloc(16), length, credentialId, cose]),
      );
    },
    touch(clientDataHash, { rpHash = RP_HASH, flags = FLAG.touched, count } = {}) {
      if (counts) self.count += 1;
      const authenticatorData = new Uint8Array(head(rpHash, flags, count ?? self.count));
      const signature = new Uint8Array(sign('sha256', Buffer.concat([authenticatorData, clientDataHash]), privateKey));
      return { credentialId, authenticatorData, signature };
    },
  };
  return self;
}
