import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Daemon, startDaemon } from '../../src/daemon/serve.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { type Authenticator, createAuthenticator } from '../device/authenticator.ts';
import { createFakeHid } from '../device/fake-hid.ts';
import { startUpstream, type Upstream } from '../support/upstream.ts';
import { runCli, startCli } from './support/run-cli.ts';

const VAULT = 'correct horse battery staple 9';
const SIGN = ['sign', 'prod', 'https://s3.eu-central-1.amazonaws.com/', '--json'];

/** What a tool with AWS's SDK does, with what `keyhold exec` gives it. */
const TOOL = `
import { get } from 'node:http';
import { createRequestSigner } from ${JSON.stringify(new URL('../../src/core/sigv4/index.ts', import.meta.url).href)};
const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region, AWS_ENDPOINT_URL } = process.env;
const { host } = new URL(AWS_ENDPOINT_URL);
const headers = createRequestSigner({ accessKeyId, secretAccessKey, region, service: 's3' }).sign(
  { method: 'GET', path: '/', query: '', headers: [['Host', host]] },
  { now: Date.now(), payloadHash: 'UNSIGNED-PAYLOAD' },
);
get(AWS_ENDPOINT_URL, { headers: Object.fromEntries(headers) }, (answer) => {
  answer.resume().on('end', () => process.stdout.write(String(answer.statusCode)));
});
`;

