import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { Origin } from '../../../src/contract/origins.ts';
import type { ProgramOutcome } from '../../../src/core/sessions/programs.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

const ID = 'ASIAZQ4MXW3BN7KT7Q2X';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

let core: TestCore;
let clock: FakeClock;
let runs: string[][] = [];
let next: () => Promise<ProgramOutcome>;
const handed: Uint8Array[] = [];

const prints = (value: unknown, code = 0, stderr = ''): Promise<ProgramOutcome> => {
  const stdout = Uint8Array.from(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
  handed.push(stdout);
  return Promise.resolve({ code, stdout, stderr });
};
const good = (more: object = {}) => ({ Version: 1, AccessKeyId: ID, SecretAccessKey: SECRET, ...more });

beforeAll(async () => {
  clock = createFakeClock();
  core = startTestCore({
    clock,
    programs: {
      run(words) {
        runs.push([...words]);
        return next();
      },
    },
  });
  await core.create();
  await core.client.call('account.add', { name: 'prod', accountId: '222222222222', kind: 'remote' });
  await core.client.call('profile.add', {
    name: 'tool',
    account: 'prod',
    origin: { kind: 'process', command: ['/opt/bin/get-creds', '--for', 'prod account'] },
  });
});
afterAll(() => core.dispose());

async function credentials() {
  const session = core.running.core.session();
  const things = await session.need('profile');
  return session.broker.credentials(things.byName('profile', 'tool').id);
}

async function fresh(answer: () => Promise<ProgramOutcome>) {
  await core.client.call('session.revoke', { profile: 'tool' });
  runs = [];
  next = answer;
}

test('a program is run once for many callers, and again ahead of the end it gives', async () => {
  const end = () => new Date(clock.now() + 480_000).toISOString();
  await fresh(() => prints(good({ SessionToken: 'token/+==', Expiration: end() })));
  const all = await Promise.all(Array.from({ length: 20 }, credentials));
  expect(new Set(all.map(({ accessKeyId, sessionToken }) => `${accessKeyId} ${sessionToken}`))).toEqual(
    new Set([`${ID} token/+==`]),
  );
  expect(runs).toEqual([['/opt/bin/get-creds', '--for', 'prod account']]);
  expect(handed.at(-1)?.every((byte) => byte === 0)).toBe(true);
  const { sessions } = await core.client.call('session.list', {});
  expect(sessions).toMatchObject([{ profile: 'tool', kind: 'process', state: 'active', expiresAt: end() }]);
  clock.advance(400_000);
  await vi.waitFor(() => expect(runs).toHaveLength(2));
});

test('without a token and an end it is a key for an hour', async () => {
  await fresh(() => prints(good()));
  expect(await credentials()).toMatchObject({ accessKeyId: ID, expiresAt: clock.now() + 3_600_000 });
  expect((await credentials()).sessionToken).toBeUndefined();
  expect(runs).toHaveLength(1);
});

test.each<[string, () => Promise<ProgramOutcome>, RegExp]>([
  ['another version', () => prints(good({ Version: 2 })), /prints no credentials: it has to print JSON with Version 1/],
  ['no secret', () => prints({ Version: 1, AccessKeyId: ID }), /prints no credentials/],
  ['no JSON', () => prints('export AWS_ACCESS_KEY_ID=…'), /prints no credentials/],
  ['nothing', () => prints(''), /prints no credentials/],
  [
    'its own failure',
    () => prints('', 3, 'not\u001b[31m signed in\n'),
    /ended with code 3 and says: not\[31m signed in/,
  ],
  ['an end in the past', () => prints(good({ Expiration: '2001-01-01T00:00:00Z' })), /has ended at 2001/],
  ['no program', () => Promise.reject(new KeyholdError('NotFound', 'The program x is not there.')), /not there/],
])('refuses %s in a sentence, without the secret', async (_name, answer, message) => {
  await fresh(answer);
  const error: unknown = await credentials().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KeyholdError);
  expect(String(error)).toMatch(message);
  expect(String(error)).not.toContain(SECRET);
});

test.each(['app', 'web'] as const)('%s may name neither a program nor a file with a token', async (actor) => {
  const page = core.as(actor);
  for (const origin of [
    { kind: 'process', command: ['x'] },
    { kind: 'webIdentity', tokenFile: '/run/token' },
  ] satisfies Origin[]) {
    const refusal = { code: 'Unauthorized', message: expect.stringContaining('only the command line may name one') };
    const role = { arn: 'arn:aws:iam::222222222222:role/deploy' };
    await expect(page.call('profile.add', { name: 'page', account: 'prod', origin, role })).rejects.toMatchObject(
      refusal,
    );
    await expect(page.call('profile.update', { name: 'tool', origin })).rejects.toMatchObject(refusal);
  }
  // What else such a profile has can be changed.
  await page.call('profile.update', { name: 'tool', region: 'eu-central-1' });
});

test('what a program says is for who asked, and in no log', async () => {
  await fresh(() => prints('', 3, 'the password hunter2 is wrong\n'));
  const error: unknown = await credentials().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ServiceRefused', message: expect.stringContaining('hunter2') });
  const { entries } = await core.client.call('audit.list', {});
  const reason = 'The program /opt/bin/get-creds gives no credentials for the profile tool: it ended with code 3.';
  expect(entries[0]?.event).toMatchObject({ action: 'session.obtain', decision: 'denied', reason });
  expect(error instanceof Error && error.stack).not.toContain('hunter2');
  expect(JSON.stringify([entries, core.logged])).not.toContain('hunter2');
});

test('a role is assumed by a profile of its own', async () => {
  const origin: Origin = { kind: 'process', command: ['x'] };
  await core.client.call('profile.add', { name: 'other', account: 'prod', origin });
  await expect(
    core.client.call('profile.add', {
      name: 'both',
      account: 'prod',
      origin,
      role: { arn: 'arn:aws:iam::222222222222:role/deploy' },
    }),
  ).rejects.toThrow(/make another profile whose source is this one/);
  await expect(core.client.call('profile.update', { name: 'tool', origin, source: 'other' })).rejects.toThrow(
    /give either a key, a source or an origin/,
  );
});
