import { expect, test } from 'vitest';
import type { SignIn, SignInSettings } from '../../../../src/contract/sign-ins.ts';
import { hasSecret, secretHint, secretProblem } from '../../../../src/renderer/features/sign-ins/oidc/client-secret.ts';
import { settingsOf, valuesOf } from '../../../../src/renderer/features/sign-ins/sign-in-draft.ts';

const known = { type: 'oidc', issuer: 'https://login.example.com', clientId: 'keyhold', scopes: ['openid'] } as const;
const signIn = (settings: SignInSettings): SignIn => ({
  ...{ id: '0'.repeat(32), name: 'idp', settings, state: 'none', renewable: false, profiles: [] },
  createdAt: '2026-01-01T00:00:00.000Z',
});
const secretive = { ...known, scopes: ['openid'], clientAuth: 'client_secret_post' } satisfies SignInSettings;
const open = { ...known, scopes: ['openid'] } satisfies SignInSettings;

test('what is not changed stays as it was, with a secret and without', () => {
  for (const settings of [secretive, open]) {
    expect(settingsOf(valuesOf(signIn(settings)), settings)).toEqual(settings);
  }
});

test('a client gets a secret, shown in a header unless something else is said, and loses it', () => {
  const values = { ...valuesOf(signIn(open)), clientKind: 'secret' };
  expect(settingsOf(values, open)).toEqual({ ...open, clientAuth: 'client_secret_basic' });
  expect(settingsOf({ ...values, clientAuth: 'client_secret_post' }, open)).toEqual(secretive);
  expect(settingsOf({ ...valuesOf(signIn(secretive)), clientKind: 'public' }, secretive)).toEqual(open);
});

test('the present secret stays for the same client alone', () => {
  const values = valuesOf(signIn(secretive));
  expect(hasSecret({ ...values, issuer: ` ${secretive.issuer} ` }, secretive)).toBe(true);
  expect(secretProblem('', values, secretive)).toBeNull();
  expect(secretHint(values, secretive)).toContain('keep the present one');
  for (const other of [
    { ...values, issuer: 'https://login.example.org' },
    { ...values, clientId: 'another' },
  ]) {
    expect(hasSecret(other, secretive)).toBe(false);
    expect(secretProblem('', other, secretive)).toContain('Paste the secret');
    expect(secretHint(other, secretive)).toContain('another client');
    expect(secretProblem('its own', other, secretive)).toBeNull();
  }
});

test('a new one is asked for where there is none, and has to be one line', () => {
  const values = { ...valuesOf(signIn(open)), clientKind: 'secret' };
  expect(secretProblem('', values, open)).toContain('Paste the secret');
  expect(secretProblem('', values, undefined)).toContain('Paste the secret');
  expect(secretProblem('with a space', values, undefined)).toBeNull();
  for (const wrong of ['tab\there', 'ключ', 'x'.repeat(4097)]) {
    expect(secretProblem(wrong, values, undefined)).toContain('one line');
  }
  expect(secretProblem('', { ...values, clientKind: 'public' }, undefined)).toBeNull();
  expect(secretProblem('', { ...values, type: 'sso' }, undefined)).toBeNull();
});
