import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { Params } from '../../../src/contract/methods.ts';
import type { TokenInput } from '../../../src/core/hsm/pkcs11/protocol.ts';
import { KMS_KINDS } from '../../../src/core/kms/remove-records.ts';
import { destroyTokenKeys } from '../../../src/core/kms/token-keys.ts';
import type { TokenChannel } from '../../../src/core/ports.ts';
import type { Session } from '../../../src/core/session.ts';
import { clusterIdOf } from '../../../src/core/tokens/cluster-id.ts';
import type { TokenConnection } from '../../../src/core/tokens/token-keeper.ts';
import { exportAccount, importAccount } from '../../support/account-file.ts';
import { startTestCore, type TestCore } from '../../support/core.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { kmsKey } from '../../support/kms-records.ts';
import { importPin } from '../../support/token-process.ts';

const clock = createFakeClock();
const TOKEN = 'ab'.repeat(16);
let core: TestCore;
let session: Session;
/** CKA_IDs of what is in the token. */
let inToken: Set<string>;
/** What the token does when it is asked to destroy a key. */
let asked: (keyId: string) => Promise<void> | void;
let file: string;
const refusal = new KeyholdError('HsmRefused', 'The token could not do that (CKR_ACTION_PROHIBITED).');

const CONNECTED: TokenConnection = {
  state: 'ready',
  pid: undefined,
  module: { manufacturer: 'Example', description: '', version: '1.0', cryptokiVersion: '2.40' },
  facts: {
    token: {
      ...{ label: 'room', serial: '1', manufacturer: 'Example', model: '', firmwareVersion: '1.0' },
      ...{ initialized: true, writeProtected: false, pin: 'ok' },
    },
    ...{ lanes: 1, mechanisms: [] },
  },
};

/** A token process whose module does not load, with an answer that means something else of a single key. */
function unloadable(): TokenChannel {
  let answer: Parameters<TokenChannel['onFrames']>[0] = () => undefined;
  return {
    pid: undefined,
    send(frames) {
      for (const { id, op } of frames) {
        answer([op === 'replyKey' ? { id, output: { publicKey: new Uint8Array() } } : { id, error: refusal.toWire() }]);
      }
    },
    onFrames(listener) {
      answer = listener;
    },
    onExit: () => undefined,
    kill: async () => undefined,
  };
}

beforeEach(async () => {
  core = startTestCore({ clock, spawnToken: unloadable });
  await core.create();
  file = join(core.home, 'lab.keyhold-account');
  session = core.running.core.session();
  inToken = new Set();
  asked = () => undefined;
  await core.client.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local' });
  await session.need('hsmToken', ...KMS_KINDS);
  const pin = await importPin(session.hsm, '1234');
  const place = { module: '/no/module.so', environment: {}, label: 'room', serial: null };
  await session.write('daemon', (draft) => {
    draft.putObject(pin.id, 1, pin.blob ?? new Uint8Array());
    draft.put('hsmToken', TOKEN, { name: 'vault-room', ...place, pin: { id: pin.id }, createdAt: clock.now() });
    return () => undefined;
  });
  const backend = await session.tokens.backend(TOKEN);
  const destroyKey = async ({ keyId }: TokenInput<'destroyKey'>) => {
    await asked(keyId);
    if (inToken.delete(keyId)) return {};
    throw new KeyholdError('NotFound', 'no such key');
  };
  vi.spyOn(session.tokens, 'backend').mockResolvedValue({ ...backend, destroyKey, connection: () => CONNECTED });
});
afterEach(() => {
  vi.restoreAllMocks();
  return core.dispose();
});

