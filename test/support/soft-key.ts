import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { KEYHOLD_RP_ID } from '../../src/core/fido/rp-id.ts';
import type { Hsm, HsmInput } from '../../src/core/hsm/protocol.ts';
import { cborMap, encode } from '../device/cbor.ts';
import { concat } from '../device/emulated-device.ts';
import { coseOf, createPinProtocol } from '../device/pin-protocol.ts';
import { Request } from '../device/status.ts';

type Assertion = Extract<HsmInput<'makeKeySlot'>['factors'][number], { factor: 'fido2' }>;

/** A security key without its plug: what it knows and what it answers, for tests of the HSM process alone. */
export interface SoftKey {
  credentialId: Uint8Array;
  publicKey: Uint8Array;
  /** The same as coordinates: some point of P-256. */
  point: { x: Uint8Array; y: Uint8Array };
  /** Has the HSM ask for this salt and answers as the key would. */
  answer(
    hsm: Hsm,
    salt: Uint8Array,
    how?: { uv?: boolean; protocol?: 1 | 2; rpId?: string; up?: boolean; hash?: Uint8Array },
  ): Promise<{ handle: string; authData: Uint8Array; signature: Uint8Array }>;
  /** The same as a factor of a new slot. */
  factor(hsm: Hsm, salt: Uint8Array, uv?: boolean): Promise<Assertion>;
}

export function createSoftKey(): SoftKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' });
  const coordinate = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64url'));
  const own = { x: coordinate(jwk.x), y: coordinate(jwk.y) };
  const cose = encode(coseOf(own.x, own.y, -7));
  const secrets = { with: new Uint8Array(32).fill(7), without: new Uint8Array(32).fill(9) };
  const key: SoftKey = {
    credentialId: new Uint8Array(createHash('sha256').update(cose).digest()),
    publicKey: cose,
    point: own,
    async answer(hsm, salt, { uv = true, protocol = 2, rpId = KEYHOLD_RP_ID, up = true, hash } = {}) {
      const half = createPinProtocol(protocol);
      const offered = half.publicKey();
      const point = { x: bytesIn(offered, -2), y: bytesIn(offered, -3) };
      const begun = await hsm.call('pinUvBegin', { protocol, authenticatorKey: point });
      const input = await hsm.call('hmacSecretInput', { handle: begun.handle, salt });
      const platform = new Request(coseOf(begun.platformKey.x, begun.platformKey.y, -25));
      const shared = half.decapsulate(platform);
      if (!half.verify(shared, input.saltEnc, input.saltAuth)) throw new Error('the salt is not authentic');
      const secret = uv ? secrets.with : secrets.without;
      const output = createHmac('sha256', secret).update(half.decrypt(shared, input.saltEnc)).digest();
      const extensions = encode(cborMap([['hmac-secret', half.encrypt(shared, output)]]));
      const head = Buffer.alloc(5);
      head[0] = (up ? 1 : 0) | (uv ? 4 : 0) | 0x80;
      head.writeUInt32BE(17, 1);
      const authData = concat(createHash('sha256').update(rpId).digest(), head, extensions);
      const signature = new Uint8Array(sign('sha256', concat(authData, hash ?? input.clientDataHash), privateKey));
      return { handle: begun.handle, authData, signature };
    },
    async factor(hsm, salt, uv = true) {
      const answered = await key.answer(hsm, salt, { uv });
      const { credentialId } = key;
      return { factor: 'fido2', rpId: KEYHOLD_RP_ID, credentialId, publicKey: cose, salt, uv, ...answered };
    },
  };
  return key;
}

function bytesIn(map: ReadonlyMap<unknown, unknown>, label: number): Uint8Array {
  const value = map.get(label);
  if (value instanceof Uint8Array) return value;
  throw new Error('no coordinate');
}
