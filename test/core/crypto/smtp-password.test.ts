import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64Bytes } from '../../../src/core/crypto/base64-bytes.ts';
import { deriveSmtpPassword } from '../../../src/core/crypto/smtp-password.ts';

const password = (secret: string, region: string) =>
  Buffer.from(base64Bytes(deriveSmtpPassword(Buffer.from(secret), region))).toString('latin1');

// The values of terraform-provider-aws, which are those of AWS's own script.
test.each([
  ['some+secret+key', 'eu-central-1', 'BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2'],
  ['another+secret+key', 'eu-central-1', 'BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh'],
  ['some+secret+key', 'us-west-1', 'BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj'],
  ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'us-east-1', 'BLBM/9hSUELfq8Gw+rU1YcBjkOxGbhT2XG763xVLGWL9'],
])('the SMTP password of %s in %s', (secret, region, expected) => {
  expect(password(secret, region)).toBe(expected);
});

test('base64 as bytes is what Node writes as text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(Buffer.from(base64Bytes(bytes)).toString('latin1')).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});
