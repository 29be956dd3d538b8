import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ACCESS_KEY_ID, SECRET_KEY, startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { enrolSoftKey, type Finger, finger } from '../../support/gate-keys.ts';
import { PASSWORD } from '../../support/hsm.ts';
import { type HsmPeople, hsmPeople } from '../../support/hsm-user.ts';
import { readHsmRules, readVault } from '../../support/second-reader.ts';
import type { SoftSecurityKey } from '../../support/soft-security-key.ts';

const LESS = { do: 'set-quorum', service: 'key', required: 0 } as const;
const EACH = { withinSeconds: 0, keys: ['blue'] };

let core: TestCore;
let clock: FakeClock;
let blue: SoftSecurityKey;
let hand: Finger;
let recovery: string;
let people: HsmPeople;

beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  recovery = await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  blue = await enrolSoftKey(core, 'blue');
  hand = finger([blue]);
  core.running.core.touch.use(hand.source);
  people = hsmPeople(core.client);
  await people.init('alice');
}, 60_000);
afterEach(() => core.dispose());

const events = async (action: string) =>
  (await core.client.call('audit.list', { limit: 50 })).entries
    .map(({ event }) => event)
    .filter((event) => event.action === action);
const secret = async (factor: 'password' | 'recovery-code', text: string) => {
  const { seal } = await import('../../../src/client/seal.ts');
  return {
    factor,
    sealed: await seal(await core.client.call('hsm.sealKey', {}), factor, new TextEncoder().encode(text)),
  };
};

test('an approval waits for a touch that says what for, and the log names its credential, also within its time', async () => {
  await people.touch('key', { withinSeconds: 60, keys: 'any' });
  await people.quorum('key', 1);
  const id = await people.approved(LESS, 'alice');
  expect(hand.asked.map(({ message }) => message)).toEqual([
    `Touch “blue” to let the command line approve the quorum token ${id.slice(0, 8)} as alice.`,
  ]);
  await people.approved(LESS, 'alice');
  expect(hand.asked).toHaveLength(1);
  const mfa = [{ key: 'blue', credentialId: Buffer.from(blue.credentialId).toString('hex') }];
  expect(await events('hsm.quorum.approve')).toMatchObject(Array(2).fill({ decision: 'allowed', mfa }));
  hand.does = 'refuse';
  clock.advance(60_000);
  await expect(people.approved(LESS, 'alice')).rejects.toMatchObject({ code: 'TouchRequired' });
  expect((await events('hsm.quorum.approve'))[0]).toMatchObject({ decision: 'denied' });
});

/** The users' record in a copy of the vault, as another program reads it. */
async function written(name: string) {
  const path = join(core.home, name);
  await core.client.call('vault.backup', { path });
  const { records } = await readVault(path, PASSWORD);
  return readHsmRules(records.find(({ kind }) => kind === 'hsmUsers')?.payload ?? Buffer.alloc(0));
}

test('a rule is listed with the gates, in names, and loosened with a touch', async () => {
  expect(await written('before.keyhold')).toEqual({ v: 1, tokens: [] });
  await people.touch('user', EACH);
  expect(await core.client.call('gate.list', {})).toEqual({ gates: [{ kind: 'approval', name: 'user', gate: EACH }] });
  expect((await core.client.call('hsm.users', {})).touch).toEqual({ key: null, user: EACH });
  const act = { do: 'set-approval-touch', service: 'key', touch: EACH } as const;
  await people.quorum('user', 1);
  await people.approved(act, 'alice');
  expect((await core.client.call('hsm.users', {})).tokens[0]?.description).toBe(
    'let officers approve the destruction and export of keys only with a touch of blue, each time',
  );
  await people.touch('key', EACH);
  await people.approved({ ...act, touch: null }, 'alice');
  const [object] = core.running.core
    .session()
    .things.all('securityKey')
    .map(({ value }) => value.object?.id);
  const kept = { withinSeconds: 0, keys: [object] };
  expect(await written('after.keyhold')).toEqual({
    ...{ v: 2, touch: { user: kept, key: kept } },
    tokens: [{ approvals: [{ user: 'alice', touch: object }] }],
  });
  const asked = hand.asked.length;
  await people.touch('key', null);
  expect(hand.asked.length).toBe(asked + 1);
  expect(hand.asked.at(-1)?.message).toContain('let officers approve without a touch (key)');
  await expect(people.touch('key', { withinSeconds: 0, keys: ['nobody'] })).rejects.toMatchObject({ code: 'NotFound' });
});

test('something is left that passes a rule, or the way out of it is named', async () => {
  await people.touch('key', EACH);
  await people.quorum('key', 1);
  const remove = async (factor: 'password' | 'recovery-code', text: string) =>
    core.client.call('mfa.removeKey', { name: 'blue', authorize: await secret(factor, text) });
  hand.does = 'refuse';
  await expect(remove('password', PASSWORD)).rejects.toMatchObject({ code: 'TouchRequired' });
  await expect(enrolSoftKey(core, 'mine', await secret('password', PASSWORD))).rejects.toMatchObject({
    code: 'TouchRequired',
  });
  await remove('recovery-code', recovery);
  const { slots } = await core.client.call('slot.list', {});
  const code = slots.find(({ factors }) => factors.includes('recovery-code'));
  await expect(
    core.client.call('slot.remove', { id: code?.id ?? '', authorize: await secret('password', PASSWORD) }),
  ).rejects.toMatchObject({ code: 'InUse', details: { dependents: ['approvals (key)'] } });
  await expect(people.approved(LESS, 'alice')).rejects.toMatchObject({
    code: 'TouchRequired',
    message: expect.stringContaining('keyhold hsm users reset'),
  });
  await core.client.callSealed('hsm.usersReset', async (seal) => ({
    recoveryCode: await seal('recovery-code', new TextEncoder().encode(recovery)),
  }));
  expect(await core.client.call('gate.list', {})).toEqual({ gates: [] });
});

test('a quorum for keys keeps nobody from changing what is no key material of theirs', async () => {
  await people.quorum('key', 1);
  await core.client.call('account.add', { name: 'prod', accountId: '123456789012', kind: 'remote' });
  await core.importKey({ name: 'deploy', account: 'prod', accessKeyId: ACCESS_KEY_ID }, SECRET_KEY);
  const target = { kind: 'key', name: 'deploy' } as const;
  await core.client.call('gate.set', { target, withinSeconds: 60, keys: 'any' });
  await core.client.call('gate.set', { target, withinSeconds: 0, keys: 'any' });
  await core.client.call('gate.remove', { target });
  // With the new counter of the security key.
  await core.running.core.session().touches.flush(core.running.core.session());
});