/** Keys of the account `lab` in a store on the token; answers their CKA_IDs. */
async function keysInToken(count: number): Promise<string[]> {
  const account = session.things.byName('account', 'lab').id;
  const store = session.newId();
  const materials = Array.from({ length: count }, () => ({ id: session.newId().repeat(2), state: 'CURRENT' as const }));
  await session.write(
    'daemon',
    (draft) => {
      draft.put('kmsKeyStore', store, {
        ...{ account, region: 'eu-central-1', storeId: 'cks-1234567890abcdef0', name: 'room', connected: true },
        ...{ createdAt: clock.now(), backing: { type: 'AWS_CLOUDHSM' as const, clusterId: clusterIdOf(TOKEN) } },
      });
      for (const [index, material] of materials.entries()) {
        const keyId = `1234abcd-12ab-34cd-56ef-12345678900${index}`;
        const place = { account, keyId, keyStore: store, origin: 'AWS_CLOUDHSM' as const };
        draft.put('kmsKey', session.newId(), kmsKey({ ...place, materials: [material] }));
      }
      return () => undefined;
    },
    KMS_KINDS,
  );
  const ids = materials.map(({ id }) => id.slice(0, 32));
  for (const id of ids) inToken.add(id);
  return ids;
}

const remove = (tokenKeys?: Params<'account.remove'>['tokenKeys']) =>
  core.client.call('account.remove', { name: 'lab', cascade: true, ...(tokenKeys === undefined ? {} : { tokenKeys }) });
const doomed = () => session.things.must('hsmToken', TOKEN).keysToDestroy ?? [];
const sweep = () => destroyTokenKeys(session, core.running.core.ports);
const notices = () => core.events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
const reasonOf = async (action: string) =>
  (await core.client.call('audit.list', { text: action })).entries.map(({ event }) => event.reason);

describe('an account with keys in a token', () => {
  test('is not removed before somebody says what becomes of them', async () => {
    const ids = await keysInToken(2);
    await expect(remove()).rejects.toMatchObject({
      code: 'InUse',
      message: expect.stringMatching(/lab has 2 keys in the token vault-room.*--destroy-token-keys.*--keep-token-keys/),
      details: { tokenKeys: 2, tokens: ['vault-room'] },
    });
    expect(session.things.findByName('account', 'lab')).toBeDefined();
    expect(await remove('destroy')).toEqual({ tokenKeys: 2 });
    clock.advance(1);
    await expect.poll(() => [doomed(), inToken.size]).toEqual([[], 0]);
    expect(await reasonOf('account.remove')).toEqual(['with 2 keys in the token vault-room']);
    expect(await reasonOf('token.destroy-keys')).toEqual([ids.join(' ')]);
  });

  test('leaves them there where that is wanted, and has them again when it comes back', async () => {
    const ids = await keysInToken(2);
    await exportAccount(core.client, file);
    await expect(importAccount(core.client, file)).rejects.toMatchObject({
      code: 'AlreadyExists',
      message: expect.stringContaining('--cascade --keep-token-keys'),
    });
    expect(await remove('keep')).toEqual({ tokenKeys: 2 });
    expect(await reasonOf('account.remove')).toEqual(['2 keys in the token vault-room stay there']);
    await sweep();
    await importAccount(core.client, file);
    await sweep();
    expect([...inToken]).toEqual(ids);
  });

  test('that comes back while they wait to be destroyed has them again', async () => {
    const ids = await keysInToken(1);
    await exportAccount(core.client, file);
    asked = () => Promise.reject(new KeyholdError('TokenUnavailable', 'It is not there.'));
    await remove('destroy');
    await sweep();
    expect(doomed()).toEqual(ids);
    await importAccount(core.client, file);
    expect(doomed()).toEqual([]);
    asked = () => undefined;
    await sweep();
    expect([...inToken]).toEqual(ids);
  });

  test('that comes back while one is being destroyed comes a moment later', async () => {
    const [first = '', second = ''] = await keysInToken(2);
    await exportAccount(core.client, file);
    let answer: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const begun = new Promise<void>((resolve) => {
      asked = (keyId) => {
        resolve();
        return keyId === first ? hanging : undefined;
      };
    });
    await remove('destroy');
    const sweeping = sweep();
    await begun;
    await expect(importAccount(core.client, file)).rejects.toMatchObject({ code: 'InUse' });
    expect(doomed()).toEqual([first, second]);
    answer();
    await sweeping;
    expect(inToken.size).toBe(0);
    await importAccount(core.client, file);
  });

  test('loses none that the list names all the same', async () => {
    const ids = await keysInToken(1);
    const unused = session.newId();
    inToken.add(unused);
    await session.write('daemon', (draft) => {
      draft.put('hsmToken', TOKEN, { ...session.things.must('hsmToken', TOKEN), keysToDestroy: [...ids, unused] });
      return () => undefined;
    });
    await sweep();
    expect([...inToken]).toEqual(ids);
    expect(doomed()).toEqual([]);
    expect(await reasonOf('token.destroy-keys')).toEqual([unused]);
  });
});

