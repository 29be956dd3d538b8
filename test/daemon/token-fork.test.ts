import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { createTokenClient, type TokenClient, unavailable } from '../../src/core/tokens/token-client.ts';
import { systemClock } from '../../src/daemon/system-ports.ts';
import { spawnTokenProcess } from '../../src/daemon/token-fork.ts';

const started: TokenClient[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(started.splice(0).map((client) => client.kill(unavailable('the test is over'))));
});

function start(environment: Record<string, string> = {}): TokenClient {
  const client = createTokenClient(spawnTokenProcess(environment), systemClock);
  started.push(client);
  return client;
}

test.skipIf(process.platform !== 'linux')(
  'has the home folder and what the token was added with, and nothing of the daemon’s',
  async () => {
    vi.stubEnv('KEYHOLD_CANARY', 'canary-value');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-value');
    vi.stubEnv('HOME', '/home/somebody');
    const client = start({ SOFTHSM2_CONF: '/x' });
    await client.call('replyKey', {}, 60_000);
    const read = (name: string) => readFileSync(`/proc/${client.pid}/${name}`, 'utf8').split('\0').filter(Boolean);
    const environment = read('environ').filter((entry) => !/^NODE_CHANNEL_/.test(entry));
    expect(environment.sort()).toEqual(['HOME=/home/somebody', 'SOFTHSM2_CONF=/x']);
    const [, ...argv] = read('cmdline');
    expect(argv).toContain('--permission');
    expect(argv.filter((one) => /^--allow/.test(one) && !/^--allow-(addons|fs-read=.*)$/.test(one))).toEqual([]);
    expect(argv.at(-1)).toMatch(/core\/hsm\/pkcs11\/process\.ts$/);
  },
);

test('each has a key of its own, which lives as long as it does', async () => {
  const [one, two] = await Promise.all([start(), start()].map((client) => client.call('replyKey', {}, 60_000)));
  expect(one?.publicKey).toHaveLength(32);
  expect(one?.publicKey).not.toEqual(two?.publicKey);
});

test('before a module is loaded there is nothing to ask', async () => {
  const client = start();
  await expect(client.call('random', { length: 1 }, 60_000)).rejects.toMatchObject({ code: 'InvalidInput' });
  await expect(client.call('listTokens', {}, 60_000)).rejects.toMatchObject({ code: 'InvalidInput' });
});
