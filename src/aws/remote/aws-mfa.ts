import { fromBase32 } from '../../contract/base32.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { AwsMfa, RemotePlace } from '../../core/core.ts';
import { switchMfa } from '../../core/otp/iam-mfa.ts';
import { elementOf } from './element-of.ts';
import { queryRemote, type RemoteParts } from './query-remote.ts';

const IAM = { service: 'iam', version: '2010-05-08' };

/** The few operations of IAM that a virtual MFA device is enrolled with. */
export function createAwsMfa(parts: RemoteParts): AwsMfa {
  const call = (place: RemotePlace, action: string, parameters: Readonly<Record<string, string>> = {}) =>
    queryRemote(place, { ...IAM, action, parameters }, parts);
  return {
    ...switchMfa(call),

    async userName(place) {
      const name = elementOf(await call(place, 'GetUser'), 'UserName')?.toString('utf8');
      if (name !== undefined && name !== '') return name;
      throw new KeyholdError('InvalidInput', 'This access key belongs to no IAM user. Name the user it is for.');
    },

    async create(place, deviceName) {
      const answer = await call(place, 'CreateVirtualMFADevice', { VirtualMFADeviceName: deviceName });
      // Its QR code holds the seed as well.
      try {
        const serialNumber = elementOf(answer, 'SerialNumber')?.toString('utf8');
        const encoded = elementOf(answer, 'Base32StringSeed');
        const seed = encoded === undefined ? null : seedOf(encoded);
        if (serialNumber !== undefined && seed !== null) return { serialNumber, seed };
        throw new KeyholdError('Internal', 'AWS answered CreateVirtualMFADevice in a form that is not known here.');
      } finally {
        answer.fill(0);
      }
    },

    async isEnabled(place, { userName, serialNumber }) {
      const answer = await call(place, 'ListMFADevices', { UserName: userName });
      return answer.includes(`<SerialNumber>${serialNumber}</SerialNumber>`);
    },
  };
}

/** A blob of base32 text, so base64 in XML. */
function seedOf(encoded: Buffer): Uint8Array | null {
  const ascii = decodeBase64(encoded);
  try {
    return ascii === null ? null : fromBase32(ascii);
  } finally {
    ascii?.fill(0);
  }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** By hand: Node's own decoder takes text, which cannot be wiped. */
function decodeBase64(encoded: Uint8Array): Uint8Array | null {
  const bytes = new Uint8Array(Math.ceil((encoded.length * 3) / 4));
  let filled = 0;
  let held = 0;
  let bits = 0;
  for (const byte of encoded) {
    const character = String.fromCharCode(byte);
    if (character === '=' || character === '\n' || character === '\r') continue;
    const value = BASE64.indexOf(character);
    if (value === -1) {
      bytes.fill(0);
      return null;
    }
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[filled++] = (held >> bits) & 0xff;
  }
  const exact = bytes.slice(0, filled);
  bytes.fill(0);
  return exact;
}