/** In order, as a person would go on. The daemon is in this process, where the emulated key is. */
describe('keyhold gate', () => {
  const hid = createFakeHid();
  let home: string;
  let daemon: Daemon;
  let key: Authenticator;
  let recoveryCode: string;
  let upstream: Upstream;
  const path = (name: string) => join(home, name);
  const keyhold = (args: string[], input?: string) => runCli(args, { home, ...(input === undefined ? {} : { input }) });

  beforeAll(async () => {
    process.env['KEYHOLD_KDF'] = 'floor';
    home = mkdtempSync(join(tmpdir(), 'kh-gate-'));
    daemon = await startDaemon({ home, shell: 'serve', port: 0, web: false, hid, kdf: 'floor' });
    writeFileSync(path('vault.txt'), `${VAULT}\n`, { mode: 0o600 });
    const made = await keyhold(['init', '--password-stdin', '--yes', '--json'], `${VAULT}\n`);
    recoveryCode = JSON.parse(made.stdout).recoveryCode;
    key = createAuthenticator({ clock: systemClock });
    hid.add(key);
    upstream = await startUpstream({
      keys: [{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }],
    });
    writeFileSync(path('tool.mjs'), TOOL);
    const account = ['account', 'add', 'prod', '--remote', '--id', '123456789012', '--endpoint-url', upstream.url];
    await keyhold(account);
    const secret =
      'aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n';
    expect(await keyhold(['key', 'import', 'deploy', '--account', 'prod'], secret)).toMatchObject({ code: 0 });
    await keyhold(['profile', 'add', 'prod', '--account', 'prod', '--key', 'deploy', '--region', 'eu-central-1']);
  }, 60_000);
  afterAll(async () => {
    await daemon?.stop();
    await upstream?.close();
    rmSync(home, { recursive: true, force: true });
  });

  test('needs a key that is enrolled', async () => {
    const none = await keyhold(['gate', 'set', 'key', 'deploy']);
    expect(none).toMatchObject({ code: 5, stderr: expect.stringContaining('Enrol one first') });
    const enrolled = await keyhold(['mfa', 'enroll', 'blue', '--password-file', path('vault.txt')]);
    expect(enrolled).toMatchObject({ code: 0 });
  });

  test('is set and shown', async () => {
    expect(await keyhold(['gate', 'show'])).toMatchObject({ stdout: expect.stringContaining('Nothing wants a touch') });
    expect(await keyhold(['gate', 'set', 'key', 'deploy', '--touch', '15m', '--key', 'blue'])).toMatchObject({
      code: 0,
      stdout: 'deploy: a touch of blue, every 15 min.\n',
      stderr: expect.stringContaining('Make a new backup'),
    });
    expect(await keyhold(['gate', 'set', 'key', 'deploy', '--key', 'blue'])).toMatchObject({
      stdout: 'deploy: a touch of blue, for each use.\n',
    });
    expect((await keyhold(['gate', 'show'])).stdout).toMatch(/key +deploy +for each use +blue/);
    expect(await keyhold(['gate', 'set', 'user', 'x'])).toMatchObject({ code: 2 });
    expect(await keyhold(['gate', 'set', 'key', 'deploy', '--touch', 'often'])).toMatchObject({ code: 2 });
  });

  test('says on standard error what to touch, and waits', async () => {
    key.control.touch = 'delay';
    const { ended } = startCli(SIGN, { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringContaining('AWS4-HMAC-SHA256') });
    const { ended: plain } = startCli(SIGN.slice(0, -1), { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await plain).toMatchObject({
      code: 0,
      stderr: 'Touch “blue” to let the command line sign a request for prod (GET s3.eu-central-1.amazonaws.com).\n',
    });
  });

  test('ends with exit code 10 when the key says no, and Ctrl-C reaches it', async () => {
    key.control.touch = 'deny';
    expect(await keyhold(SIGN)).toMatchObject({ code: 10, stderr: expect.stringContaining('wants a touch') });
    key.control.touch = 'delay';
    const { process: running, ended } = startCli(SIGN, { home });
    await untilTouchIsAwaited();
    running.kill('SIGINT');
    await ended;
    for (let tries = 0; tries < 200 && key.state.awaitsTouch; tries += 1) await sleep(10);
    expect(key.state.awaitsTouch).toBe(false);
  });

  test('tells who runs a tool what its request wants', async () => {
    key.control.touch = 'delay';
    const { ended } = startCli(['exec', 'prod', '--', process.execPath, path('tool.mjs')], { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await ended).toMatchObject({
      stdout: '200',
      stderr: expect.stringMatching(/^Touch “blue” to let node-prod-\w+ use deploy \(s3 \w+\)\.\n$/),
    });
    expect(upstream.failures).toEqual([]);
    // The log names the key; the id of its credential is whole in JSON.
    expect((await keyhold(['audit', 'list', '--requests'])).stdout).toContain('touched blue (credential ');
  });

  test('tells who encrypts a file what the KMS key wants, and who decrypts it', async () => {
    await keyhold(['account', 'add', 'lab', '--local', '--id', '123456789012']);
    const create = { account: 'lab', region: 'us-east-1', service: 'kms', operation: 'CreateKey', input: {} };
    const { output } = z
      .object({ output: z.object({ KeyMetadata: z.object({ Arn: z.string() }) }) })
      .parse(await daemon.core.call('service.call', create, 'cli'));
    const arn = output.KeyMetadata.Arn;
    expect(await keyhold(['gate', 'set', 'kms-key', arn])).toMatchObject({ code: 0 });
    writeFileSync(path('notes.txt'), 'a note');
    const asked = /^Touch “blue” to let \w+-lab-\w+ use lab \(kms \w+\)\.\n$/;
    const { ended } = startCli(['encrypt', path('notes.txt'), '--key', arn, '--profile', 'lab'], { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(asked) });
    const back = ['decrypt', path('notes.txt.encrypted'), '-o', '-', '--profile', 'lab'];
    const { ended: decrypted } = startCli(back, { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await decrypted).toMatchObject({ code: 0, stdout: 'a note', stderr: expect.stringMatching(asked) });
  });

  test('of an approval rule is passed by each officer who approves', async () => {
    key.control.touch = 'delay';
    const hsm = (...args: string[]) => keyhold(['hsm', ...args]);
    const alice = ['--password-file', path('alice.txt')];
    writeFileSync(path('alice.txt'), 'granite otter velvet 82 lagoon\n', { mode: 0o600 });
    const init = ['users', 'init', 'alice', '--new-password-file', path('alice.txt')];
    expect(await hsm(...init, '--password-file', path('vault.txt'))).toMatchObject({ code: 0 });
    await hsm('login', 'alice', ...alice);
    expect(await hsm('quorum', 'touch', 'key', 'each', '--security-key', 'blue')).toMatchObject({
      code: 0,
      stdout: 'Approvals to destroy or export keys: a touch of blue, for each use.\n',
    });
    expect((await keyhold(['gate', 'show'])).stdout).toMatch(/approval +key +for each use +blue/);
    expect((await hsm('quorum', 'status')).stdout).toMatch(/Touch to approve keys +a touch of blue, for each use/);
    await hsm('quorum', 'set', 'key', '1');
    const create = ['quorum', 'token', 'create', '--for', 'set-touch', '--service', 'key', '--touch', 'none'];
    const made = await hsm(...create, '--json');
    const { id, description } = z.object({ id: z.string(), description: z.string() }).parse(JSON.parse(made.stdout));
    expect(description).toBe('let officers approve the destruction and export of keys without a touch');
    const approve = ['hsm', 'quorum', 'approve', id.slice(0, 8), '--user', 'alice', ...alice];
    const { ended } = startCli(approve, { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 of 1: alice. It can be done now, once.'),
      stderr: `Touch “blue” to let the command line approve the quorum token ${id.slice(0, 8)} as alice.\n`,
    });
    const { ended: loosened } = startCli(['hsm', 'quorum', 'touch', 'key', 'none'], { home });
    await untilTouchIsAwaited();
    key.control.press();
    expect(await loosened).toMatchObject({ code: 0, stdout: 'Approvals to destroy or export keys: no touch.\n' });
    expect(await hsm('quorum', 'touch', 'key', 'none', '--security-key', 'blue')).toMatchObject({ code: 2 });
    const log = JSON.parse((await keyhold(['audit', 'list', '--json'])).stdout);
    const events: unknown[] = log.entries.map(({ event }: { event: unknown }) => event);
    const mfa = [{ key: 'blue', credentialId: expect.stringMatching(/^[0-9a-f]{32,}$/) }];
    expect(events).toContainEqual(expect.objectContaining({ action: 'hsm.quorum.approve', decision: 'allowed', mfa }));
    expect(events).toContainEqual(expect.objectContaining({ action: 'hsm.quorum.touch', decision: 'allowed', mfa }));
  });

  test('is removed by the recovery code when the key is lost', async () => {
    key.control.touch = 'deny';
    expect(await keyhold(['gate', 'remove', 'key', 'deploy'])).toMatchObject({ code: 10 });
    const removed = await keyhold(
      ['gate', 'remove', 'key', 'deploy', '--by-recovery-code', '--password-stdin'],
      `${recoveryCode}\n`,
    );
    expect(removed).toMatchObject({ code: 0, stdout: 'deploy needs no touch any more.\n' });
    expect(await keyhold(SIGN)).toMatchObject({ code: 0 });
  });

  async function untilTouchIsAwaited(): Promise<void> {
    for (let tries = 0; tries < 1000 && !key.state.awaitsTouch; tries += 1) await sleep(10);
    expect(key.state.awaitsTouch).toBe(true);
  }
});
