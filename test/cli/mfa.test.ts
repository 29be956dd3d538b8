import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, startDaemon } from '../../src/daemon/serve.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { type Authenticator, createAuthenticator } from '../device/authenticator.ts';
import { createFakeHid, type FakePlug } from '../device/fake-hid.ts';
import { runCli, startCli } from './support/run-cli.ts';
import { runOnTerminal, whyNoPty } from './support/run-on-terminal.ts';

const VAULT = 'correct horse battery staple 9';
const PIN = '482915';

/** In order: each test stands on the ones before it, as a person would go on. The daemon is in this process, where the emulated key is. */
describe('keyhold mfa, and unlocking with a security key', () => {
  const hid = createFakeHid();
  let home: string;
  let daemon: Daemon;
  let key: Authenticator;
  let plug: FakePlug;
  const path = (name: string) => join(home, name);
  const keyhold = (args: string[], input?: string) => runCli(args, { home, ...(input === undefined ? {} : { input }) });
  const byFile = (...args: string[]) =>
    keyhold([...args, '--password-file', path('vault.txt'), '--pin-file', path('pin.txt')]);
  const json = async (...args: string[]) => JSON.parse((await keyhold([...args, '--json'])).stdout);

  beforeAll(async () => {
    process.env['KEYHOLD_KDF'] = 'floor';
    home = mkdtempSync(join(tmpdir(), 'kh-mfa-'));
    daemon = await startDaemon({ home, shell: 'serve', port: 0, web: false, hid, kdf: 'floor' });
    for (const [name, text] of Object.entries({ vault: VAULT, pin: PIN, wrong: '000000' })) {
      writeFileSync(path(`${name}.txt`), `${text}\n`, { mode: 0o600 });
    }
    await keyhold(['init', '--password-stdin', '--yes'], `${VAULT}\n`);
    key = createAuthenticator({ clock: systemClock });
    plug = hid.add(key);
  });
  afterAll(async () => {
    await daemon?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test('a key without a PIN is enrolled for a touch alone, which is said', async () => {
    const enrolled = await byFile('mfa', 'enroll', 'my bare one');
    expect(enrolled).toMatchObject({ code: 0, stderr: expect.stringContaining('asks for a touch alone') });
    expect(enrolled.stderr).toContain('keyhold mfa remove "my bare one"');
    expect((await byFile('mfa', 'remove', 'my bare one')).code).toBe(0);
    const wanted = await byFile('mfa', 'enroll', 'bare', '--no-verification');
    expect(wanted).toMatchObject({ code: 0, stderr: expect.not.stringContaining('asks for a touch alone') });
    expect((await byFile('mfa', 'remove', 'bare')).code).toBe(0);
  });

  test('devices, info and the first PIN', async () => {
    const { devices } = await json('mfa', 'devices');
    expect(devices).toMatchObject([{ kind: 'fido' }]);
    expect((await keyhold(['mfa', 'devices'])).stdout).toContain(devices[0].id);
    expect((await keyhold(['mfa', 'info'])).stdout).toMatch(/PIN +not set yet: keyhold mfa pin/);
    const set = await keyhold(['mfa', 'pin', '--new-pin-file', path('pin.txt')]);
    expect(set).toMatchObject({ code: 0, stdout: expect.stringMatching(/^The PIN of .* is set\.\n$/) });
    expect((await keyhold(['mfa', 'info'])).stdout).toContain('set, 8 tries left');
  });

  test('enrolment, and a way in with it', async () => {
    expect(await byFile('mfa', 'enroll', 'blue')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^blue is enrolled/),
    });
    expect((await keyhold(['mfa', 'keys'])).stdout).toMatch(/blue .*PIN or fingerprint/);
    const added = await byFile('vault', 'slot', 'add-key', 'blue', '--label', 'Blue key');
    expect(added).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Slot [0-9a-f]{16} \(Blue key\) added: fido2\./),
    });
    expect((await keyhold(['vault', 'slot', 'list'])).stdout).toMatch(/Blue key +fido2/);
    expect(await byFile('mfa', 'test', 'blue')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('blue was touched'),
    });
    expect(await byFile('mfa', 'test', '--yubikey-slot', '3')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are 1, 2'),
    });
    const removing = await byFile('mfa', 'remove', 'blue');
    expect(removing).toMatchObject({ code: 1, stderr: expect.stringContaining('Remove that way in first') });
  });

  test('unlocks with PIN and touch, which it asks for on standard error', async () => {
    await keyhold(['lock']);
    expect((await keyhold(['unlock', '--key', '--no-input'])).stderr).toContain('Use --pin-file.');
    const wrong = await keyhold(['unlock', '--key', '--pin-file', path('wrong.txt')]);
    expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining('7 tries are left') });
    key.control.touch = 'delay';
    const { ended } = startCli(['unlock', '--key', '--pin-file', path('pin.txt')], { home });
    await untilTouchIsAwaited();
    key.control.press();
    const opened = await ended;
    expect(opened).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Touch .* to unlock the vault\.\n$/) });
    expect(opened.stdout).toMatch(/Vault +unlocked/);
    key.control.touch = 'approve';
  });

  test('Ctrl-C reaches the device', async () => {
    await keyhold(['lock']);
    key.control.touch = 'delay';
    const { process: running, ended } = startCli(['unlock', '--key', '--pin-file', path('pin.txt')], { home });
    await untilTouchIsAwaited();
    running.kill('SIGINT');
    await ended;
    for (let tries = 0; tries < 200 && key.state.awaitsTouch; tries += 1) await sleep(10);
    expect(key.state.awaitsTouch).toBe(false);
    expect(await json('status')).toMatchObject({ state: 'locked' });
    key.control.touch = 'approve';
  });

  test.skipIf(whyNoPty() !== null)(
    'at a terminal the PIN is typed blind, and asked for again when it was wrong',
    async () => {
      const offered = await runOnTerminal(
        ['unlock'],
        [
          { expect: 'Unlock with the security key? [Y/n]', send: '\n' },
          { expect: 'PIN of ', send: '000000\n', echo: false },
          { expect: 'tries are left', send: '' },
          { expect: 'PIN of ', send: `${PIN}\n`, echo: false },
        ],
        { home },
      );
      expect(offered).toMatchObject({ failure: null, code: 0, echoAtEnd: true });
      expect(offered.output).not.toContain(PIN);
      await keyhold(['lock']);
      const declined = await runOnTerminal(
        ['unlock'],
        [
          { expect: 'Unlock with the security key? [Y/n]', send: 'n\n' },
          { expect: 'Password: ', send: `${VAULT}\n`, echo: false },
        ],
        { home },
      );
      expect(declined).toMatchObject({ failure: null, code: 0 });
    },
  );

  test('a password that a key goes with is one of its own, and who adds or changes one is told', async () => {
    const change = ['vault', 'passwd', '--password-file', path('vault.txt'), '--new-password-file', path('vault.txt')];
    expect(await keyhold(change)).toMatchObject({ code: 0, stderr: '' });
    writeFileSync(path('other.txt'), 'quartz mitten orbit saddle 93\n', { mode: 0o600 });
    const both = ['vault', 'slot', 'add-key', 'blue', '--label', 'Both', '--with-password'];
    const added = await byFile(...both, '--new-password-file', path('other.txt'), '--json');
    expect(added).toMatchObject({ code: 0 });
    const { id } = JSON.parse(added.stdout);
    const again = await byFile(...both, '--new-password-file', path('other.txt'));
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/password alone still opens the vault: /) });
    expect(again.stderr).not.toContain(id);
    expect(await keyhold(change)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Not that of ways in with a security key: Both, Both.'),
    });
    const { slots } = await json('vault', 'slot', 'list');
    for (const slot of slots) if (slot.label === 'Both') await byFile('vault', 'slot', 'remove', slot.id);
  });

  test('the key proves who exports a local account', async () => {
    await keyhold(['account', 'add', 'lab', '--local', '--id', '123456789012']);
    writeFileSync(path('passphrase.txt'), 'quartz mitten orbit saddle 93\n', { mode: 0o600 });
    const exported = ['account', 'export', 'lab', '-o', path('lab.keyhold-account')];
    const how = ['--passphrase-file', path('passphrase.txt'), '--by-key', '--pin-file', path('pin.txt')];
    expect(await keyhold([...exported, ...how])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Account lab with 0 KMS keys'),
    });
  });

  test('the key proves who changes the ways in; without a recovery code it says what that means', async () => {
    const { ways } = { ways: (await json('vault', 'slot', 'list')).slots };
    const slot = (factor: string) => ways.find(({ factors }: { factors: string[] }) => factors[0] === factor).id;
    const removed = await keyhold([
      'vault',
      'slot',
      'remove',
      slot('password'),
      '--by-key',
      '--pin-file',
      path('pin.txt'),
    ]);
    expect(removed).toMatchObject({ code: 0 });
    const last = await keyhold([
      'vault',
      'slot',
      'remove',
      slot('recovery-code'),
      '--by-key',
      '--pin-file',
      path('pin.txt'),
    ]);
    expect(last).toMatchObject({ code: 0, stderr: expect.stringContaining('there is no recovery code') });
    const only = await keyhold(['vault', 'slot', 'remove', slot('fido2'), '--by-key', '--pin-file', path('pin.txt')]);
    expect(only).toMatchObject({ code: 1, stderr: expect.stringContaining('last way into the vault') });
    // With nobody to ask, locked stays locked; with a key it goes on where it was.
    await keyhold(['lock']);
    expect((await keyhold(['mfa', 'keys'])).code).toBe(3);
    expect((await keyhold(['unlock', '--pin-file', path('pin.txt'), '--key'])).code).toBe(0);
  });

  test('a backup opens with the key too', async () => {
    const backup = path('copy.keyhold');
    expect((await keyhold(['vault', 'backup', backup])).code).toBe(0);
    const restored = await keyhold(['vault', 'restore', backup, '--yes', '--key', '--pin-file', path('pin.txt')]);
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Restored\.\n/) });
    expect((await keyhold(['unlock', '--key', '--pin-file', path('pin.txt')])).code).toBe(0);
  });

  test('a key that is pulled out says so', async () => {
    await keyhold(['lock']);
    key.control.touch = 'never';
    const { ended } = startCli(['unlock', '--key', '--pin-file', path('pin.txt')], { home });
    await untilTouchIsAwaited();
    plug.unplug();
    expect(await ended).toMatchObject({ code: 7, stderr: expect.stringContaining('was pulled out') });
  });

  async function untilTouchIsAwaited(): Promise<void> {
    for (let tries = 0; tries < 2000 && !key.state.awaitsTouch; tries += 1) await sleep(10);
    expect(key.state.awaitsTouch).toBe(true);
    // It says so a tenth of a second later.
    await sleep(500);
  }
});
