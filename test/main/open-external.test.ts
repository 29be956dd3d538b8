import { beforeEach, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import { openExternal } from '../../src/main/open-external.ts';
import { isSignInPage } from '../../src/main/sign-in/is-sign-in-page.ts';
import * as electron from '../support/fake-electron.ts';
import { sampleSignIns } from '../support/fake-sign-ins.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

const PAGE = 'https://oidc.eu-central-1.amazonaws.com/authorize?client_id=a';
const never = async () => false;

beforeEach(() => {
  electron.resetFakeElectron();
});

/** A contract with one attempt to sign in, at this page. */
function contractWith(answer: () => unknown): Parameters<typeof isSignInPage>[0] {
  return { call: async () => answer(), subscribe: () => () => undefined };
}

test('AWS’s own pages open in the system browser, and no others', async () => {
  const opened = [
    'https://docs.aws.amazon.com/IAM',
    'https://docs.aws.amazon.com.evil.example/',
    'http://docs.aws.amazon.com/',
    'https://ada@docs.aws.amazon.com/',
    'https://evil.example/',
    'nonsense',
  ].map((url) => openExternal(url, never));
  expect(await Promise.all(opened)).toEqual([true, false, false, false, false, false]);
});

test('the page of a sign-in that is under way opens, for as long as it is', async () => {
  const [signIn] = sampleSignIns(8, Date.now()).list;
  if (signIn === undefined) throw new Error('no sign-in in the sample');
  const attempt = {
    id: signIn.id,
    name: signIn.name,
    type: 'sso',
    flow: 'browser',
    url: PAGE,
    expiresAt: new Date().toISOString(),
  };
  const pending = contractWith(() => ({ signIns: [{ ...signIn, state: 'pending', attempt }] }));
  const open = (contract: typeof pending, url: string) => openExternal(url, (one) => isSignInPage(contract, one));
  expect(await open(pending, PAGE)).toBe(true);
  expect(await open(pending, `${PAGE}&more`)).toBe(false);
  expect(await open(pending, 'file:///etc/passwd')).toBe(false);
  const over = contractWith(() => ({ signIns: [signIn] }));
  expect(await open(over, PAGE)).toBe(false);
  const locked = contractWith(() => {
    throw new KeyholdError('Locked', 'The vault is locked.');
  });
  expect(await open(locked, PAGE)).toBe(false);
});
