import { X509Certificate } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Certificate } from '../../../src/contract/certificates.ts';
import { remindOfCertificates } from '../../../src/core/certificates/remind.ts';
import { tendCertificates } from '../../../src/core/certificates/tend.ts';
import { type AnywhereLab, startAnywhereLab } from '../../support/anywhere-lab.ts';
import { createTestCa } from '../../support/test-ca.ts';

const DAY = 86_400_000;
const PANIC = '7'.repeat(32);
let lab: AnywhereLab;
let before: Certificate;

beforeAll(async () => {
  lab = await startAnywhereLab();
});
afterAll(() => lab.dispose());
beforeEach(async () => {
  before = await lab.makeCertificate('build');
  await lab.addProfile('ci');
  await lab.credentials('ci');
});
afterEach(async () => {
  lab.aws.clearFaults();
  await lab.core.client.call('certificate.remove', { name: 'build', cascade: true });
});

const call = () => lab.core.client.call;
const objects = async (): Promise<number> =>
  (await call()('hsm.objects', {})).objects.filter(({ label }) => label === 'certificate build').length;
const rotate = (more: object = {}) => call()('certificate.rotate', { name: 'build', ...more });
const install = (csr: string) => call()('certificate.install', { name: 'build', pem: lab.ca.issue(csr) });
const notices = (): string[] => lab.core.events.flatMap((event) => (event.type === 'notice' ? event.message : []));
/** What a person is told so long afterwards. */
async function reminders(after: number): Promise<string[]> {
  const { core } = lab.core.running;
  const now = lab.clock.now() + after;
  lab.core.events.length = 0;
  await remindOfCertificates(core.session(), { clock: { ...lab.clock, now: () => now } });
  return notices().filter((message) => message.startsWith('The certificate build '));
}
/** What is due every minute is done meanwhile. */
const afterAMinute = <T>(look: () => Promise<T>, message: string) =>
  expect.poll(
    async () => {
      lab.clock.advance(60_000);
      return look();
    },
    { message },
  );
/** The serial number that AWS saw last. */
const serialAtAws = async (): Promise<string> => {
  await call()('session.revoke', { profile: 'ci' });
  const { arn = '' } = await lab.credentials('ci');
  return BigInt(`0x${arn.replace(/^.*\//, '')}`).toString();
};

test('the new key is in use once AWS has given it a session, and the one before is destroyed after its quarantine', async () => {
  const { certificate, csr } = await rotate();
  expect(certificate.rotation).toMatchObject({ state: 'requested', keySpec: 'EC_P256' });
  expect(await serialAtAws()).toBe(before.issued?.serial);
  const asked = lab.aws.callsOf('CreateSession').length;
  const after = await install(csr);
  expect(lab.aws.callsOf('CreateSession')).toHaveLength(asked + 1);
  expect(after.issued?.serial).not.toBe(before.issued?.serial);
  expect(after.rotation).toMatchObject({ state: 'quarantine', issued: { serial: before.issued?.serial } });
  // The session that the key before got is not this key's.
  expect(await serialAtAws()).toBe(after.issued?.serial);
  expect(await objects()).toBe(2);
  lab.clock.advance(DAY);
  await afterAMinute(objects, 'the key before is destroyed').toBe(1);
  expect((await lab.certificate('build')).rotation).toBeUndefined();
  const { entries } = await call()('audit.list', { kind: 'change', limit: 5 });
  expect(entries.map(({ event }) => event.action)).toContain('certificate.destroy-key');
});

test('a confirmation ends the quarantine, and without one there is none', async () => {
  await install((await rotate()).csr);
  await call()('certificate.confirm', { name: 'build' });
  expect(await objects()).toBe(1);
  await install((await rotate({ quarantineSeconds: 0 })).csr);
  expect(await objects()).toBe(1);
  await expect(call()('certificate.confirm', { name: 'build' })).rejects.toMatchObject({ code: 'NotFound' });
});

test('it can be taken back before and after the switch, and the way forward is as it was', async () => {
  await rotate();
  await call()('certificate.rollback', { name: 'build' });
  expect(await objects()).toBe(1);
  expect(await serialAtAws()).toBe(before.issued?.serial);
  await install((await rotate({ keySpec: 'EC_P384' })).csr);
  const back = await call()('certificate.rollback', { name: 'build' });
  expect(back).toMatchObject({ keySpec: 'EC_P256', issued: { serial: before.issued?.serial } });
  expect(await serialAtAws()).toBe(before.issued?.serial);
  expect(await objects()).toBe(1);
  await expect(call()('certificate.rollback', { name: 'build' })).rejects.toMatchObject({ code: 'NotFound' });
});

