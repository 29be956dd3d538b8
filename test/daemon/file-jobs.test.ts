import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FILE_PART_BYTES, type FileJob } from '../../src/contract/files.ts';
import { PAGE_KEY_HEADER, WEB } from '../../src/contract/wire.ts';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';

const PLACE = { account: 'lab', region: 'eu-central-1' } as const;
let daemon: TestDaemon;
let headers: Record<string, string>;
let first: string;
let second: string;

beforeAll(async () => {
  daemon = await startTestDaemon();
  await daemon.create();
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: PLACE.region });
  first = await createKey('alias/first');
  second = await createKey('alias/second');
  headers = await signIn();
});
afterAll(() => daemon?.stop());

async function kms(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  return (await daemon.call('service.call', { ...PLACE, service: 'kms', operation, input })).output;
}

async function createKey(alias: string): Promise<string> {
  const { KeyMetadata } = (await kms('CreateKey', {})) as { KeyMetadata: { Arn: string } };
  await kms('CreateAlias', { AliasName: alias, TargetKeyId: KeyMetadata.Arn });
  return KeyMetadata.Arn;
}

/** The headers of a page that has signed in. */
async function signIn(): Promise<Record<string, string>> {
  const { url } = await daemon.call('ui.open', {});
  const { origin, hash } = new URL(url);
  const answer = await fetch(`${origin}${WEB.session}`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: hash.slice('#token='.length) }),
  });
  const { result } = (await answer.json()) as { result: { pageKey: string } };
  const cookie = answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  return { origin, cookie, [PAGE_KEY_HEADER]: result.pageKey };
}

