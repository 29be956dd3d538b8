import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { VaultCopy } from '../../src/contract/hsm.ts';
import { openVault } from '../../src/core/vault/store.ts';
import { startTestCore, type TestCore } from '../support/core.ts';
import { pinnedNode, type SocketClient, startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { isSound } from '../support/is-sound.ts';
import { COMPILED } from '../support/programs.ts';

const FULL = process.env['KEYHOLD_TEST_FULL'] === '1';
const CRASH = fileURLToPath(new URL('../support/mirror-crash.ts', import.meta.url));
const PATIENCE = { timeout: 30_000, interval: 50 };

const folders: string[] = [];
const mounted: string[] = [];
afterEach(() => {
  for (const folder of mounted.splice(0).reverse()) spawnSync('umount', ['-l', folder]);
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(name: string): string {
  const made = mkdtempSync(join(tmpdir(), `kh-${name}-`));
  folders.push(made);
  return made;
}

const namesIn = async (core: Pick<TestCore, 'client'>) =>
  (await core.client.call('account.list', {})).accounts.map(({ name }) => name);

/** What a copy holds, seen as its finder would: alone, in another folder. */
async function namesAlone(path: string): Promise<string[]> {
  const alone = folder('alone');
  for (const suffix of ['', '-wal']) {
    if (existsSync(path + suffix)) copyFileSync(path + suffix, join(alone, `vault.keyhold${suffix}`));
  }
  const core = startTestCore({ home: alone });
  try {
    await core.unlock();
    expect((await core.client.call('vault.check', {})).findings).toEqual([]);
    return await namesIn(core);
  } finally {
    await core.dispose();
  }
}

/** Runs the process that kills itself; answers what it said. */
function crash(what: string, places: { home: string; mirror: string }, round: string, at: number) {
  return new Promise<{ acked: string[]; steps: number | null }>((resolve, reject) => {
    const args = [
      CRASH,
      '--what',
      what,
      '--home',
      places.home,
      '--mirror',
      places.mirror,
      '--round',
      round,
      '--at',
      String(at),
    ];
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILED };
    const child = spawn(pinnedNode(), args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let said = '';
    let complained = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complained += chunk.toString();
    });
    child.once('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`it ended by itself (${code}): ${complained}`));
      const lines = said.split('\n');
      const done = lines.find((line) => line.startsWith('done '));
      resolve({
        acked: lines.flatMap((line) => (line.startsWith('acked ') ? [line.slice(6)] : [])),
        steps: done === undefined ? null : Number(done.slice(5)),
      });
    });
  });
}

/** A locked vault with one mirror in step and one account. */
async function prepare(): Promise<{ home: string; mirror: string }> {
  const home = folder('home');
  const core = startTestCore({ home });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0, backupHours: 0 });
  await core.client.call('account.add', { name: 'first', accountId: '123456789012', kind: 'remote' });
  const { path } = await core.client.call('hsm.mirrorAdd', { path: folder('stick') });
  await core.running.stop();
  return { home, mirror: path };
}

