import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cli, createCli } from '../../src/cli/cli.ts';
import type { Define } from '../../src/cli/command.ts';
import { define as defineLogin } from '../../src/cli/commands/login.ts';
import { define as defineLogout } from '../../src/cli/commands/logout.ts';
import { define as defineSso } from '../../src/cli/commands/sso.ts';
import { parseChoice } from '../../src/cli/sign-in/choose-roles.ts';
import { isHeadless } from '../../src/cli/sign-in/headless.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { type SsoLab, startSsoLab } from '../support/sso-lab.ts';

let lab: SsoLab;
let said: string;
beforeAll(async () => {
  lab = await startSsoLab();
});
beforeEach(async () => {
  await lab.fresh();
  vi.stubEnv('SSH_CONNECTION', '10.0.0.1 5 10.0.0.2 22');
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => lab.dispose());

/** The command as it is, over a core in this process; what it says is in `said`, meanwhile and afterwards. */
function keyhold(define: Define, args: string[], how: { json?: boolean; answers?: string[] } = {}): Promise<string> {
  said = '';
  const answers = [...(how.answers ?? [])];
  const person: Terminal = {
    ask: async () => answers.shift() ?? '',
    askSecret: () => Promise.reject(new Error('no secret is asked for here')),
    confirm: async () => answers.shift() !== 'no',
    say(text) {
      said += text;
    },
    close() {},
  };
  const cli: Cli = {
    ...createCli(),
    json: how.json === true,
    call: lab.core.client.call,
    home: lab.core.home,
    now: lab.clock.now,
    width: undefined,
    terminal: () => (how.answers === undefined ? null : person),
    needTerminal: () => person,
    note(text) {
      if (how.json !== true) said += `${text}\n`;
    },
    print(value, text) {
      said += how.json === true ? JSON.stringify(value) : text();
    },
  };
  const command = new Command();
  define(command, cli);
  return command.parseAsync(args, { from: 'user' }).then(() => said);
}

const saying = (text: RegExp): Promise<RegExpExecArray> =>
  vi.waitFor(
    () => {
      const match = text.exec(said);
      if (match === null) throw new Error(`it never said ${text}, but: ${said}`);
      return match;
    },
    { timeout: 5000, interval: 5 },
  );

async function login(args: string[] = ['corp']): Promise<string> {
  const done = keyhold(defineLogin, args);
  const [, code = ''] = await saying(/this code: (\S+)/);
  lab.sso.decide(code, 'approved');
  return lab.until('the login', done);
}

describe('keyhold login', () => {
  test('shows a code over ssh, and says what can be done then', async () => {
    expect(await login([])).toContain('Signed in to corp. It renews by itself');
    expect(said).toContain('No profile works with it yet. Add some with: keyhold sso import corp');
  });

  test('takes a profile that needs one, through its sources', async () => {
    await login();
    await lab.addProfiles();
    const role = { arn: 'arn:aws:iam::222222222222:role/deploy' };
    const behind = { account: 'Production', source: 'Production-Read', role };
    await lab.core.client.call('profile.add', { name: 'behind', ...behind });
    expect(await login(['behind'])).toContain('3 profiles can be used now');
    await expect(keyhold(defineLogin, ['nope'])).rejects.toThrow(
      'There is neither a sign-in nor a profile called nope. There is: corp.',
    );
  });

  test('gives up with Ctrl-C', async () => {
    const done = keyhold(defineLogin, ['corp']);
    const ended = expect(done).rejects.toMatchObject({ name: 'Cancelled' });
    await saying(/this code: (\S+)/);
    await vi.waitFor(() => expect(process.listenerCount('SIGINT')).toBeGreaterThan(0));
    process.emit('SIGINT');
    await ended;
    expect(await lab.signIn()).toMatchObject({ state: 'none', failure: { code: 'Cancelled' } });
  });

  test('tells a program what to show before there is an answer', async () => {
    const written: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
    try {
      const done = keyhold(defineLogin, ['corp', '--device'], { json: true });
      await vi.waitFor(() => expect(written.length).toBe(1));
      const { attempt } = JSON.parse(written[0] ?? '');
      expect(attempt).toMatchObject({ flow: 'device', url: expect.stringContaining(attempt.userCode) });
      lab.sso.decide(attempt.userCode, 'approved');
      expect(JSON.parse(await lab.until('the login', done))).toMatchObject({ name: 'corp', state: 'active' });
    } finally {
      write.mockRestore();
    }
  });

  test.skipIf(process.platform !== 'linux')('opens the browser of this machine, by a file', async () => {
    vi.stubEnv('SSH_CONNECTION', '');
    vi.stubEnv('SSH_TTY', '');
    vi.stubEnv('DISPLAY', ':0');
    const bin = join(lab.core.home, 'bin');
    const seen = join(lab.core.home, 'seen');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\necho "$*" > '${seen}.part'; mv '${seen}.part' '${seen}'\n`);
    chmodSync(join(bin, 'xdg-open'), 0o755);
    vi.stubEnv('PATH', `${bin}${delimiter}${process.env['PATH'] ?? ''}`);
    const done = keyhold(defineLogin, ['corp']);
    const [address = ''] = await saying(/http:\/\/\S+\/authorize\?\S+/);
    const opened = readFileSync(seen, 'utf8').trim();
    expect(opened).toMatch(/^file:\/\//);
    const page = fileURLToPath(opened);
    expect(readFileSync(page, 'utf8')).toContain(`url=${address.replaceAll('&', '&amp;')}`);
    expect(statSync(page).mode & 0o777).toBe(0o600);
    await fetch(lab.sso.browse(address));
    expect(await lab.until('the login', done)).toContain('Signed in to corp.');
    expect(existsSync(page)).toBe(false);
  });

  test('knows when a browser here would not be the person’s', () => {
    expect(isHeadless({}, 'linux')).toBe(true);
    expect(isHeadless({ DISPLAY: ':0' }, 'linux')).toBe(false);
    expect(isHeadless({ WAYLAND_DISPLAY: 'wayland-0' }, 'linux')).toBe(false);
    expect(isHeadless({ DISPLAY: ':0', SSH_CONNECTION: 'x' }, 'linux')).toBe(true);
    expect(isHeadless({}, 'darwin')).toBe(false);
    expect(isHeadless({ SSH_TTY: '/dev/pts/1' }, 'darwin')).toBe(true);
  });
});

describe('keyhold sso', () => {
  test('adds, changes and removes what is signed in to', async () => {
    const settings = ['--start-url', 'https://d-9.awsapps.com/start', '--region', 'us-east-1'];
    expect(await keyhold(defineSso, ['add', 'work', ...settings])).toBe(
      'work is added. Sign in with: keyhold login work\n',
    );
    expect(await keyhold(defineSso, ['edit', 'work', '--rename', 'job', '--scope', 'a:b', '--scope', 'c:d'])).toBe(
      'job is changed: nobody is signed in.\n',
    );
    const listed = JSON.parse(await keyhold(defineSso, ['list'], { json: true }));
    expect(listed.signIns[1]).toMatchObject({
      name: 'job',
      settings: { startUrl: settings[1], region: 'us-east-1', scopes: ['a:b', 'c:d'] },
    });
    await expect(keyhold(defineLogin, [])).rejects.toThrow('Say which one: corp, job.');
    expect(await keyhold(defineSso, ['remove', 'job'])).toBe('job is removed.\n');
  });

  test('takes its own names alone: a profile’s is no way to remove what others work with', async () => {
    await login();
    await lab.addProfiles();
    const { profiles } = await lab.signIn();
    for (const args of [
      ['remove', 'Production-Read', '--cascade'],
      ['edit', 'Production-Read', '--rename', 'x'],
      ['import', 'Production-Read', '--all'],
      ['list', 'Production-Read'],
    ]) {
      await expect(keyhold(defineSso, args)).rejects.toThrow(
        'There is no IAM Identity Center called Production-Read. See keyhold sso list.',
      );
    }
    expect(await lab.signIn()).toMatchObject({ name: 'corp', profiles });
    // Without a name, only what is of the type counts.
    const settings = { type: 'saml', startUrl: 'https://idp.example.com/app' } as const;
    await lab.core.client.call('signIn.add', { name: 'idp', settings });
    expect(await keyhold(defineSso, ['import', '--all', '--dry-run'])).toContain('Each of your 3 roles');
    await lab.core.client.call('signIn.remove', { name: 'idp' });
  });

  test('lists roles, and makes profiles of those that are chosen', async () => {
    await login();
    expect(await keyhold(defineSso, ['list', 'corp'])).toContain('Make profiles of them with: keyhold sso import corp');
    await expect(keyhold(defineSso, ['import', 'corp', '--role', 'Reed'])).rejects.toThrow('a role called Reed');
    await expect(keyhold(defineSso, ['import', 'corp', '--account', '9'])).rejects.toThrow('an account 9');
    expect(await keyhold(defineSso, ['import', 'corp', '--all', '--dry-run'])).toContain('Nothing was added');
    expect(await keyhold(defineSso, ['import', 'corp', '--account', 'sandbox', '--role', 'read'])).toContain(
      '1 profile and 1 account added:\n  Sandbox-Read\n',
    );
    const asked = await keyhold(defineSso, ['import', 'corp'], { answers: ['7', '2'] });
    expect(asked).toMatch(/1 +Production +222222222222 +Read\n2 +Sandbox +111111111111 +Admin\n/);
    expect(asked).toContain('Type numbers from 1 to 2');
    expect(asked).toContain('1 profile added:\n  Sandbox-Admin\n');
    await keyhold(defineSso, ['import', 'corp', '--all', '--template', '{role}@{accountId}', '--region', 'eu-west-1']);
    expect(said).toContain('  Read@222222222222\n');
    expect(await keyhold(defineSso, ['import', 'corp', '--all'])).toBe('Each of your 3 roles has a profile already.\n');
  });

  test('takes numbers as people type them', () => {
    expect(parseChoice(' 1, 3-5 3', 5)).toEqual([0, 2, 3, 4]);
    expect(parseChoice('ALL', 2)).toEqual([0, 1]);
    for (const wrong of ['', '0', '6', '3-2', 'x', '1;2', '1-9']) expect(parseChoice(wrong, 5)).toBeNull();
  });
});

test('without a name, login means what is not signed in, and logout what is', async () => {
  const settings = { type: 'sso', startUrl: 'https://d-9.awsapps.com/start', region: 'us-east-1' } as const;
  await lab.core.client.call('signIn.add', { name: 'work', settings });
  await expect(keyhold(defineLogout, [])).rejects.toThrow('Say which one: corp, work.');
  await login();
  expect(await keyhold(defineLogout, [])).toBe('Signed out of corp.\n');
  expect((await lab.signIn()).state).toBe('none');
});

test('keyhold logout says what it did, and what it could not do', async () => {
  expect(await keyhold(defineLogout, [])).toBe('Nobody was signed in to corp.\n');
  await login();
  await lab.sso.offline();
  expect(await keyhold(defineLogout, ['corp'])).toMatch(/^Signed out of corp\.\nThe other side was not told: /);
  await lab.sso.online();
});
