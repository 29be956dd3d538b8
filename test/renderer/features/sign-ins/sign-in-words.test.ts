import { expect, test } from 'vitest';
import {
  CHECKS,
  hasClientSecret,
  needsClientSecret,
  settingsOf,
  valuesOf,
} from '../../../../src/renderer/features/sign-ins/sign-in-draft.ts';
import { hostOf, lastsWords, stateAt, stateWord } from '../../../../src/renderer/features/sign-ins/sign-in-words.ts';
import { sampleSignIns } from '../../../support/fake-sign-ins.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const [work] = sampleSignIns(8, NOW).list;
if (work === undefined) throw new Error('no sign-in in the sample');
const { renewable: _renewable, ...login } = work;

test('a login that is not renewed ends when its time is over, although nobody says so', () => {
  const fixed = { ...login, renewable: false };
  expect(stateAt(fixed, NOW)).toBe('active');
  expect(lastsWords(fixed, NOW)).toBe('Ends in 40 min, then somebody has to sign in again.');
  expect(stateAt(fixed, NOW + 3_600_000)).toBe('expired');
  expect(lastsWords(fixed, NOW + 3_600_000)).toMatch(/^It has ended/);
  expect(stateAt(work, NOW + 3_600_000)).toBe('active');
});

test('one by SAML is over for new sessions after minutes, and nobody has to hurry', () => {
  const { expiresAt: _expiresAt, ...rest } = login;
  const saml = {
    ...rest,
    renewable: false,
    settings: { type: 'saml' as const, startUrl: 'https://idp.example/app' },
    expiresAt: new Date(NOW + 240_000).toISOString(),
  };
  expect([stateAt(saml, NOW), stateAt(saml, NOW + 300_000)]).toEqual(['active', 'used']);
  expect(stateAt({ ...saml, state: 'expired' }, NOW)).toBe('used');
  expect(stateWord('used')).toBe('signed in');
  expect(lastsWords(saml, NOW)).toMatch(/^Good for new sessions.* in 4 min\.$/);
  expect(lastsWords(saml, NOW + 300_000)).toMatch(/^Sessions that there are go on/);
  expect(stateAt({ ...login, renewable: false, state: 'expired' }, NOW)).toBe('expired');
});

test('a sign-in is known by its host', () => {
  expect(hostOf(work)).toBe('d-9067f2a1c4.awsapps.com');
});

test('what is typed becomes settings, and what has no field stays', () => {
  const values = { ...valuesOf(work), scopes: 'sso:account:access,  other' };
  const before = { ...work.settings, endpointUrl: 'https://sso.example' };
  expect(settingsOf(values, before)).toEqual({
    ...work.settings,
    scopes: ['sso:account:access', 'other'],
    endpointUrl: 'https://sso.example',
  });
  expect(CHECKS.scopes?.(' ', values)).toBe('Name a scope, like sso:account:access.');
  expect(CHECKS.startUrl?.('corp.awsapps.com', values)).toMatch(/^A start URL looks like/);
  // What a kind does not have is not complained about.
  expect(CHECKS.issuer?.('', values)).toBeNull();
  expect(CHECKS.accounts?.('12', { ...values, type: 'saml' })).not.toBeNull();
  expect(settingsOf({ ...values, type: 'saml', accounts: '123456789012' }, undefined)).toEqual({
    type: 'saml',
    startUrl: values.startUrl,
    accounts: ['123456789012'],
  });
});

test('the secret of a client is asked for once, and again for another client or provider', () => {
  const settings = {
    ...{ type: 'oidc' as const, issuer: 'https://login.example', clientId: 'keyhold', scopes: ['openid'] },
    clientAuth: 'client_secret_post' as const,
  };
  const values = valuesOf({ ...work, settings });
  expect(settingsOf(values, settings)).toEqual(settings);
  expect(hasClientSecret(values)).toBe(true);
  expect(needsClientSecret(values, undefined)).toBe(true);
  expect(needsClientSecret(values, settings)).toBe(false);
  expect(needsClientSecret({ ...values, clientAuth: 'client_secret_basic' }, settings)).toBe(false);
  expect(needsClientSecret({ ...values, clientId: 'other' }, settings)).toBe(true);
  expect(needsClientSecret({ ...values, issuer: 'https://other.example' }, settings)).toBe(true);
  const { clientAuth: _auth, ...open } = settings;
  expect(settingsOf({ ...values, clientAuth: 'public' }, settings)).toEqual(open);
  expect(needsClientSecret({ ...values, clientAuth: 'public' }, settings)).toBe(false);
  expect(needsClientSecret(values, open)).toBe(true);
  expect(hasClientSecret({ ...values, type: 'saml' })).toBe(false);
});