describe('kill -9 at every step', () => {
  /** Before each round the files are put into the state that the round begins with; after it, nothing that was acknowledged is missing. */
  async function everyStep(
    what: string,
    options: {
      before?(places: { home: string; mirror: string }): void | Promise<void>;
      mirrorHasAll?: boolean;
      every?: number;
    } = {},
  ): Promise<number> {
    const places = await prepare();
    const all = new Set(['first']);
    let rounds = 0;
    for (let at = 1; ; at += options.every ?? 1) {
      await options.before?.(places);
      const { acked, steps } = await crash(what, places, `r${at}`, at);
      for (const name of acked) all.add(name);
      if (options.mirrorHasAll === true)
        expect(await namesAlone(places.mirror)).toEqual(expect.arrayContaining([...all]));
      const core = startTestCore({ home: places.home, config: { mirrors: [{ path: places.mirror, apart: false }] } });
      try {
        await core.unlock();
        expect(await namesIn(core), `after step ${at}`).toEqual(expect.arrayContaining([...all]));
        await vi.waitFor(async () => {
          const { copies } = await core.client.call('hsm.status', {});
          expect(copies.map(({ state }) => state)).toEqual(['in-step', 'in-step']);
        }, PATIENCE);
        expect((await core.client.call('vault.check', {})).findings).toEqual([]);
        for (const name of await namesIn(core)) all.add(name);
      } finally {
        await core.running.stop();
      }
      rounds += 1;
      if (steps !== null) break;
    }
    expect(await namesAlone(places.mirror)).toEqual(expect.arrayContaining([...all]));
    const left = [...readdirSync(places.home), ...readdirSync(dirname(places.mirror))];
    // `anchor.json` has temporary files of its own.
    expect(left.filter((name) => name.startsWith('.vault.keyhold'))).toEqual([]);
    console.log(`${what}: ${rounds} kills, ${all.size} accounts, none lost`);
    return rounds;
  }

  test('between and within the writes of vault and mirror', async () => {
    expect(await everyStep('commit', { mirrorHasAll: true })).toBeGreaterThan(15);
  });

  test('while a mirror that missed changes gets a complete copy', async () => {
    const rounds = await everyStep('catch-up', {
      every: FULL ? 1 : 23,
      async before({ home }) {
        // Somebody had the vault open without its mirror.
        const alone = startTestCore({ home });
        await alone.unlock();
        alone.running.core.mirrors.use([]);
        await alone.client.call('account.add', { name: `m${Date.now()}`, accountId: '123456789012', kind: 'remote' });
        await alone.running.stop();
      },
    });
    expect(rounds).toBeGreaterThan(5);
  });

  test('while the vault is rebuilt from its mirror', async () => {
    const rounds = await everyStep('rebuild', {
      every: FULL ? 1 : 9,
      before({ home }) {
        rmSync(join(home, 'vault.keyhold'), { force: true });
      },
    });
    expect(rounds).toBeGreaterThan(5);
  });

  test('while a vault file that was deleted is written back', async () => {
    expect(await everyStep('put-back', { every: FULL ? 1 : 11 })).toBeGreaterThan(3);
  });
});

