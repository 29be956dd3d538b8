import { afterEach, beforeEach, expect, test } from 'vitest';
import { inWords, openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

/** What the program of the profile `tool` prints. */
let printed: object;
/** Awaited by it, once it runs. */
let running: () => Promise<void>;
let lab: PanicLab;
beforeEach(async () => {
  running = () => Promise.resolve();
  const run = async () => {
    await running();
    return { code: 0, stdout: Buffer.from(JSON.stringify(printed)), stderr: '' };
  };
  lab = await openPanicLab({ programs: { run } });
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

/** A profile whose program prints a session of the role `deploy`, which no other profile knows of. */
async function addTool(): Promise<string> {
  const arn = await lab.addRole('deploy', 'alice');
  await lab.use('deploy');
  const session = [...lab.aws.sessions.values()].at(-1);
  if (session === undefined) throw new Error('there is no session');
  printed = {
    Version: 1,
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiresAt).toISOString(),
  };
  await call('profile.remove', { name: 'deploy' });
  const origin = { kind: 'process' as const, command: ['/usr/bin/tool'] };
  await call('profile.add', { name: 'tool', account: 'hub', region: 'eu-central-1', origin });
  return arn;
}

test('a session that nobody has named a role of is asked whose it is, and refused', async () => {
  await lab.admit('alice');
  const arn = await addTool();
  await lab.use('tool');
  const report = await lab.start({ keepUnlocked: true });
  expect(report.sessions).toEqual(['tool']);
  expect(report.steps.map(inWords)).toContain('denyRole deploy done');
  expect(lab.aws.roles.get(arn)?.policies.size).toBe(1);
  expect(report.next.join('\n')).toContain('The profile tool gets its credentials from a program');
});

test('what goes on without the keys is named: credentials outside, sign-ins, and a password that was being made', async () => {
  await lab.admit('alice');
  await addTool();
  const settings = { type: 'sso', startUrl: 'https://corp.awsapps.com/start', region: 'eu-central-1' } as const;
  await call('signIn.add', { name: 'corp', settings });
  const session = lab.core.running.core.session();
  const { clock } = lab;
  const kinds = ['accessKey', 'profile', 'signIn', 'credential', 'leftSession'] as const;
  const things = await session.need(...kinds);
  await session.write(
    'cli',
    (draft) => {
      // Its login has ended since.
      const { id, value } = things.byName('signIn', 'corp');
      draft.put('signIn', id, { ...value, signedInAt: clock.now() });
      const key = things.byName('accessKey', 'alice').id;
      const made = { key, note: '', createdAt: clock.now() };
      const service = 'codecommit.amazonaws.com' as const;
      // AWS was asked for it, and has not answered.
      const making = { since: clock.now(), before: [] };
      const codecommit = { type: 'service', name: 'git', ...made, service, making } as const;
      draft.put('credential', session.newId(), codecommit);
      for (const [name, accessKeyId] of [
        ['tool', 'ASIAEXAMPLEEXAMPLE01'],
        ['alice', 'ASIAEXAMPLEEXAMPLE02'],
      ] as const) {
        draft.put('leftSession', session.newId(), {
          ...{ profile: things.byName('profile', name).id, accessKeyId, settings: '', ways: ['console'] },
          ...{ obtainedAt: clock.now(), expiresAt: clock.now() + 3_600_000, leftAt: clock.now() },
        });
      }
      return () => undefined;
    },
    kinds,
  );
  const { next } = await lab.start({ keepUnlocked: true });
  const said = next.join('\n');
  expect(said).toContain(
    'Credentials of tool (ASIAEXAMPLEEXAMPLE01) left the app (for the console) and are good until',
  );
  // Her sessions are refused.
  expect(said).not.toContain('ASIAEXAMPLEEXAMPLE02');
  expect(said).toContain('Sign out of corp');
  expect(said).toContain('whether alice has an active password for codecommit.amazonaws.com that is not in this vault');
});

test('nothing leaves while it is open, whatever a profile gets its credentials from', async () => {
  await lab.admit('alice');
  await addTool();
  await lab.start({ keys: ['alice'], keepUnlocked: true });
  const refused = { code: 'HsmRefused', message: expect.stringContaining('keyhold panic close') };
  await expect(call('console.open', { profile: 'tool' })).rejects.toMatchObject(refused);
  await call('panic.close', {});
  // Its account has no console.
  await expect(call('console.open', { profile: 'tool' })).rejects.toMatchObject({ code: 'Unsupported' });
});

test('a client that is made while it is open gets nothing that works without a key, until a person says so', async () => {
  await lab.admit('alice');
  const bob = await lab.admit('bob');
  await addTool();
  await lab.start({ keys: ['alice'], keepUnlocked: true });
  await lab.core.addClient({ name: 'new', profile: 'tool' });
  const refused = { code: 'HsmRefused', message: expect.stringContaining('keyhold panic close') };
  await expect(lab.use('tool')).rejects.toMatchObject(refused);
  await expect(call('session.refresh', { profile: 'tool' })).rejects.toMatchObject(refused);
  // A key that was left out by name has its own switch.
  await lab.use('bob');
  // Also after the lock.
  await lab.core.restart();
  await lab.core.unlock();
  await expect(lab.use('tool')).rejects.toMatchObject(refused);
  // As far as it goes is enough: nobody here makes the key active again.
  bob.status = 'Inactive';
  expect(await call('panic.undo', {})).toMatchObject({ state: 'open' });
  await lab.use('tool');
  // A new one has not been taken back.
  await lab.start({ keys: ['alice'], keepUnlocked: true });
  await expect(lab.use('tool')).rejects.toMatchObject(refused);
  await call('panic.close', {});
  await lab.use('tool');
});

test('a session that is asked for while the panic waits for its turn comes to nothing', async () => {
  await lab.admit('alice');
  await addTool();
  const session = lab.core.running.core.session();
  const free = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const before = session.write('cli', () => free.promise.then(() => () => undefined), []);
  running = () => {
    going.resolve();
    return answer.promise;
  };
  const started = lab.start({ keys: ['alice'], keepUnlocked: true, now: true });
  const used = expect(lab.use('tool')).rejects.toMatchObject({ code: 'Cancelled' });
  await going.promise;
  free.resolve();
  await Promise.all([before, started]);
  answer.resolve();
  await used;
});
