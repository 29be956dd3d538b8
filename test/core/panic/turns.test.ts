import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { inWords, openPanicLab, type PanicLab } from '../../support/panic-lab.ts';

let lab: PanicLab;
beforeEach(async () => {
  lab = await openPanicLab();
});
afterEach(() => lab.close());

const call: PanicLab['core']['client']['call'] = (...args) => lab.core.client.call(...args);

function gate() {
  const [met, open] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const pass = (): Promise<void> => {
    met.resolve();
    return open.promise;
  };
  return { met: met.promise, open: open.resolve, pass };
}

test('a panic that is begun while one is taken back has the last word', async () => {
  const alice = await lab.admit('alice');
  await lab.admit('admin');
  await lab.start({ keys: ['alice'], keepUnlocked: true });
  const { awsIam } = lab.core.running.core.shell;
  const real = awsIam.setActive.bind(awsIam);
  const held = gate();
  vi.spyOn(awsIam, 'setActive').mockImplementation(async (signer, key) => {
    await real(signer, key);
    if (key.active) await held.pass();
  });
  const undone = expect(call('panic.undo', {})).rejects.toMatchObject({ code: 'Cancelled' });
  await held.met;
  expect(alice.status).toBe('Active');
  const session = lab.core.running.core.session();
  const first = session.things.all('panic')[0]?.value.cutoff;
  lab.clock.advance(1000);
  const started = lab.start({ keys: ['alice'], keepUnlocked: true });
  await vi.waitUntil(() => session.things.all('panic')[0]?.value.cutoff !== first, { timeout: 5000 });
  held.open();
  await undone;
  const report = await started;
  expect(report).toMatchObject({ state: 'open', complete: true });
  expect(report.steps.map(inWords).sort()).toEqual([`deactivate ${alice.accessKeyId} done`, 'denyUser alice done']);
  expect(alice.status).toBe('Inactive');
  expect((await call('key.list', {})).keys.find(({ name }) => name === 'alice')).toMatchObject({ status: 'disabled' });
});

test('a denial that was sent before a second panic is sent once more, with the later date', async () => {
  await lab.admit('alice');
  await lab.admit('admin');
  const { awsRevoke } = lab.core.running.core.shell;
  const real = awsRevoke.putPolicy.bind(awsRevoke);
  const held = gate();
  const sent = vi.spyOn(awsRevoke, 'putPolicy').mockImplementation(async (signer, policy) => {
    await real(signer, policy);
    await held.pass();
  });
  const session = lab.core.running.core.session();
  const first = lab.start({ keys: ['alice'], keepUnlocked: true });
  await held.met;
  const before = session.things.all('panic')[0]?.value.cutoff;
  lab.clock.advance(1000);
  const second = lab.start({ keys: ['alice'], keepUnlocked: true });
  await vi.waitUntil(() => session.things.all('panic')[0]?.value.cutoff !== before, { timeout: 5000 });
  held.open();
  await first;
  const report = await second;
  expect(report).toMatchObject({ complete: true });
  expect(sent.mock.calls.at(-1)?.[1].document).toContain(report.cutoff);
});

test('a key that a rotation is given after the others are off is switched off as well', async () => {
  const alice = await lab.admit('alice');
  const { awsIam } = lab.core.running.core.shell;
  const real = awsIam.createAccessKey.bind(awsIam);
  const held = gate();
  vi.spyOn(awsIam, 'createAccessKey').mockImplementation(async (...of) => {
    const made = await real(...of);
    await held.pass();
    return made;
  });
  await lab.admit('admin');
  await call('rotation.start', { key: 'alice', quarantineSeconds: 3600 });
  await held.met;
  const session = lab.core.running.core.session();
  const started = lab.start({ keepUnlocked: true, keys: ['alice'] });
  await session.need('panic');
  await vi.waitUntil(() => session.things.all('panic').length > 0, { timeout: 5000 });
  // No longer than this is waited for it before the others are dealt with.
  lab.clock.advance(3001);
  await vi.waitUntil(() => alice.status === 'Inactive', { timeout: 5000 });
  held.open();
  const report = await started;
  const keys = [...lab.aws.keys.values()].filter(({ userName }) => userName === 'alice');
  expect(keys.map(({ status }) => status)).toEqual(['Inactive', 'Inactive']);
  expect(report).toMatchObject({ complete: true });
  expect(report.next.join(' ')).not.toContain('not in this vault');
});
