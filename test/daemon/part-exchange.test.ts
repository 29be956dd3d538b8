import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node';
import { describe, expect, test } from 'vitest';
import { FILE_PART_BYTES, FileJob } from '../../src/contract/files.ts';
import { localKms } from '../../src/daemon/envelope/local-kms.ts';
import { openJob } from '../../src/daemon/envelope/open-job.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';
const ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-4333-8444-555555555555`;
const JOB: FileJob = { direction: 'decrypt', account: 'lab', region: REGION, context: {} };
const dataKey = randomBytes(32).toString('base64');

/** A KMS whose only data key is always the same. */
const ask = async (): Promise<unknown> => ({
  KeyId: ARN,
  CiphertextBlob: randomBytes(180).toString('base64'),
  Plaintext: dataKey,
});

/** A message as whoever likes long frames makes it. */
async function makeMessage(plain: Uint8Array, frameLength: number): Promise<Buffer> {
  const { encryptStream } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
  const kms = localKms({ accountId: ACCOUNT, region: REGION }, ask);
  const keyring = new KmsKeyringNode({ clientProvider: (region) => kms.supply(region), generatorKeyId: ARN });
  const stream = encryptStream(keyring, { frameLength });
  const out: Buffer[] = [];
  stream.on('data', (bytes: Buffer) => out.push(bytes));
  stream.end(plain);
  await finished(stream);
  return Buffer.concat(out);
}

test('a pair of the context that would be left out unseen is refused', () => {
  const parsed = FileJob.safeParse(
    JSON.parse(
      `{"direction":"encrypt","account":"lab","region":"eu-central-1","keys":["a"],"context":{"__proto__":"x"}}`,
    ),
  );
  expect(parsed.error?.issues).toMatchObject([
    { path: ['context'], message: expect.stringContaining('cannot be called __proto__') },
  ]);
});

describe('a message with long frames', () => {
  test('is decrypted where it is no longer than what may be held, whatever it says of its frames', async () => {
    const plain = randomBytes(5 * FILE_PART_BYTES);
    const { exchange } = await openJob(JOB, ACCOUNT, ask);
    const message = await makeMessage(plain, 2_000_000_000);
    const out: Buffer[] = [];
    for (let at = 0; at < message.length; at += FILE_PART_BYTES) {
      const part = message.subarray(at, at + FILE_PART_BYTES);
      out.push(...(await exchange.pass(part, at + FILE_PART_BYTES >= message.length)));
    }
    expect(Buffer.concat(out).equals(plain)).toBe(true);
  });

  test('is given up, and said where it can be read, before more of one is held than that', async () => {
    const message = await makeMessage(Buffer.from('x'), 2_000_000_000);
    const header = message.subarray(0, message.lastIndexOf(Buffer.from('ffffffff00000001', 'hex')));
    const { exchange, explain } = await openJob(JOB, ACCOUNT, ask);
    const first = Buffer.from(`00000001${'00'.repeat(12)}`, 'hex');
    await exchange.pass(Buffer.concat([header, first]), false);
    const part = Buffer.alloc(FILE_PART_BYTES);
    let parts = 0;
    const endless = async (): Promise<void> => {
      for (; parts < 20; parts++) await exchange.pass(part, false);
    };
    const error = await endless().then(() => undefined, explain);
    expect(error).toMatchObject({
      code: 'Unsupported',
      message: expect.stringMatching(/longer than 64 MiB.*keyhold decrypt/),
    });
    expect(parts).toBe(16);
  });
});
