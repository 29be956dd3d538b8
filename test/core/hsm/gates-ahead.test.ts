import { randomBytes } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { KeyholdError } from '../../../src/contract/errors.ts';
import type { HsmClient } from '../../../src/core/hsm/client.ts';
import type { ObjectRef, RecordSealed } from '../../../src/core/hsm/protocol.ts';
import { createTestVault, startTestHsm } from '../../support/hsm.ts';
import { type SoftSecurityKey, softSecurityKey } from '../../support/soft-security-key.ts';

const scopeOf = (service: string) => ({ date: '20260101', region: 'eu-central-1', service });
let tick: number;
let hsm: HsmClient;
let soft: SoftSecurityKey;
let enrolled: RecordSealed[];
let key: ObjectRef;

beforeEach(async () => {
  tick = 1000;
  hsm = startTestHsm({ clock: { now: () => 1_700_000_000_000 + tick, monotonic: () => tick } });
  await createTestVault(hsm);
  soft = softSecurityKey();
  const made = await hsm.call('enrolSecurityKey', {
    ...{ label: 'blue', createdAt: 1, guarded: false, enrolled: [] },
    authenticatorData: soft.registration(),
  });
  enrolled = [{ id: made.attributes.id, kind: 'object', version: 1, sealed: made.blob }];
  const id = randomBytes(16).toString('hex');
  const { blob } = await hsm.call('generateObject', {
    id,
    attributes: {
      ...{ class: 'secret-key', spec: 'CLIENT_SECRET_KEY', usage: ['sigv4'], extractable: false },
      ...{ label: 'x', createdAt: 1, policy: { mfa: { withinSeconds: 0, keys: 'any' } } },
    },
  });
  key = { id, version: 1, blob };
});

const sign = (service: string, stringToSign: string) =>
  hsm.call('sigv4Sign', { key, scope: scopeOf(service), stringToSign });
const pass = (ahead?: 'sign-sts' | 'pass-gate') =>
  hsm.call('passGate', { key, purpose: 'a session', ...(ahead === undefined ? {} : { ahead }) });
const refusal = async (call: Promise<unknown>): Promise<string> => {
  const error: unknown = await call.catch((reason: unknown) => reason);
  if (!(error instanceof KeyholdError) || error.code !== 'TouchRequired') throw new Error('it was allowed');
  return String(error.details?.['use']);
};
async function touchFor(call: Promise<unknown>): Promise<void> {
  const { challenge, clientDataHash } = await hsm.call('touchChallenge', { use: await refusal(call), keys: enrolled });
  await hsm.call('presentTouch', { challenge, ...soft.touch(clientDataHash) });
}

test('a touch given ahead allows one signature for STS, whatever is signed, and nothing else', async () => {
  await touchFor(pass('sign-sts'));
  await pass('sign-sts');
  await refusal(sign('s3', 'a'));
  await refusal(pass('pass-gate'));
  expect(await sign('sts', 'with a code')).toHaveProperty('signature');
  await refusal(sign('sts', 'with a code'));
});

test('it lasts a minute, and is not to be had without a touch', async () => {
  await refusal(pass('sign-sts'));
  await refusal(sign('sts', 'a'));
  await touchFor(pass('sign-sts'));
  await pass('sign-sts');
  tick += 60_000;
  await refusal(sign('sts', 'a'));
});

test('a gate that was passed ahead is passed once more, for another purpose', async () => {
  await touchFor(pass('pass-gate'));
  await pass('pass-gate');
  await hsm.call('passGate', { key, purpose: 'another one' });
  await refusal(hsm.call('passGate', { key, purpose: 'a third' }));
  await refusal(sign('sts', 'a'));
});

test('a touch that was not asked for ahead allows what it did before', async () => {
  await touchFor(pass());
  await pass();
  await refusal(sign('sts', 'a'));
});
