import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WireError } from '../../../src/contract/errors.ts';
import type { TokenChannel } from '../../../src/core/ports.ts';
import { settleTokenPins } from '../../../src/core/tokens/settle-pin.ts';
import { spawnTokenProcess } from '../../../src/daemon/token-fork.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { hasPkcs11Tool, PIN, SoftHsm, whyNoSoftHsm } from '../../support/softhsm.ts';

const reason = whyNoSoftHsm() ?? (hasPkcs11Tool ? null : 'pkcs11-tool is not installed (Debian: opensc)');
if (reason !== null) console.warn(`The tests of a token’s new PIN are skipped: ${reason}.`);

const NEXT = 'next-5d0e8c11b7';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** The next frame of this kind ends the token process, before it is sent or after it was done, and somebody locks the vault. */
let cut: { op: string; when: 'before' | 'after' } | undefined;
/** The next frame of this kind waits: `reached` tells, `go` sends it on. */
let hold: { op: string; reached: () => void; go: Promise<void> } | undefined;
/** What is said to have come of the next C_SetPIN, which was done. */
let vague: string | undefined;
let logins = 0;
let spawned = 0;
let core: TestCore;

function spawnToken(environment: Readonly<Record<string, string>>): TokenChannel {
  const channel = spawnTokenProcess(environment);
  spawned += 1;
  let changing: number | undefined;
  let dying: number | undefined;
  let tell: Parameters<TokenChannel['onFrames']>[0] = () => undefined;
  const die = (): void => {
    cut = undefined;
    void core.client.call('vault.lock', {});
    void channel.kill();
  };
  channel.onFrames((frames) => {
    const rest = frames.filter(({ id }) => id !== dying);
    if (rest.length < frames.length) die();
    if (rest.length > 0) tell(rest.map((frame) => (frame.id === changing ? vagueAnswer(frame) : frame)));
  });
  return {
    ...channel,
    pid: channel.pid,
    onFrames(listener) {
      tell = listener;
    },
    onExit: (listener) => channel.onExit(listener),
    kill: () => channel.kill(),
    send(frames) {
      for (const frame of frames) {
        if (frame.op === 'login') logins += 1;
        if (frame.op === 'setPin' && vague !== undefined) changing = frame.id;
        if (frame.op === hold?.op) {
          const { reached, go } = hold;
          hold = undefined;
          void go.then(() => channel.send(frames));
          return reached();
        }
        if (frame.op !== cut?.op) continue;
        if (cut.when === 'before') return die();
        dying = frame.id;
      }
      channel.send(frames);
    },
  };
}

function vagueAnswer({ id }: { id: number }): { id: number; error: WireError } {
  const ckr = vague ?? '';
  vague = undefined;
  return { id, error: { code: 'HsmRefused', message: `The token could not do that. (${ckr})`, details: { ckr } } };
}

