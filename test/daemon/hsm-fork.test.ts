import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { createHsmClient, type HsmClient } from '../../src/core/hsm/client.ts';
import type { HsmResponseFrame } from '../../src/core/hsm/protocol.ts';
import type { HsmChannel } from '../../src/core/ports.ts';
import { hsmExecArgv, spawnHsmProcess } from '../../src/daemon/hsm-fork.ts';
import { createTestVault, emptyHead, sealFor, unlockWith } from '../support/hsm.ts';
import { makeKmsKey } from '../support/kms-keys.ts';

const started: HsmChannel[] = [];
function start(): { channel: HsmChannel; hsm: HsmClient } {
  const channel = spawnHsmProcess();
  started.push(channel);
  return { channel, hsm: createHsmClient(channel) };
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((channel) => channel.kill()));
});

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
function pidOf(channel: HsmChannel): number {
  if (channel.pid === undefined) throw new Error('not started');
  return channel.pid;
}

describe('the HSM process', () => {
  test('makes a vault, signs with an imported key, and a second one opens the vault', async () => {
    const { hsm } = start();
    const vault = await createTestVault(hsm);
    const id = 'ab'.repeat(16);
    const { blob } = await hsm.call('importObject', {
      id,
      sealed: await sealFor(hsm, 'secret-access-key', 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'),
      purpose: 'secret-access-key',
      attributes: {
        class: 'secret-key',
        spec: 'AWS_SECRET_ACCESS_KEY',
        usage: ['sigv4'],
        extractable: false,
        label: 'prod',
        createdAt: 1,
        policy: {},
      },
    });
    const head = emptyHead(vault);
    const { headMac } = await hsm.call('commit', { records: [], pages: [], audit: new Uint8Array(), head });
    const second = start().hsm;
    expect(await unlockWith(second, vault, { factor: 'password', text: vault.password }, head, headMac)).toEqual({
      slot: 0,
      headOk: true,
    });
    const scope = { date: '20150830', region: 'us-east-1', service: 'service' };
    const stringToSign =
      'AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\nbb579772317eb040ac9ed261061d46c1f17a8133879d6129b6e1c25292927e63';
    for (const signer of [hsm, second]) {
      expect(await signer.call('sigv4Sign', { key: { id, version: 1, blob }, scope, stringToSign })).toEqual({
        signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
      });
    }
  });

  test('stays responsive while an Argon2id runs', async () => {
    const { hsm } = start();
    const order: string[] = [];
    const creating = createTestVault(hsm).then(() => order.push('vault'));
    await hsm.call('random', { length: 1 });
    for (let index = 0; index < 5; index++) await hsm.call('random', { length: 1 }).then(() => order.push('random'));
    await creating;
    expect(order.at(-1)).toBe('vault');
  });

  test('makes and uses key pairs of every kind under the permission model, RSA off its event loop', async () => {
    const { hsm } = start();
    await createTestVault(hsm);
    const slow = makeKmsKey(hsm, 'RSA_4096', ['sign', 'verify']);
    const message = new Uint8Array(32);
    for (const [spec, algorithm] of [
      ['RSA_2048', 'RSASSA_PSS_SHA_256'],
      ['EC_P384', 'ECDSA_SHA_384'],
      ['EC_SECP256K1', 'ECDSA_SHA_256'],
      ['ED25519', 'ED25519_SHA_512'],
      ['ML_DSA_44', 'ML_DSA_SHAKE_256'],
    ] as const) {
      const { ref } = await makeKmsKey(hsm, spec, ['sign', 'verify']);
      const toSign = { key: ref, algorithm, messageType: 'RAW', message } as const;
      const { signature } = await hsm.call('kmsSign', toSign);
      expect(await hsm.call('kmsVerify', { ...toSign, signature }), spec).toEqual({ valid: true });
    }
    expect((await slow).material.attributes.spec).toBe('RSA_4096');
  });

  test('kill -9: everything pending rejects with HsmCrashed, and the exit is told once', async () => {
    const { channel, hsm } = start();
    await hsm.call('sealKey', {});
    const exits: unknown[] = [];
    hsm.onExit((exit) => exits.push(exit));
    const pending = [createTestVault(hsm), hsm.call('calibrate', { targetMs: 5_000 })];
    const outcomes = Promise.allSettled(pending);
    await hsm.call('random', { length: 1 });
    process.kill(pidOf(channel), 'SIGKILL');
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'HsmCrashed' } });
    }
    await expect(hsm.call('sealKey', {})).rejects.toMatchObject({ code: 'HsmCrashed' });
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL', expected: false }]);
  });

  test('kill() ends it and resolves when it is gone', async () => {
    const { channel, hsm } = start();
    await hsm.call('sealKey', {});
    const pid = pidOf(channel);
    await hsm.kill();
    expect(isAlive(pid)).toBe(false);
    await hsm.kill();
  });

  test('SIGINT (Ctrl-C in the terminal) does not end it; SIGTERM does', async () => {
    const { channel, hsm } = start();
    await hsm.call('sealKey', {});
    process.kill(pidOf(channel), 'SIGINT');
    await expect(hsm.call('random', { length: 1 })).resolves.toBeDefined();
    const exited = new Promise((resolve) => hsm.onExit(resolve));
    process.kill(pidOf(channel), 'SIGTERM');
    expect(await exited).toEqual({ code: 0, signal: null, expected: false });
  });

  test('garbage messages neither end it nor are they answered', async () => {
    const { channel, hsm } = start();
    const frames: HsmResponseFrame[] = [];
    channel.onFrames((batch) => frames.push(...batch));
    const garbage: unknown[] = [null, 5, 'x', {}, [[]], [null], [{ id: 'x' }], [{ id: 1.5 }], [{ id: Number.NaN }]];
    for (const message of garbage) Reflect.apply(channel.send, channel, [message]);
    Reflect.apply(channel.send, channel, [
      [{ id: -1 }, { id: -2, op: 'nothing' }, { id: -3, op: 'toString', input: [] }],
    ]);
    await hsm.call('random', { length: 1 });
    expect(frames.filter(({ id }) => id < 0)).toHaveLength(3);
    for (const frame of frames.filter(({ id }) => id < 0))
      expect(frame).toMatchObject({ error: { code: 'Unsupported' } });
    expect(frames).toHaveLength(4);
  });

  test.skipIf(process.platform !== 'linux')('argv and environment carry nothing of ours', async () => {
    process.env['KEYHOLD_CANARY'] = 'canary-value';
    try {
      const { channel, hsm } = start();
      await hsm.call('sealKey', {});
      const read = (name: string) =>
        readFileSync(`/proc/${pidOf(channel)}/${name}`, 'utf8')
          .split('\0')
          .filter(Boolean);
      const names = read('environ').map((entry) => entry.split('=')[0]);
      expect(names.filter((name) => !/^NODE_CHANNEL_/.test(name ?? ''))).toEqual([]);
      const [, ...argv] = read('cmdline');
      expect(argv).toContain('--permission');
      expect(argv.at(-1)).toMatch(/core\/hsm\/process\.ts$/);
      expect(argv.slice(0, -1)).toEqual(hsmExecArgv());
    } finally {
      delete process.env['KEYHOLD_CANARY'];
    }
  });

  test('ends when the daemon that started it is gone', async () => {
    const script = `
      import { spawnHsmProcess } from ${JSON.stringify(new URL('../../src/daemon/hsm-fork.ts', import.meta.url).href)};
      const channel = spawnHsmProcess();
      channel.onFrames(() => { console.log(channel.pid); process.kill(process.pid, 'SIGKILL'); });
      channel.send([{ id: 1, op: 'sealKey', input: {} }]);
    `;
    const parent = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    const pid = Number(parent.stdout.trim());
    expect(parent.signal).toBe('SIGKILL');
    expect(pid).toBeGreaterThan(0);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  });
});