test('there is no way back to a certificate that has expired meanwhile', async () => {
  const { csr } = await call()('certificate.csr', { name: 'build' });
  const pem = lab.ca.issue(csr, { notAfter: lab.clock.now() + 3_600_000 });
  await call()('certificate.install', { name: 'build', pem });
  await install((await rotate({ quarantineSeconds: 7 * 86_400 })).csr);
  lab.clock.advance(3_600_001);
  await expect(call()('certificate.rollback', { name: 'build' })).rejects.toThrow('The certificate before has expired');
});

test('who asks again gets the request of the same key; other wishes are refused while one is open', async () => {
  const first = await rotate();
  const again = await rotate();
  const key = (pem: string): string =>
    new X509Certificate(lab.ca.issue(pem)).publicKey.export({ type: 'spki', format: 'pem' }).toString();
  expect(key(again.csr)).toBe(key(first.csr));
  expect(await objects()).toBe(2);
  await expect(rotate({ keySpec: 'RSA_2048' })).rejects.toThrow('is being rotated already');
  await install(first.csr);
  await expect(rotate()).rejects.toThrow('--confirm');
});

describe('what AWS does not take does not take the place of what works', () => {
  test('its refusal is said, the new one waits, and the next try needs no file', async () => {
    const { csr } = await rotate();
    lab.aws.fault({
      action: 'CreateSession',
      kind: { status: 403, code: 'AccessDeniedException', message: 'Certificate revoked' },
    });
    await expect(install(csr)).rejects.toThrow(
      /^The new certificate of build is not in use yet, because it got no session of ci, and the one before stays: CreateSession: Certificate revoked/,
    );
    expect((await lab.certificate('build')).rotation?.state).toBe('issued');
    expect(await serialAtAws()).toBe(before.issued?.serial);
    const after = await call()('certificate.install', { name: 'build' });
    expect(after.rotation?.state).toBe('quarantine');
  });

  test('is said once where nobody has asked, and with what ends', async () => {
    const { csr } = await rotate();
    await lab.aws.offline();
    await expect(install(csr)).rejects.toMatchObject({ code: 'Unreachable' });
    await lab.aws.online();
    expect(await reminders(20 * DAY)).toEqual([
      expect.stringMatching(
        /^The certificate build ends in \d+ days?\. The new one is here, and AWS has not been seen/,
      ),
    ]);
    const refusal = { status: 403, code: 'AccessDeniedException', message: 'Certificate revoked' };
    lab.aws.fault({ action: 'CreateSession', kind: refusal });
    lab.aws.fault({ action: 'CreateSession', kind: refusal });
    const asked = () => lab.aws.callsOf('CreateSession').length;
    const before = asked();
    lab.core.events.length = 0;
    const { core } = lab.core.running;
    for (let round = 1; round <= 2; round++) {
      lab.clock.advance(15 * 60_000);
      await tendCertificates(core);
      await expect.poll(asked, { message: 'AWS was asked' }).toBe(before + round);
    }
    const said = () => notices().filter((message) => message.startsWith('The new certificate of build is not in use'));
    await expect.poll(said, { message: 'it was said' }).toHaveLength(1);
    expect(await reminders(20 * DAY)).toEqual([
      expect.stringContaining('AWS does not take it: CreateSession: Certificate revoked'),
    ]);
  });

  test('is not asked while a panic is open', async () => {
    const { csr } = await rotate();
    await lab.aws.offline();
    await expect(install(csr)).rejects.toMatchObject({ code: 'Unreachable' });
    await lab.aws.online();
    const { core } = lab.core.running;
    const panic = async (outcome?: 'closed') => {
      const session = core.session();
      const now = lab.clock.now();
      await session.need('panic');
      await session.write('cli', (draft) => {
        const open = { startedAt: now, cutoff: now, keys: [], clients: [], sessions: [], steps: [], strangers: [] };
        draft.put('panic', PANIC, outcome === undefined ? open : { ...open, outcome, endedAt: now });
        return () => undefined;
      });
    };
    await panic();
    const asked = lab.aws.callsOf('CreateSession').length;
    // Not by the clock: this is the first try by itself, and what comes of it is waited for.
    await tendCertificates(core);
    expect(lab.aws.callsOf('CreateSession')).toHaveLength(asked);
    expect((await lab.certificate('build')).rotation?.state).toBe('issued');
    await panic('closed');
    const state = async () => (await lab.certificate('build')).rotation?.state;
    await afterAMinute(state, 'the new one is in use').toBe('quarantine');
  });

  test('nor does a renewal of the present key, where a profile signs in with it', async () => {
    const { csr } = await call()('certificate.csr', { name: 'build' });
    const unknown = createTestCa(lab.clock.now());
    await expect(call()('certificate.install', { name: 'build', pem: unknown.issue(csr) })).rejects.toThrow(
      /^The renewed certificate of build was not installed, because it got no session of ci, and the one before stays: /,
    );
    expect(await serialAtAws()).toBe(before.issued?.serial);
    const now = lab.clock.now();
    const older = lab.ca.issue(csr, { notBefore: now - 40 * DAY, notAfter: now + DAY });
    await expect(call()('certificate.install', { name: 'build', pem: older })).rejects.toThrow('is older than the one');
    const renewed = await install(csr);
    expect(await serialAtAws()).toBe(renewed.issued?.serial);
  });

  test('one that has ended is renewed in any case', async () => {
    const { csr } = await call()('certificate.csr', { name: 'build' });
    const pem = lab.ca.issue(csr, { notAfter: lab.clock.now() + 3_600_000 });
    await call()('certificate.install', { name: 'build', pem });
    lab.clock.advance(3_600_001);
    await lab.aws.offline();
    const renewed = await install(csr);
    await lab.aws.online();
    expect(renewed.state).toBe('valid');
    expect(await serialAtAws()).toBe(renewed.issued?.serial);
  });

  test('without a network it goes on by itself, when there is one and when the vault is opened again', async () => {
    const { csr } = await rotate();
    await lab.aws.offline();
    await expect(install(csr)).rejects.toMatchObject({ code: 'Unreachable' });
    await lab.aws.online();
    await call()('vault.lock', {});
    await lab.core.unlock();
    const state = async () => (await lab.certificate('build')).rotation?.state;
    await afterAMinute(state, 'the new one is in use').toBe('quarantine');
    expect(await serialAtAws()).not.toBe(before.issued?.serial);
  });
});