describe.skipIf(reason !== null)('a new PIN for a token', () => {
  let soft: SoftHsm;
  let made = 0;
  let label: string;

  beforeAll(async () => {
    soft = new SoftHsm();
    core = startTestCore({ spawnToken });
    await core.create();
  });
  afterAll(async () => {
    await core?.dispose();
    soft?.dispose();
  });
  beforeEach(async () => {
    label = `token-${++made}`;
    soft.init(label);
    await core.client.callSealed('token.add', async (seal) => ({
      ...{ name: label, module: soft.library, environment: soft.environment, label },
      pin: await seal('token-pin', text(PIN)),
    }));
    logins = 0;
  });
  afterEach(async () => {
    cut = undefined;
    hold = undefined;
    vague = undefined;
    await core.client.call('token.remove', { name: label });
  });

  const rotate = (pin = NEXT) =>
    core.client.callSealed('token.rotatePin', async (seal) => ({
      name: label,
      pin: await seal('token-pin', text(pin)),
    }));
  const code = (done: Promise<unknown>): Promise<string> =>
    done.then(
      () => 'done',
      (error: unknown) =>
        typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'other',
    );
  /** Whether the token takes a PIN, as another program sees it. */
  const takes = (pin: string): boolean =>
    !soft.tool('--token-label', label, '--login', '--pin', pin, '-O').includes('CKR_PIN');
  const pins = async (): Promise<number> =>
    (await core.client.call('hsm.objects', {})).objects.filter((one) => one.label === label).length;
  const unsettled = async () => (await core.client.call('token.status', { name: label })).pinUnsettledSince;
  /** Locked by the cut, and opened again; until what an unlock leaves for later has looked at the token. */
  async function comeBack(): Promise<void> {
    await expect.poll(() => core.running.status().state, { message: 'the vault is locked' }).toBe('locked');
    await core.unlock();
  }
  const settled = () => expect.poll(unsettled, { message: 'the PIN is certain', timeout: 20_000 }).toBeUndefined();

  test('is the token’s and the vault’s, and the one before is gone from both', async () => {
    await rotate();
    expect(await unsettled()).toBeUndefined();
    expect(await pins()).toBe(1);
    expect(takes(NEXT)).toBe(true);
    expect(takes(PIN)).toBe(false);
    await core.client.call('token.test', { name: label });
    expect(logins).toBe(3);
  });

  test('that the token does not take changes nothing', async () => {
    await expect(rotate('1')).rejects.toThrow(/^The token takes no PIN of this length/);
    expect(await pins()).toBe(1);
    expect(await unsettled()).toBeUndefined();
    expect(takes(PIN)).toBe(true);
    // The answer is a definite one: nothing has to be found out.
    expect(logins).toBe(1);
  });

  test('that the token has taken, saying only that something went wrong, is found and kept', async () => {
    vague = 'CKR_FUNCTION_FAILED';
    expect(await code(rotate())).toBe('done');
    expect(takes(NEXT)).toBe(true);
    expect(await pins()).toBe(1);
    await core.client.call('token.test', { name: label });
  });

  test('a second one at the same time waits for the first, and both are done', async () => {
    const other = 'other-77d0e8c11b';
    expect(await Promise.all([code(rotate()), code(rotate(other))])).toEqual(['done', 'done']);
    // Which of the two came to be sealed first is left to chance.
    expect([takes(NEXT), takes(other)].sort()).toEqual([false, true]);
    expect(takes(PIN)).toBe(false);
    expect(await pins()).toBe(1);
    await core.client.call('token.test', { name: label });
  });

  describe('while the token is about to take it', () => {
    /** What others begin meanwhile waits; the token is let go on after they have been heard. */
    async function meanwhile<T>(begin: () => Promise<T>): Promise<[string, T]> {
      let release = (): void => undefined;
      const go = new Promise<void>((resolve) => {
        release = resolve;
      });
      const reached = new Promise<void>((resolve) => {
        hold = { op: 'setPin', reached: resolve, go };
      });
      const first = code(rotate());
      await reached;
      const before = spawned;
      const others = begin();
      // Enough for one that does not wait to be at the token.
      for (let round = 0; round < 3; round++) await core.client.call('hsm.objects', {});
      expect(spawned).toBe(before);
      release();
      return [await first, await others];
    }

    test('nobody finds out which PIN it has, by itself or because a person asks', async () => {
      const { running } = core;
      const [changed, [, asked]] = await meanwhile(() =>
        Promise.all([
          settleTokenPins(running.core.session(), running.core.ports),
          core.client.call('token.settlePin', { name: label }),
        ]),
      );
      expect(changed).toBe('done');
      expect(asked.kept).toBe('certain');
      expect(takes(NEXT)).toBe(true);
      expect(await pins()).toBe(1);
      await core.client.call('token.test', { name: label });
    });

    test('a PIN that a person enters waits for it, and is tried against what the token has then', async () => {
      const enter = () =>
        core.client.callSealed('token.setPin', async (seal) => ({
          name: label,
          pin: await seal('token-pin', text(NEXT)),
        }));
      expect(await meanwhile(() => code(enter()))).toEqual(['done', 'done']);
      expect(await pins()).toBe(1);
      await core.client.call('token.test', { name: label });
    });
  });

  test('that never reached the token is given up after the next unlock, with one try', async () => {
    cut = { op: 'setPin', when: 'before' };
    expect(await code(rotate())).toMatch(/^(Locked|TokenUnavailable)$/);
    await comeBack();
    await settled();
    expect(logins).toBe(2);
    expect(takes(PIN)).toBe(true);
    expect(await pins()).toBe(1);
    await core.client.call('token.test', { name: label });
  });

  test('that the token has taken while nobody heard is found after the next unlock, with one try each', async () => {
    cut = { op: 'setPin', when: 'after' };
    expect(await code(rotate())).toMatch(/^(Locked|TokenUnavailable)$/);
    await comeBack();
    await settled();
    expect(logins).toBe(3);
    expect(takes(NEXT)).toBe(true);
    expect(await pins()).toBe(1);
    await core.client.call('token.test', { name: label });
  });

  test('no PIN is tried twice by itself, also when the finding out is interrupted', async () => {
    cut = { op: 'setPin', when: 'after' };
    await code(rotate());
    await expect.poll(() => core.running.status().state, { message: 'the vault is locked' }).toBe('locked');
    cut = { op: 'login', when: 'after' };
    await core.unlock();
    await expect.poll(() => cut, { message: 'the login was cut', timeout: 20_000 }).toBeUndefined();
    await comeBack();
    await settled();
    // To begin with, the present one once, the new one once.
    expect(logins).toBe(3);
    expect(takes(NEXT)).toBe(true);
  });

  test('where neither can be tried any more, a person says so', async () => {
    cut = { op: 'setPin', when: 'before' };
    await code(rotate());
    await expect.poll(() => core.running.status().state, { message: 'the vault is locked' }).toBe('locked');
    cut = { op: 'login', when: 'before' };
    await core.unlock();
    await expect.poll(() => cut, { message: 'the login was cut', timeout: 20_000 }).toBeUndefined();
    await comeBack();
    await expect.poll(() => logins, { message: 'the new one was tried', timeout: 20_000 }).toBe(3);
    expect(await code(core.client.call('token.test', { name: label }))).toBe('TokenUnavailable');
    expect(await core.client.call('token.settlePin', { name: label })).toMatchObject({ kept: 'present' });
    await core.client.call('token.test', { name: label });
    expect(await core.client.call('token.settlePin', { name: label })).toMatchObject({ kept: 'certain' });
  });
});