describe('the permission model of its flags', () => {
  /** Runs a snippet under the very flags of the HSM process. */
  function run(snippet: string) {
    const program = `const { tryIt } = { tryIt: async (f) => { try { await f(); console.log('allowed'); } catch (e) { console.log(e.code ?? e.name); } } };
      await tryIt(async () => { ${snippet} });`;
    const result = spawnSync(process.execPath, [...hsmExecArgv(), '--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: {},
    });
    return result.stdout.trim();
  }
  const outside = JSON.stringify(new URL('../../package.json', import.meta.url).pathname);
  const entry = JSON.stringify(new URL('../../src/core/hsm/process.ts', import.meta.url).pathname);

  test.each([
    ['reads its own code', `(await import('node:fs')).readFileSync(${entry})`, 'allowed'],
    ['loads Argon2id', `await (await import('@node-rs/argon2')).hashRaw('x', { salt: new Uint8Array(16) })`, 'allowed'],
    ['does not read other files', `(await import('node:fs')).readFileSync(${outside})`, 'ERR_ACCESS_DENIED'],
    ['does not read /etc', `(await import('node:fs')).readFileSync('/etc/passwd')`, 'ERR_ACCESS_DENIED'],
    ['does not list folders', `(await import('node:fs')).readdirSync('/')`, 'ERR_ACCESS_DENIED'],
    ['does not write', `(await import('node:fs')).writeFileSync('hsm-probe.tmp', 'x')`, 'ERR_ACCESS_DENIED'],
    ['starts no process', `(await import('node:child_process')).spawnSync('true')`, 'ERR_ACCESS_DENIED'],
    [
      'starts no worker',
      `const { Worker } = await import('node:worker_threads'); new Worker('1', { eval: true })`,
      'ERR_ACCESS_DENIED',
    ],
    ['opens no debugger', `(await import('node:inspector')).open(0)`, 'ERR_ACCESS_DENIED'],
    ['evaluates no strings', `new Function('return 1')()`, 'EvalError'],
  ])('%s', (_, snippet, expected) => {
    expect(run(snippet)).toBe(expected);
  });
});