async function send(id: string, index: number, last: boolean, bytes: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  const answer = await fetch(`${daemon.ui}${WEB.file}?id=${id}&index=${index}&last=${last}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/octet-stream' },
    body: bytes,
  });
  const out = Buffer.from(await answer.arrayBuffer());
  if (answer.ok) return out;
  throw Object.assign(new Error(out.toString()), { status: answer.status });
}

/** A whole file through a job, as the page sends it. */
async function pass(job: FileJob, file: Buffer): Promise<Buffer> {
  const { id } = await daemon.call('file.begin', job);
  const out: Buffer[] = [];
  for (let index = 0; ; index++) {
    const end = (index + 1) * FILE_PART_BYTES;
    const last = end >= file.length;
    out.push(await send(id, index, last, new Uint8Array(file.subarray(index * FILE_PART_BYTES, end))));
    if (last) return Buffer.concat(out);
  }
}

const encrypt = (keys: string[], context: Record<string, string> = {}): FileJob => ({
  direction: 'encrypt',
  ...PLACE,
  keys,
  context,
});
const decrypt = (context: Record<string, string> = {}): FileJob => ({ direction: 'decrypt', ...PLACE, context });

describe('files through the page’s route', () => {
  test.each([0, 1, FILE_PART_BYTES, FILE_PART_BYTES + 1, 3 * FILE_PART_BYTES - 7])(
    '%i bytes, there and back',
    async (size) => {
      const plain = randomBytes(size);
      const message = await pass(encrypt(['alias/first', second], { job: 'nightly' }), plain);
      expect(message.readUInt8(0)).toBe(2);
      expect(message.readUInt16BE(1)).toBe(0x0578);
      expect(message.includes(first) && message.includes(second) && message.includes('nightly')).toBe(true);
      const back = await pass(decrypt({ job: 'nightly' }), message);
      expect(back.equals(plain)).toBe(true);
    },
  );

  test('either key opens it alone, and the log has each call', async () => {
    const plain = randomBytes(5000);
    const message = await pass(encrypt([first, second]), plain);
    await kms('DisableKey', { KeyId: first });
    expect((await pass(decrypt(), message)).equals(plain)).toBe(true);
    await kms('EnableKey', { KeyId: first });
    const { entries } = await daemon.call('audit.list', { service: 'kms', limit: 20 });
    const calls = entries.map(({ event }) => [event.action, event.decision, event.target]);
    expect(calls).toContainEqual(['GenerateDataKey', 'allowed', first]);
    expect(calls).toContainEqual(['Encrypt', 'allowed', second]);
    expect(calls).toContainEqual(['Decrypt', 'denied', first]);
    expect(calls).toContainEqual(['Decrypt', 'allowed', second]);
  });

  test('what is wrong is said, and the job is over', async () => {
    const message = await pass(encrypt([first], { job: 'nightly' }), randomBytes(2 * FILE_PART_BYTES));
    const edited = Buffer.from(message);
    edited[message.length - 300] = (edited[message.length - 300] ?? 0) ^ 1;
    await expect(pass(decrypt(), edited)).rejects.toThrow(/InvalidCiphertext/);
    await expect(pass(decrypt(), message.subarray(0, message.length - 2000))).rejects.toThrow(/InvalidCiphertext/);
    await expect(pass(decrypt(), Buffer.from('no message at all'))).rejects.toThrow(/InvalidCiphertext/);
    await expect(pass(decrypt({ job: 'weekly' }), message)).rejects.toThrow(/with the context job=weekly/);
    await expect(pass(encrypt(['alias/nobody']), Buffer.alloc(1))).rejects.toMatchObject({ code: 'ServiceRefused' });
    await kms('DisableKey', { KeyId: first });
    await expect(pass(decrypt(), message)).rejects.toThrow(/is disabled/);
    await expect(pass(encrypt([first]), Buffer.alloc(1))).rejects.toThrow(/is disabled/);
    await kms('EnableKey', { KeyId: first });
  });

  test('a message of another account is not tried', async () => {
    const message = await pass(encrypt([first]), randomBytes(10));
    await daemon.call('account.add', { name: 'other', accountId: '999999999999', kind: 'local' });
    const job: FileJob = { ...decrypt(), account: 'other' };
    await expect(pass(job, message)).rejects.toThrow(/None of the keys that open this file is in the account 9{12}/);
  });

  test('parts come in order, once, not too large, and only to a job there is', async () => {
    const { id } = await daemon.call('file.begin', encrypt([first]));
    await expect(send('f'.repeat(32), 0, false, new Uint8Array(1))).rejects.toThrow(/no longer works on this file/);
    await expect(send(id, 0, false, new Uint8Array(FILE_PART_BYTES + 1))).rejects.toThrow(/more than/);
    await send(id, 0, false, new Uint8Array(1));
    await expect(send(id, 2, false, new Uint8Array(1))).rejects.toThrow(/another order/);
    await expect(send(id, 1, false, new Uint8Array(1))).rejects.toThrow(/no longer works on this file/);
    const begun = await daemon.call('file.begin', encrypt([first]));
    await daemon.call('file.cancel', { id: begun.id });
    await expect(send(begun.id, 0, true, new Uint8Array(1))).rejects.toThrow(/no longer works on this file/);
  });

  test('without the tab’s key, from another page or as a form, nothing is taken', async () => {
    const { id } = await daemon.call('file.begin', encrypt([first]));
    const path = `${daemon.ui}${WEB.file}?id=${id}&index=0&last=true`;
    const ask = (more: Record<string, string>): Promise<Response> =>
      fetch(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/octet-stream', ...more },
        body: 'x',
      });
    expect((await ask({ [PAGE_KEY_HEADER]: 'x' })).status).toBe(401);
    expect((await ask({ cookie: '' })).status).toBe(401);
    expect((await ask({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask({ 'content-type': 'text/plain' })).status).toBe(400);
    expect((await ask({})).status).toBe(200);
  });

  test('no more than eight at a time, and none outlives the lock', async () => {
    const begun: string[] = [];
    for (let count = 0; count < 8; count++) begun.push((await daemon.call('file.begin', encrypt([first]))).id);
    await expect(daemon.call('file.begin', encrypt([first]))).rejects.toMatchObject({ code: 'InUse' });
    await daemon.call('vault.lock', {});
    await daemon.unlock();
    for (const id of begun) await expect(send(id, 0, true, new Uint8Array(1))).rejects.toThrow(/no longer works/);
  });
});