test('a key that was spared, and deleted before that was noted, is destroyed all the same', async () => {
  const [used = ''] = await keysInToken(1);
  const unused = session.newId();
  inToken.add(unused);
  await session.write('daemon', (draft) => {
    draft.put('hsmToken', TOKEN, { ...session.things.must('hsmToken', TOKEN), keysToDestroy: [used, unused] });
    return () => undefined;
  });
  asked = async (keyId) => {
    if (keyId === unused) await remove('destroy');
  };
  await sweep();
  expect([...inToken]).toEqual([used]);
  expect(doomed()).toEqual([used]);
  await sweep();
  expect([doomed(), inToken.size]).toEqual([[], 0]);
});

test('a token that cannot be connected is not said to refuse its keys', async () => {
  const ids = await keysInToken(2);
  vi.restoreAllMocks();
  await remove('destroy');
  await sweep();
  await sweep();
  expect(doomed()).toEqual(ids);
  expect(notices()).toEqual([expect.stringContaining(`as soon as it can be reached. ${refusal.message}`)]);
});

describe('a key that the token does not destroy', () => {
  test('keeps no other from being destroyed, and the person is told once which it is', async () => {
    const [first = '', second = '', third = ''] = await keysInToken(3);
    asked = (keyId) => (keyId === second ? Promise.reject(refusal) : undefined);
    await remove('destroy');
    await sweep();
    expect([...inToken]).toEqual([second]);
    expect(doomed()).toEqual([second]);
    expect(await reasonOf('token.destroy-keys')).toEqual([`${first} ${third}`]);
    await sweep();
    expect(notices()).toEqual([
      `The token vault-room does not destroy the key ${second} of deleted KMS keys. ${refusal.message} It is asked again each minute; remove what is left with the token’s own tool.`,
    ]);
    // Somebody has.
    inToken.delete(second);
    asked = () => undefined;
    await sweep();
    expect(doomed()).toEqual([]);
  });

  test.each(['TokenUnavailable', 'Timeout', 'TokenPinRefused'] as const)(
    'for %s, ends the round: no other would be',
    async (code) => {
      const ids = await keysInToken(3);
      const tried: string[] = [];
      asked = (keyId) => {
        tried.push(keyId);
        if (tried.length === 2) throw new KeyholdError(code, 'Plug it in.');
      };
      await remove('destroy');
      await sweep();
      expect(tried).toEqual(ids.slice(0, 2));
      expect(doomed()).toEqual(ids.slice(1));
      expect(notices()).toEqual([expect.stringContaining('as soon as it can be reached. Plug it in.')]);
    },
  );

  test('for which its module hangs, comes last in the next round', async () => {
    const [first = ''] = await keysInToken(3);
    asked = (keyId) => {
      if (keyId === first) throw new KeyholdError('Timeout', 'The token did not answer in time.');
    };
    await remove('destroy');
    await sweep();
    expect(inToken.size).toBe(3);
    await sweep();
    expect([...inToken]).toEqual([first]);
    expect(doomed()).toEqual([first]);
  });
});
