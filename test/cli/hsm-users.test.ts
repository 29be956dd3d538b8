import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { runCli } from './support/run-cli.ts';

const VAULT = 'correct horse battery staple 9';
const ALICE = 'granite otter velvet 82 lagoon';
const BOB = 'saffron anvil thirty 41 meadow';

/** In order: each test stands on the ones before it, as two people would go on. */
describe('keyhold hsm users, login and quorum', () => {
  let daemon: TestDaemon;
  let recoveryCode: string;
  const path = (name: string) => join(daemon.home, name);
  const keyhold = (args: string[], input?: string) =>
    runCli(args, { home: daemon.home, ...(input === undefined ? {} : { input }) });
  const hsm = (...args: string[]) => keyhold(['hsm', ...args]);
  const json = async (...args: string[]) => JSON.parse((await hsm(...args, '--json')).stdout);

  beforeAll(async () => {
    daemon = await startTestDaemon();
    for (const [name, text] of Object.entries({ vault: VAULT, alice: ALICE, bob: BOB })) {
      writeFileSync(path(`${name}.txt`), `${text}\n`, { mode: 0o600 });
    }
    const made = await keyhold(['init', '--password-stdin', '--yes', '--json'], `${VAULT}\n`);
    recoveryCode = JSON.parse(made.stdout).recoveryCode;
    const bob = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(path('bob.pem'), bob.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    writeFileSync(path('bob.pub'), bob.publicKey.export({ format: 'pem', type: 'spki' }));
  });
  afterAll(() => daemon?.stop());

  test('nobody is there at first, and nothing asks for them', async () => {
    expect((await hsm('users', 'list')).stdout).toContain('the owner of the vault does everything');
    expect(await json('quorum', 'status')).toMatchObject({ users: [], tokens: [], who: null });
    const set = await hsm('quorum', 'set', 'key', '1');
    expect(set).toMatchObject({ code: 5, stderr: expect.stringContaining('keyhold hsm users init NAME') });
    const login = await hsm('login', 'alice', '--password-file', path('alice.txt'));
    expect(login).toMatchObject({ code: 5, stderr: expect.stringContaining('keyhold hsm users init NAME') });
  });

  test('the owner makes the first officer, who logs in and adds another with a key of his own', async () => {
    const init = ['users', 'init', 'alice', '--new-password-file', path('alice.txt')];
    expect((await hsm(...init, '--password-file', path('bob.txt'))).code).toBe(4);
    const made = await hsm(...init, '--password-file', path('vault.txt'));
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('The vault has 1 recovery code.') });
    expect((await hsm(...init, '--password-file', path('vault.txt'))).code).toBe(6);
    const add = ['users', 'add', 'bob', '--role', 'crypto-officer', '--new-password-file', path('bob.txt')];
    expect(await hsm(...add)).toMatchObject({ code: 10, stderr: expect.stringContaining('keyhold hsm login NAME') });
    expect((await hsm('login', 'alice', '--password-file', path('bob.txt'))).code).toBe(4);
    expect((await hsm('login', 'alice', '--password-file', path('alice.txt'))).stdout).toMatch(
      /^alice \(crypto officer\) is logged in/,
    );
    expect((await hsm('login', 'alice', '--password-file', path('alice.txt'))).code).toBe(0);
    expect((await json('users', 'list')).users).toMatchObject([{ name: 'alice', sessions: 1 }]);
    expect(statSync(path('hsm-session.json')).mode & 0o777).toBe(0o600);
    const secret = await hsm(...add, '--public-key', path('bob.pem'));
    expect(secret).toMatchObject({ code: 2, stderr: expect.stringContaining('this is a private key') });
    expect((await hsm(...add, '--public-key', path('bob.pub'))).code).toBe(0);
    expect((await hsm('users', 'list')).stdout).toMatch(/^bob +crypto officer +own key [0-9a-f]{16} +no +new$/m);
  });

  test('two of them approve: one offline with openssl or the file, one by password', async () => {
    expect((await hsm('quorum', 'set', 'key', '3')).code).toBe(2);
    expect((await hsm('quorum', 'set', 'key', '2')).stdout).toContain('The vault has 1 recovery code.');
    const code = ['vault', 'slot', 'add', '--recovery-code', '--yes', '--password-file', path('vault.txt')];
    expect(await keyhold(code)).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('2 of its 2 crypto officers to make a recovery code'),
    });
    const lower = await hsm('quorum', 'set', 'key', '0');
    expect(lower).toMatchObject({ code: 10, stderr: expect.stringContaining('2 of its 2 crypto officers') });
    const file = path('token.json');
    const create = ['quorum', 'token', 'create', '--for', 'set-quorum', '--service', 'key', '--required', '0'];
    expect((await hsm(...create, '-o', file)).code).toBe(0);
    expect((await hsm(...create, '-o', file)).code).toBe(6);
    expect((await hsm('quorum', 'token', 'create', '--for', 'destroy')).code).toBe(2);
    const token = JSON.parse(readFileSync(file, 'utf8'));
    expect(Buffer.from(token.unsigned, 'base64').toString()).toContain(
      'for {"do":"set-quorum","service":"key","required":0}',
    );

    const wrong = { ...token, id: 'ab'.repeat(16) };
    writeFileSync(path('wrong.json'), JSON.stringify(wrong));
    const sign = ['--user', 'bob', '--key', path('bob.pem'), '--yes'];
    expect((await hsm('quorum', 'sign', path('wrong.json'), ...sign)).stderr).toContain('the text of another token');
    expect((await hsm('quorum', 'approve', file)).stderr).toContain('has no signature yet');
    expect((await hsm('quorum', 'sign', file, ...sign)).code).toBe(0);
    const text = path('token.txt');
    writeFileSync(text, Buffer.from(token.unsigned, 'base64'));
    execFileSync('openssl', ['dgst', '-sha256', '-sign', path('bob.pem'), '-out', path('token.sig'), text]);
    expect(readFileSync(path('token.sig')).toString('base64')).toBe(
      JSON.parse(readFileSync(file, 'utf8')).signatures[0].signature,
    );
    const short = token.id.slice(0, 8);
    const foreign = await hsm('quorum', 'approve', short, '--user', 'alice', '--signature', path('token.sig'));
    expect(foreign).toMatchObject({ code: 4, stderr: expect.stringContaining('no signature of alice') });
    expect((await hsm('quorum', 'approve', file)).stdout).toContain('1 of 2: bob. 1 more needed.');
    expect((await hsm('quorum', 'approve', file)).stdout).toContain('1 of 2: bob');
    expect((await hsm('quorum', 'approve', short, '--user', 'bob', '--password-file', path('bob.txt'))).code).toBe(2);
    expect((await hsm('quorum', 'approve', short, '--user', 'alice', '--password-file', path('bob.txt'))).code).toBe(4);
    const done = await hsm('quorum', 'approve', short, '--user', 'alice', '--password-file', path('alice.txt'));
    expect(done.stdout).toContain('2 of 2: bob, alice. It can be done now, once.');
    expect((await hsm('quorum', 'set', 'key', '0')).code).toBe(0);
    expect((await hsm('quorum', 'approve', file)).code).toBe(5);
  });

  test('a token that is no longer wanted is taken back', async () => {
    expect((await hsm('quorum', 'set', 'user', '1')).code).toBe(0);
    const made = await json('quorum', 'token', 'create', '--for', 'remove-user', '--user', 'bob');
    expect(made).toMatchObject({ action: 'remove-user', required: 1, approvals: [] });
    expect((await hsm('quorum', 'status')).stdout).toMatch(
      new RegExp(`^${made.id.slice(0, 8)} +remove the user bob +alice +0 of 1`, 'm'),
    );
    const again = path('again.json');
    const show = ['quorum', 'token', 'show', made.id.slice(0, 8)];
    expect((await hsm(...show)).stdout).toContain(Buffer.from(made.unsigned, 'base64').toString());
    expect((await hsm(...show, '-o', again)).stdout).toContain(`It is in ${again}`);
    expect(statSync(again).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(again, 'utf8'))).toEqual({
      version: 1,
      ...{ id: made.id, description: 'remove the user bob', createdBy: 'alice', expiresAt: made.expiresAt },
      ...{ required: 1, unsigned: made.unsigned, signatures: [] },
    });
    expect((await hsm('quorum', 'sign', again, '--user', 'bob', '--key', path('bob.pem'), '--yes')).code).toBe(0);
    expect((await hsm(...show, '-o', again)).code).toBe(6);
    expect((await hsm('quorum', 'token', 'show', made.id.slice(0, 4))).code).toBe(5);
    expect((await hsm('quorum', 'cancel', made.id.slice(0, 8))).code).toBe(0);
    expect((await hsm(...show)).code).toBe(5);
    expect((await json('quorum', 'status')).tokens).toEqual([]);
  });

  test('names are completed, from what there is', async () => {
    const complete = async (...words: string[]) => (await keyhold(['__complete', ...words])).stdout;
    expect(await complete('hsm', 'users', 'remove', '')).toBe('alice\tcrypto-officer\nbob\tcrypto-officer\n');
    expect(await complete('hsm', 'login', 'a')).toBe('alice\tcrypto-officer\n');
    expect(await complete('hsm', 'quorum', 'set', 'k')).toBe('key\t\n');
    expect(await complete('hsm', 'users', 'init', '')).toBe('');
  });

  test('a lock ends the session', async () => {
    await keyhold(['lock']);
    await keyhold(['unlock', '--password-file', path('vault.txt')]);
    expect((await hsm('users', 'remove', 'bob')).code).toBe(10);
    expect((await hsm('logout')).stdout).toBe('The session had ended already.\n');
    expect(existsSync(path('hsm-session.json'))).toBe(false);
  });

  test('the last recovery code is not removed past the officers', async () => {
    const { slots } = JSON.parse((await keyhold(['vault', 'slot', 'list', '--json'])).stdout);
    const { id } = slots.find(({ factors }: { factors: string[] }) => factors.includes('recovery-code'));
    const remove = ['vault', 'slot', 'remove', id, '--password-file', path('vault.txt')];
    expect(await keyhold(remove)).toMatchObject({
      code: 10,
      stderr: expect.stringContaining('the last recovery code'),
    });
    expect((await json('users', 'list')).recoveryCodes).toBe(1);
    await hsm('login', 'alice', '--password-file', path('alice.txt'));
    expect((await keyhold(remove)).stdout).toContain('The vault has no recovery code');
    const add = ['vault', 'slot', 'add', '--recovery-code', '--yes', '--json', '--password-file', path('vault.txt')];
    recoveryCode = JSON.parse((await keyhold(add)).stdout).recoveryCode;
    const { entries } = JSON.parse((await keyhold(['audit', 'list', '--json', '--text', 'slot.'])).stdout);
    const reasons = entries.map(({ event }: { event: { reason?: string } }) => event.reason);
    expect(reasons).toEqual(expect.arrayContaining(['the last recovery code, by alice', 'recovery code, by alice']));
  });

  test('the recovery code ends it all', async () => {
    writeFileSync(path('code.txt'), `${recoveryCode}\n`, { mode: 0o600 });
    expect((await hsm('users', 'reset', '--yes', '--password-file', path('vault.txt'))).code).toBe(2);
    expect((await hsm('users', 'reset', '--yes', '--password-file', path('code.txt'))).code).toBe(0);
    expect((await hsm('users', 'list')).stdout).toContain('the owner of the vault does everything');
    const { entries } = JSON.parse((await keyhold(['audit', 'list', '--json', '--text', 'hsm.'])).stdout);
    const actions: string[] = entries.map(({ event }: { event: { action: string } }) => event.action);
    for (const action of ['init', 'add', 'reset'].map((one) => `hsm.user.${one}`)) expect(actions).toContain(action);
    for (const action of ['set', 'tokenCreate', 'approve', 'cancel'].map((one) => `hsm.quorum.${one}`)) {
      expect(actions).toContain(action);
    }
  });

  test('no password of theirs is on disk or in the log', async () => {
    const files = readdirSync(daemon.home, { withFileTypes: true }).filter(
      (one) => one.isFile() && !one.name.endsWith('.txt'),
    );
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['daemon.log', 'vault.keyhold']));
    for (const { name } of files) {
      for (const secret of [ALICE, BOB]) expect(readFileSync(path(name)).includes(secret), name).toBe(false);
    }
  });
});
