import { afterEach, beforeEach, expect, test } from 'vitest';
import { createReplyKey } from '../../../src/client/seal.ts';
import type { Result } from '../../../src/contract/methods.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

let core: TestCore;
let clock: FakeClock;
beforeEach(async () => {
  clock = createFakeClock();
  core = startTestCore({ clock });
  await core.create();
  await core.populate();
});
afterEach(() => core.dispose());

/** `client.issue` over a connection that lasts until `end`. */
async function run(purpose: 'exec' | 'env' = 'exec') {
  const connection = new AbortController();
  const reply = await createReplyKey();
  const params = { profile: 'prod', purpose, replyKey: reply.publicKey };
  const answer = await core.running.call('client.issue', params, 'cli', connection.signal);
  const issued = answer as Result<'client.issue'>;
  return { name: issued.client.name, accessKeyId: issued.accessKeyId, end: () => connection.abort() };
}

const hold = (accessKeyId: string) => {
  const connection = new AbortController();
  const held = core.running.call('client.lease', { accessKeyId }, 'cli', connection.signal);
  return { held, end: () => connection.abort() };
};
const names = async () => (await core.client.call('client.list', {})).clients.map(({ name }) => name);
/** A write behind whatever was begun before it. */
const settled = () => core.client.call('account.update', { name: 'prod', note: 'x' });

test('the client of a command goes when the command’s connection does', async () => {
  const command = await run();
  const env = await run('env');
  expect((await names()).sort()).toEqual([command.name, env.name].sort());
  command.end();
  env.end();
  await settled();
  // What `env` hands out lives on in somebody's shell.
  expect(await names()).toEqual([env.name]);
  expect(await core.running.doorBackend.resolveClient(command.accessKeyId)).toBeNull();
  const { entries } = await core.client.call('audit.list', {});
  expect(entries.map(({ event }) => event)).toContainEqual(
    expect.objectContaining({
      action: 'client.remove',
      target: command.name,
      actor: 'daemon',
      reason: 'its command ended',
    }),
  );
});

test('a command that ended while the vault was locked loses its client with the unlock', async () => {
  const ended = await run();
  const going = await run();
  await core.client.call('vault.lock', {});
  ended.end();
  await core.unlock();
  expect(await names()).toEqual([going.name]);
});

test('a second connection of the same command holds its client as well', async () => {
  const command = await run();
  const second = hold(command.accessKeyId);
  expect(await second.held).toEqual({});
  command.end();
  await settled();
  expect(await names()).toEqual([command.name]);
  second.end();
  await settled();
  expect(await names()).toEqual([]);
});

test('after a restart a command takes its client again, locked or not; what nobody takes goes', async () => {
  const held = await run();
  const left = await run();
  clock.advance(1);
  await core.restart();
  expect(await hold(held.accessKeyId).held).toEqual({});
  await core.unlock();
  expect((await names()).sort()).toEqual([held.name, left.name].sort());
  clock.advance(30_000);
  await settled();
  expect(await names()).toEqual([held.name]);
});

test('a connection that ends while its client is being made leaves none', async () => {
  const connection = new AbortController();
  const reply = await createReplyKey();
  const params = { profile: 'prod', purpose: 'exec', replyKey: reply.publicKey };
  const issued = core.running.call('client.issue', params, 'cli', connection.signal);
  connection.abort();
  await issued;
  await settled();
  expect(await names()).toEqual([]);
});

test('only a connection that lasts can hold a client, and holding removes nobody else’s', async () => {
  await expect(core.client.call('client.lease', { accessKeyId: 'KHLDAAAAAAAAAAAAAAAA' })).rejects.toMatchObject({
    code: 'Unsupported',
  });
  const tool = await core.addClient({ name: 'tool', profile: 'prod' });
  const held = hold(tool.accessKeyId);
  await held.held;
  held.end();
  await settled();
  expect(await names()).toEqual(['tool']);
});
