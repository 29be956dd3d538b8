import { expect, test } from 'vitest';
import {
  awaitedOf,
  endingWords,
  lookOf,
  validWords,
} from '../../../../src/renderer/features/certificates/certificate-words.ts';
import { launchOf } from '../../../../src/renderer/features/leave/console-browser.ts';
import {
  hasConsole,
  isShut,
  leaveLastings,
  mayChooseLasting,
  mayLeaveOf,
  WAYS,
} from '../../../../src/renderer/features/leave/leave-words.ts';
import { fakeCertificateHandlers } from '../../../support/fake-certificates.ts';
import { emptyVault, sampleVault } from '../../../support/fake-contract.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const DAY = 86_400_000;
const [build] = fakeCertificateHandlers(NOW)['certificate.list']().certificates;
if (build === undefined) throw new Error('no certificate in the sample');

test('a certificate says when it ends soon, and that it has ended, although nobody announces it', () => {
  expect([-10, 0, 16].map((days) => lookOf(build, NOW + days * DAY))).toEqual(['valid', 'soon', 'expired']);
  expect(lookOf({ state: 'requested' }, NOW)).toBe('requested');
  expect(lookOf({ ...build, state: 'notYetValid' }, NOW)).toBe('notYetValid');
  expect(validWords(build)).toMatch(/^ECDSA P-256, until /);
});

test('what a rotation waits for, and what is asked before one of its keys is destroyed', () => {
  const { certificates } = fakeCertificateHandlers(NOW)['certificate.list']();
  expect(certificates.map(awaitedOf)).toEqual([null, 'aws']);
  expect(awaitedOf({ state: 'requested' })).toBe('file');
  const { rotation } = certificates[1] ?? build;
  if (rotation === undefined) throw new Error('no rotation in the sample');
  expect(awaitedOf({ state: 'valid', rotation: { ...rotation, state: 'requested' } })).toBe('file');
  expect(awaitedOf({ state: 'valid', rotation: { ...rotation, state: 'quarantine' } })).toBeNull();
  expect(endingWords('rollback', { name: 'edge', rotation }).text).toMatch(/^The present key stays in use/);
  const kept = { name: 'edge', rotation: { ...rotation, state: 'quarantine' as const } };
  expect(endingWords('rollback', kept).text).toMatch(/^The key before is in use again/);
  expect(endingWords('confirm', kept).text).toMatch(/cannot be brought back/);
});

test('where nothing was said only the console is open, and the settings shut a way for all', () => {
  expect(mayLeaveOf({})).toEqual({ process: false, container: false, console: true });
  const { settings } = emptyVault();
  const shut = WAYS.filter((way) => isShut(way, { ...settings, leaveProcess: false })).map(({ way }) => way);
  expect(shut).toEqual(['process']);
  expect(WAYS.some((way) => isShut(way, undefined))).toBe(false);
});

test('the console is offered where there is one and nothing shuts it', () => {
  const { profiles, accounts } = sampleVault(8, NOW);
  const { settings } = emptyVault();
  const [profile] = profiles;
  const account = accounts.find(({ name }) => name === profile?.account);
  if (profile === undefined || account === undefined) throw new Error('no profile in the sample');
  expect(hasConsole(profile, account, settings)).toBe(true);
  expect(hasConsole(profile, account, { ...settings, leaveConsole: false })).toBe(false);
  expect(hasConsole(profile, { ...account, endpointUrl: 'https://minio.example' }, settings)).toBe(false);
  expect(hasConsole({ ...profile, mayLeave: mayLeaveOf({}) }, account, undefined)).toBe(true);
});

test('lengths that can be chosen', () => {
  expect(leaveLastings(1200).map(({ label }) => label)).toEqual(['15 min', '20 min', '30 min', '1 h']);
  const kinds = ['role', 'saml', 'sso', 'chained-role'] as const;
  expect(kinds.map((kind) => mayChooseLasting({ session: { kind } }))).toEqual([true, true, false, false]);
  expect(mayChooseLasting({})).toBe(true);
  expect(launchOf('container', ' prod ')).toEqual({ container: 'prod' });
  expect(launchOf('firefox', 'prod')).toEqual({ browser: 'firefox' });
});
