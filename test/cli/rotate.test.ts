import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PASSWORD } from '../support/hsm.ts';
import { readVault } from '../support/second-reader.ts';
import { runCli } from './support/run-cli.ts';

let daemon: TestDaemon;
let passwordFile: string;
let firstCode: string;
const keyhold = (args: string[], input?: string) =>
  runCli(args, { home: daemon.home, ...(input === undefined ? {} : { input }) });

beforeAll(async () => {
  daemon = await startTestDaemon();
  firstCode = await daemon.create();
  await daemon.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
  passwordFile = join(daemon.home, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
});
afterAll(() => daemon.stop());

const Rotated = z.object({
  state: z.string(),
  total: z.int(),
  dropped: z.array(z.string()),
  recoveryCode: z.string().optional(),
});

/** In order: each test stands on the ones before it. */
test('rotate vault gives it new keys and a new recovery code, and the one before opens nothing', async () => {
  const wrong = await keyhold(['rotate', 'vault', '--yes', '--password-stdin'], 'not the password\n');
  expect(wrong.code).toBe(4);
  const { stdout, stderr, code } = await keyhold([
    'rotate',
    'vault',
    '--yes',
    '--json',
    '--password-file',
    passwordFile,
  ]);
  expect([code, stderr]).toEqual([0, '']);
  const done = Rotated.parse(JSON.parse(stdout));
  expect(done).toMatchObject({ state: 'none', dropped: [expect.any(String)] });
  await daemon.call('vault.lock', {});
  expect((await keyhold(['unlock', '--recovery-code', '--password-stdin'], `${firstCode}\n`)).code).toBe(4);
  expect((await keyhold(['unlock', '--recovery-code', '--password-stdin'], `${done.recoveryCode}\n`)).code).toBe(0);
  expect((await keyhold(['rotate', 'vault', '--status'])).stdout).toContain('those before are gone');
  await daemon.call('vault.backup', { path: join(daemon.home, 'copy.vault') });
  expect((await readVault(join(daemon.home, 'copy.vault'), PASSWORD)).records.length).toBe(done.total);
});

test('rotate vault loses no way in unless it is given up by name', async () => {
  writeFileSync(join(daemon.home, 'second'), 'another long password of two\n', { mode: 0o600 });
  const second = ['--new-password-file', join(daemon.home, 'second'), '--password-file', passwordFile];
  expect((await keyhold(['vault', 'slot', 'add', '--label', 'second person', ...second])).code).toBe(0);
  const { slots } = await daemon.call('slot.list', {});
  const id = slots.find(({ label }) => label === 'second person')?.id ?? '';
  const refused = await keyhold(['rotate', 'vault', '--yes', '--password-file', passwordFile]);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(`Give it up with --drop ${id}`)]);
  expect((await daemon.call('slot.list', {})).slots).toHaveLength(3);
  const given = await keyhold(['rotate', 'vault', '--yes', '--drop', id, '--password-file', passwordFile]);
  expect([given.code, given.stdout]).toEqual([0, expect.stringContaining('Recovery code, shown only now')]);
  expect((await daemon.call('slot.list', {})).slots.map(({ label }) => label)).toEqual(['Password', 'Recovery code']);
  const unknown = await keyhold([
    'rotate',
    'vault',
    '--yes',
    '--drop',
    '0'.repeat(16),
    '--password-file',
    passwordFile,
  ]);
  expect(unknown.code).toBe(2);
});

test('rotate clients shows a new key, and says how long the one before works', async () => {
  for (const name of ['ci', 'terraform']) await keyhold(['client', 'add', name, '--account', 'lab']);
  const before = (await daemon.call('client.list', {})).clients;
  const both = await keyhold(['rotate', 'clients', '--all', '--yes', '--overlap', '2h', '--json']);
  const { clients } = z
    .object({ clients: z.array(z.object({ name: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() })) })
    .parse(JSON.parse(both.stdout));
  expect(clients.map(({ name }) => name).sort()).toEqual(['ci', 'terraform']);
  const after = (await daemon.call('client.list', {})).clients;
  expect(after).toHaveLength(4);
  for (const old of before) {
    const former = after.find((one) => one.accessKeyId === old.accessKeyId);
    expect(former).toMatchObject({ name: expect.stringContaining(`${old.name} (before `), enabled: true });
    expect(former?.expiresAt).toBeDefined();
  }
  const { stdout } = await keyhold(['rotate', 'clients', 'ci', '--overlap', '0']);
  expect(stdout).toMatch(/The key before +ended/);
  expect((await daemon.call('client.list', {})).clients).toHaveLength(4);
  expect((await keyhold(['rotate', 'clients'])).code).toBe(2);
});

test('rotate ca exports the new certificate and the one before', async () => {
  const { stdout: first } = await keyhold(['ca', 'export']);
  const file = join(daemon.home, 'ca.pem');
  const { code, stderr } = await keyhold(['rotate', 'ca', '--out', file]);
  expect([code, stderr]).toEqual([0, expect.stringContaining('What trusts the one before')]);
  const both = readFileSync(file, 'utf8');
  expect(both.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
  expect(both).toContain(first.trim());
  const { stdout: now } = await keyhold(['ca', 'export']);
  expect(both.startsWith(now)).toBe(true);
  expect(now).not.toBe(first);
});