describe('what a CA answered with is checked before it is kept', () => {
  test('for another key, or a file without a certificate', async () => {
    const { csr } = await rotate();
    await lab.core.client.call('certificate.create', { name: 'other' });
    const other = await call()('certificate.csr', { name: 'other' });
    await expect(install(other.csr)).rejects.toThrow('is of another key than the one in the vault');
    await expect(call()('certificate.install', { name: 'build', pem: csr })).rejects.toThrow(
      'it is the request, which goes to the CA',
    );
    await expect(call()('certificate.install', { name: 'other' })).rejects.toThrow(
      'give the file that the CA answered with',
    );
    await call()('certificate.remove', { name: 'other' });
  });

  test('a new certificate of the present key renews it, also while another key is awaited', async () => {
    const { csr } = await call()('certificate.csr', { name: 'build' });
    await rotate();
    const renewed = await install(csr);
    expect(renewed.issued?.serial).not.toBe(before.issued?.serial);
    expect(renewed.rotation?.state).toBe('requested');
    // The same key: the session that it got stays.
    const asked = lab.aws.callsOf('CreateSession').length;
    await lab.credentials('ci');
    expect(lab.aws.callsOf('CreateSession')).toHaveLength(asked);
  });
});

test('what ends soon is said, and what there is to be done', async () => {
  expect(await reminders(0)).toEqual([]);
  const { csr } = await call()('certificate.csr', { name: 'build' });
  const pem = lab.ca.issue(csr, { notAfter: lab.clock.now() + 3.5 * DAY });
  await call()('certificate.install', { name: 'build', pem });
  expect(await reminders(0)).toEqual([
    expect.stringMatching(/^The certificate build ends in 3 days\. Have a new one issued/),
  ]);
  await rotate();
  expect(await reminders(4 * DAY)).toEqual([
    expect.stringMatching(
      /^The certificate build has ended\. The new key that was made for it still has no certificate/,
    ),
  ]);
});

test('nothing of a key is in an answer, and a rename keeps everything', async () => {
  const { csr } = await rotate();
  await call()('certificate.update', { name: 'build', rename: 'builder' });
  await call()('certificate.update', { name: 'builder', rename: 'build' });
  const text = JSON.stringify(await call()('certificate.list', {})) + csr;
  expect(text).not.toContain('PRIVATE');
});
