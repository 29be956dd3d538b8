import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { PIN, SoftHsm, whyNoSoftHsm } from '../support/softhsm.ts';
import { runCli } from './support/run-cli.ts';

const reason = whyNoSoftHsm();
if (reason !== null) console.warn(`The tests of keyhold hsm token are skipped: ${reason}.`);

/** In order: each test stands on the ones before it, as a person would go on. */
describe.skipIf(reason !== null)('keyhold hsm token', () => {
  let soft: SoftHsm;
  let daemon: TestDaemon;
  let pinFile: string;
  let module: string[];

  beforeAll(async () => {
    soft = new SoftHsm();
    soft.init('lab');
    daemon = await startTestDaemon();
    pinFile = join(daemon.home, 'pin');
    writeFileSync(pinFile, `${PIN}\n`, { mode: 0o600 });
    module = ['--module', soft.library, '--env', `SOFTHSM2_CONF=${soft.environment.SOFTHSM2_CONF}`];
    const made = await keyhold(['init', '--password-stdin', '--yes'], 'correct horse battery staple 9\n');
    expect(made.code).toBe(0);
  });
  afterAll(async () => {
    await daemon?.stop();
    soft?.dispose();
  });

  const keyhold = (args: string[], input?: string) =>
    runCli(args, { home: daemon.home, ...(input === undefined ? {} : { input }) });
  const token = (args: string[], input?: string) => keyhold(['hsm', 'token', ...args], input);

  test('shows what there is', async () => {
    expect((await token(['list'])).stdout).toBe('No tokens yet. Add one with keyhold hsm token add.\n');
    expect((await token(['modules'])).stdout).toMatch(/^Vendor +Module\n/);
    const slots = await token(['slots', ...module]);
    expect(slots.stdout).toMatch(
      /by SoftHSM: 2 tokens\.\nLabel +Serial number +Model +PIN\nlab +[0-9a-f]{16} +SoftHSM v2 +well\n/,
    );
  });

  test('adds a token with its PIN from a file or from standard input, and says what is wrong otherwise', async () => {
    const missing = await token(['add', 'lab', ...module, '--token', 'none', '--pin-file', pinFile]);
    expect(missing.code).toBe(7);
    expect(missing.stderr).toContain('The module has no token labelled none. It has lab.');
    const wrong = await token(['add', 'lab', ...module, '--token', 'lab', '--password-stdin'], 'wrong1\n');
    expect(wrong.code).toBe(4);
    expect(wrong.stderr).toContain('the PIN is wrong');
    const added = await token(['add', 'lab', ...module, '--token', 'lab', '--pin-file', pinFile, '--json']);
    expect(JSON.parse(added.stdout)).toMatchObject({ name: 'lab', label: 'lab', connection: { state: 'idle' } });
    expect((await token(['add', 'lab', ...module, '--token', 'lab', '--pin-file', pinFile])).code).toBe(6);
  });

  test('tests it, lists it, changes the PIN that it keeps, and forgets it', async () => {
    const tested = await token(['test', 'lab']);
    expect(tested.stdout).toMatch(/^Token +lab, serial number [0-9a-f]{16}\n/);
    expect(tested.stdout).toMatch(/^AES-256-GCM +encrypts and decrypts$/m);
    expect((await token(['list'])).stdout).toMatch(/^lab +lab \([0-9a-f]{16}\) +well +cluster-[a-z2-7]{11} /m);
    expect((await token(['pin', 'lab', '--password-stdin'], 'wrong1\n')).code).toBe(4);
    expect((await token(['pin', 'lab', '--password-stdin'], `${PIN}\n`)).stdout).toContain('the token takes it');
    // One that nobody has seen: what the vault had is worth nothing any more.
    const rotated = await keyhold(['rotate', 'pin', 'lab', '--generate']);
    expect(rotated.stdout).toBe('The token lab has its new PIN, and so has the vault.\n');
    expect((await token(['test', 'lab'])).code).toBe(0);
    expect((await token(['pin', 'lab', '--password-stdin'], `${PIN}\n`)).code).toBe(4);
    expect((await keyhold(['rotate', 'pin', 'lab', '--settle'])).stdout).toContain('is certain');
    expect((await keyhold(['rotate', 'pin', 'nobody', '--generate'])).stderr).toContain('neither a token nor a user');
    expect((await token(['remove', 'lab'])).stdout).toBe('Token lab is forgotten. Its keys are still in it.\n');
    expect((await token(['test', 'lab'])).code).toBe(5);
  });

  test('the PIN is nowhere on disk or in the log', async () => {
    const files = readdirSync(daemon.home, { withFileTypes: true }).filter((one) => one.isFile() && one.name !== 'pin');
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['daemon.log', 'vault.keyhold']));
    for (const { name } of files) expect(readFileSync(join(daemon.home, name)).includes(PIN), name).toBe(false);
  });
});
