import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeProxyCiphertext,
  encodeProxyCiphertext,
  integrityValue,
} from '../../../src/aws/kms/lib/xks/proxy-api.ts';

const base64 = (text: string) => new Uint8Array(Buffer.from(text, 'base64'));
const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength });

describe('what a proxy answers to Encrypt', () => {
  test('has the integrity value of the XKS Proxy API specification’s example', () => {
    const value = integrityValue(base64('cHJvamVjdD1uaWxlLGRlcGFydG1lbnQ9bWFya2V0aW5n'), {
      tag: base64('vBxN2ncH1oEkR8WVXpmyYQ=='),
      ciphertext: base64('ghxkK1txeDNn3q8Y'),
      metadata: base64('a2V5X3ZlcnNpb249MQ=='),
      iv: base64('HMrlRw85cAJUd5Ax'),
    });
    expect(value).toEqual(base64('qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc='));
  });

  test('decodes to what was encoded', () => {
    const iv = fc.oneof(bytes(12, 12), bytes(16, 16));
    fc.assert(
      fc.property(bytes(0, 20), iv, bytes(16, 16), bytes(1, 200), (metadata, nonce, tag, ciphertext) => {
        const parts = { metadata, iv: nonce, tag, ciphertext };
        expect(decodeProxyCiphertext(encodeProxyCiphertext(parts))).toEqual(parts);
      }),
    );
  });

  test('is what it decodes to: any bytes either are one or are not', () => {
    fc.assert(
      fc.property(bytes(0, 120), fc.nat(24), fc.constantFrom(0, 12, 13, 16), (blob, metadata, iv) => {
        if (blob.length > 0) blob[0] = metadata;
        if (blob.length > metadata + 1) blob[metadata + 1] = iv;
        const decoded = decodeProxyCiphertext(blob);
        if (decoded !== null) expect(encodeProxyCiphertext(decoded)).toEqual(blob);
      }),
    );
  });
});