describe('the real daemon, with a thread for each mirror', () => {
  async function mirrorsOf(daemon: TestDaemon): Promise<VaultCopy[]> {
    const { copies } = await daemon.call('hsm.status', {});
    return copies.filter(({ role }) => role === 'mirror');
  }
  const inStep = (daemon: TestDaemon) =>
    vi.waitFor(async () => {
      const mirrors = await mirrorsOf(daemon);
      expect(mirrors.map(({ state, reason }) => [state, reason])).toEqual(mirrors.map(() => ['in-step', null]));
    }, PATIENCE);

  async function write(client: SocketClient, label: string, acked: Set<string>): Promise<void> {
    for (let index = 0; ; index += 1) {
      const name = `${label}-${index}`;
      try {
        await client.call('account.add', { name, accountId: '123456789012', kind: 'remote' });
        acked.add(name);
      } catch (error) {
        if (error instanceof KeyholdError && error.code === 'Unreachable') return;
        throw error;
      }
    }
  }

  test('kill -9 under writes: each copy alone has every acknowledged write', async () => {
    const rounds = FULL ? 40 : 5;
    const home = folder('home');
    const sticks = [folder('stick'), folder('stick')];
    const acked = new Set<string>();
    let daemon = await startTestDaemon({ home });
    await daemon.create();
    for (const path of sticks) await daemon.call('hsm.mirrorAdd', { path });
    for (let round = 0; round < rounds; round += 1) {
      const clients = await Promise.all([0, 1, 2].map(() => daemon.connect()));
      const writers = clients.map((client, index) => write(client, `r${round}w${index}`, acked));
      await new Promise((resolve) => setTimeout(resolve, 60 + 47 * round));
      await daemon.kill();
      await Promise.all(writers);
      for (const client of clients) client.close();
      const one = join(sticks[round % 2] ?? '', 'vault.keyhold');
      expect(await namesAlone(one)).toEqual(expect.arrayContaining([...acked]));
      // Every other time the vault itself is what was lost.
      if (round % 2 === 1)
        for (const suffix of ['', '-wal']) rmSync(join(home, `vault.keyhold${suffix}`), { force: true });
      daemon = await startTestDaemon({ home });
      await daemon.unlock();
      const { accounts } = await daemon.call('account.list', {});
      expect(accounts.map(({ name }) => name)).toEqual(expect.arrayContaining([...acked]));
      await inStep(daemon);
    }
    console.log(`${rounds} kills with two mirrors, ${acked.size} acknowledged writes, none lost in any copy`);
    await daemon.stop();
  });

  test('a mirror that is deleted while the daemon runs is written anew, and the vault goes on', async () => {
    const home = folder('home');
    const stick = folder('stick');
    const daemon = await startTestDaemon({ home });
    await daemon.create();
    await daemon.call('hsm.mirrorAdd', { path: stick });
    rmSync(join(stick, 'vault.keyhold'));
    await daemon.call('account.add', { name: 'after', accountId: '123456789012', kind: 'remote' });
    await inStep(daemon);
    rmSync(stick, { recursive: true });
    await daemon.call('account.add', { name: 'without', accountId: '123456789012', kind: 'remote' });
    expect(await mirrorsOf(daemon)).toMatchObject([
      { state: 'out-of-reach', reason: expect.stringContaining('no folder') },
    ]);
    mkdirSync(stick);
    await inStep(daemon);
    await daemon.stop();
    expect((await namesAlone(join(stick, 'vault.keyhold'))).sort()).toEqual(['after', 'without']);
  });

  test('two daemons on two copies of one vault: the second to open says who holds the other', async () => {
    const home = folder('home');
    const stick = folder('stick');
    const first = await startTestDaemon({ home });
    await first.create();
    await first.call('hsm.mirrorAdd', { path: stick });
    // The mirror as a vault of its own, while the first daemon writes to it.
    await expect(startTestDaemon({ home: stick })).rejects.toThrow(/held by keyhold serve, process/);
    await first.stop();
    const second = await startTestDaemon({ home: stick });
    await second.unlock();
    const again = await startTestDaemon({ home });
    await expect(again.unlock()).rejects.toMatchObject({ code: 'VaultBusy', message: expect.stringContaining(stick) });
    await second.stop();
    // What was done there is newer, and nothing was done here: it is the vault.
    await again.unlock();
    await inStep(again);
    await again.stop();
  });

  test('a mirror on a full disk is out of reach until there is room', async (context) => {
    const disk = folder('disk');
    const kilobytes = 200;
    if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=0700`, 'tmpfs', disk]).status !== 0) {
      return context.skip('needs the right to mount a tmpfs');
    }
    mounted.push(disk);
    const home = folder('home');
    const daemon = await startTestDaemon({ home });
    await daemon.create();
    expect(await daemon.call('hsm.mirrorAdd', { path: disk })).toMatchObject({ state: 'in-step', apart: true });
    for (let index = 0; index < 40; index += 1) {
      await daemon.call('account.add', {
        name: `fill-${index}`,
        accountId: '123456789012',
        kind: 'remote',
        note: 'x'.repeat(4000),
      });
    }
    await vi.waitFor(async () => {
      expect(await mirrorsOf(daemon)).toMatchObject([{ state: 'out-of-reach', reason: 'its disk is full' }]);
    }, PATIENCE);
    await daemon.call('account.add', { name: 'still', accountId: '123456789012', kind: 'remote' });
    expect((await daemon.call('vault.check', {})).ok).toBe(true);
    expect(spawnSync('mount', ['-o', 'remount,size=20m', disk]).status).toBe(0);
    await inStep(daemon);
    await daemon.stop();
    expect(await namesAlone(join(disk, 'vault.keyhold'))).toContain('still');
  });

  test('a stick that is pulled and put back is caught up, and its empty mount point is left alone', async (context) => {
    const disk = folder('disk');
    const stick = folder('mountpoint');
    const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
    if (!mount('-t', 'tmpfs', '-o', 'size=20m,mode=0700', 'tmpfs', disk))
      return context.skip('needs the right to mount a tmpfs');
    mounted.push(disk);
    expect(mount('--bind', disk, stick)).toBe(true);
    mounted.push(stick);
    const home = folder('home');
    const daemon = await startTestDaemon({ home });
    await daemon.create();
    await daemon.call('hsm.mirrorAdd', { path: stick });
    expect(spawnSync('umount', ['-l', stick]).status).toBe(0);
    await daemon.call('account.add', { name: 'without the stick', accountId: '123456789012', kind: 'remote' });
    expect(await mirrorsOf(daemon)).toMatchObject([
      { state: 'out-of-reach', reason: expect.stringContaining('is not mounted') },
    ]);
    expect(readdirSync(stick)).toEqual([]);
    // Changed by nobody meanwhile.
    expect(mount('--bind', disk, stick)).toBe(true);
    await inStep(daemon);
    await daemon.stop();
    expect(await namesAlone(join(stick, 'vault.keyhold'))).toEqual(['without the stick']);
  });

  test('when both are gone, it says so', async () => {
    const home = folder('home');
    const stick = folder('stick');
    const daemon = await startTestDaemon({ home });
    await daemon.create();
    const { path } = await daemon.call('hsm.mirrorAdd', { path: stick });
    const { backup } = await daemon.call('hsm.backup', {});
    await daemon.kill();
    for (const name of readdirSync(home)) if (name.startsWith('vault.keyhold')) rmSync(join(home, name));
    rmSync(stick, { recursive: true });
    const again = await startTestDaemon({ home });
    const lost = await again.unlock().catch((error: unknown) => error);
    expect(lost).toMatchObject({ code: 'VaultLost' });
    const message = lost instanceof Error ? lost.message : '';
    for (const part of [join(home, 'vault.keyhold'), path, backup.path]) expect(message).toContain(part);
    await again.stop();
  });
});

test('whatever byte of the vault is flipped, it is intact or its mirror takes its place', async () => {
  const { home, mirror } = await prepare();
  const pristine = readFileSync(join(home, 'vault.keyhold'));
  const copy = readFileSync(mirror);
  const anchor = readFileSync(join(home, 'anchor.json'));
  // A prime, so that it meets headers, cells and free space alike; and the names of what no MAC covers.
  const every = FULL ? 13 : 797;
  const spots = [pristine.indexOf('log_key') + 4, pristine.indexOf('log_end') + 1];
  for (let at = 0; at < pristine.length; at += at < 100 ? 3 : every) spots.push(at);
  let rebuilt = 0;
  let flips = 0;
  for (const at of spots) {
    for (const name of readdirSync(home)) if (name.startsWith('vault.keyhold')) rmSync(join(home, name));
    for (const name of readdirSync(dirname(mirror))) rmSync(join(dirname(mirror), name));
    const flipped = Buffer.from(pristine);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    writeFileSync(join(home, 'vault.keyhold'), flipped);
    writeFileSync(join(home, 'anchor.json'), anchor);
    writeFileSync(mirror, copy);
    const core = startTestCore({ home, config: { mirrors: [{ path: mirror, apart: false }] } });
    try {
      await core.unlock();
      if (!(await isSound(core))) {
        // Found in what an unlock does not read: the next one replaces it.
        await core.client.call('vault.lock', {});
        await core.unlock();
      }
      expect(await namesIn(core), `byte ${at}`).toEqual(['first']);
      expect((await core.client.call('vault.check', {})).findings, `byte ${at}`).toEqual([]);
      if ((await core.client.call('hsm.status', {})).rebuilt !== null) rebuilt += 1;
    } finally {
      await core.running.stop();
    }
    flips += 1;
  }
  console.log(
    `${flips} bytes flipped one by one: ${rebuilt} times the mirror took the vault's place, never was anything lost`,
  );
  expect(rebuilt).toBeGreaterThan(flips / 10);
});

test('a daemon that opens a mirror with a hot log finds its last change', async () => {
  // As on another machine, after a stick was pulled without asking.
  const { home, mirror } = await prepare();
  const { acked } = await crash('commit', { home, mirror }, 'hot', 10_000);
  expect(existsSync(`${mirror}-wal`)).toBe(true);
  expect(await namesAlone(mirror)).toEqual(expect.arrayContaining(acked));
  const copy = openVault(mirror, { anchor: false });
  await copy.close();
  expect(readdirSync(dirname(mirror)).filter((name) => name.startsWith(basename(mirror)))).toEqual(['vault.keyhold']);
  writeFileSync(join(dirname(mirror), 'note'), '');
});
