import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openJob } from '../../../../src/daemon/envelope/open-job.ts';
import { readMessageHeader } from '../../../../src/renderer/features/kms/files/read-message-header.ts';

const ARNS = ['11111111-2222-4333-8444-555555555555', '66666666-7777-4888-9999-000000000000'].map(
  (id) => `arn:aws:kms:eu-central-1:123456789012:key/${id}`,
);

/** A message as the Encryption SDK itself makes it, over a KMS whose answers are random bytes. */
async function makeMessage(context: Record<string, string>): Promise<Buffer> {
  const ask = async (_region: string, operation: string, { KeyId }: Record<string, unknown>) => {
    const blob = randomBytes(180).toString('base64');
    if (operation === 'DescribeKey') return { KeyMetadata: { Arn: KeyId } };
    return { KeyId, CiphertextBlob: blob, Plaintext: randomBytes(32).toString('base64') };
  };
  const job = { direction: 'encrypt', account: 'lab', region: 'eu-central-1', keys: ARNS, context } as const;
  const { exchange } = await openJob(job, '123456789012', ask);
  return Buffer.concat(await exchange.pass(Buffer.from('hello'), true));
}

describe('the header of a message', () => {
  test('says which keys open it and in which context, as the Encryption SDK wrote them', async () => {
    const context = { job: 'nightly', Größe: '3 € 💶', empty: '' };
    const read = readMessageHeader(await makeMessage(context));
    if (read.kind !== 'message') throw new Error(`read as ${read.kind}`);
    expect(read.keys).toEqual(ARNS);
    const { 'aws-crypto-public-key': signature, ...own } = read.context;
    expect(own).toEqual(context);
    expect(signature).toBeDefined();
    expect(read.signed).toBe(true);
  });

  test('says whether the message carries a signature', async () => {
    const message = await makeMessage({});
    message.writeUInt16BE(0x0478, 1);
    expect(readMessageHeader(message)).toMatchObject({ kind: 'message', signed: false });
  });

  test('shows every pair, whatever others called it', async () => {
    const message = await makeMessage({ __prot0__: 'x', toString: 'y' });
    message.write('__proto__', message.indexOf('__prot0__'));
    const read = readMessageHeader(message);
    if (read.kind !== 'message') throw new Error(`read as ${read.kind}`);
    const { 'aws-crypto-public-key': _, ...own } = read.context;
    expect(Object.entries(own).sort()).toEqual([
      ['__proto__', 'x'],
      ['toString', 'y'],
    ]);
  });

  test('wherever it is cut, it is no message, and no byte of it crashes the reader', async () => {
    const message = await makeMessage({ job: 'nightly' });
    const end = message.lastIndexOf(Buffer.from(ARNS[1] ?? '')) + 100;
    for (let length = 0; length < end; length++) {
      expect(readMessageHeader(message.subarray(0, length)).kind).toBe('other');
    }
    fc.assert(
      fc.property(fc.nat(end), fc.nat(255), (at, byte) => {
        const edited = Buffer.from(message);
        edited[at] = byte;
        expect(['message', 'uncommitted', 'other']).toContain(readMessageHeader(edited).kind);
      }),
    );
  });

  test('other files are none, and a message without commitment is told from one with it', () => {
    const source = readFileSync(new URL(import.meta.url));
    expect(readMessageHeader(source)).toEqual({ kind: 'other' });
    expect(readMessageHeader(createHash('sha512').update(source).digest())).toEqual({ kind: 'other' });
    expect(readMessageHeader(Uint8Array.of(1, 0x80, 0x03, 0x78))).toEqual({ kind: 'uncommitted' });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readMessageHeader(Uint8Array.of(2, 0x05, 0x78, ...bytes)).kind).toMatch(/message|other/);
      }),
    );
  });
});
