import { beforeEach, expect, test, vi } from 'vitest';
import { KeyholdError } from '../../src/contract/errors.ts';
import type { DaemonEvent } from '../../src/contract/events.ts';
import type { SignIn, SignInAttempt } from '../../src/contract/sign-ins.ts';
import { showSignIns } from '../../src/main/sign-in/show-sign-ins.ts';
import * as electron from '../support/fake-electron.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

const ID = 'a'.repeat(32);
const ATTEMPT = 'b'.repeat(32);
const NOW = '2026-11-29T12:00:00.000Z';
const attempt: SignInAttempt = {
  id: ATTEMPT,
  name: 'corp',
  type: 'saml',
  flow: 'browser',
  url: 'https://idp.example.com/app/aws',
  expiresAt: NOW,
};

let signIns: SignIn[];
let calls: [string, unknown][];
let reported: unknown[];
let deliver: () => Promise<unknown>;
let tell: (event: DaemonEvent) => Promise<void>;

beforeEach(() => {
  electron.resetFakeElectron();
  signIns = [];
  calls = [];
  reported = [];
  deliver = () => Promise.resolve({});
  showSignIns(
    {
      async call(method, params) {
        if (method === 'signIn.list') return { signIns };
        calls.push([method, params]);
        return method === 'saml.deliver' ? deliver() : { cancelled: true };
      },
      subscribe(listener) {
        tell = async (event) => {
          listener(event);
          await settled();
        };
        return () => undefined;
      },
    },
    (error) => reported.push(error),
  );
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function corp(more: Partial<SignIn>): SignIn {
  return {
    id: ID,
    name: 'corp',
    settings: { type: 'saml', startUrl: attempt.url },
    state: 'expired',
    renewable: false,
    profiles: [],
    createdAt: NOW,
    ...more,
  };
}

async function become(...next: SignIn[]): Promise<void> {
  signIns = next;
  await tell({ type: 'changed', what: ['signIns'] });
}

function post(value: string): void {
  const session = electron.sessions.get(`sign-in-${ID}`);
  const uploadData = [{ bytes: Buffer.from(new URLSearchParams({ SAMLResponse: value }).toString()) }];
  session?.invoke(
    'beforeRequest',
    { method: 'POST', url: 'https://signin.aws.amazon.com/saml', uploadData },
    () => undefined,
  );
}

const windows = () => electron.BrowserWindow.all.filter((window) => !window.destroyed);

test('an attempt gets one window, and what that catches goes to the daemon', async () => {
  await become(corp({ state: 'pending', attempt }));
  await become(corp({ state: 'pending', attempt }));
  expect(windows().map(({ loaded }) => loaded)).toEqual([['https://idp.example.com/app/aws']]);
  post('YQ==');
  await settled();
  expect(calls).toEqual([['saml.deliver', { id: ATTEMPT, samlResponse: 'YQ==' }]]);
  expect(windows()).toEqual([]);
  expect(reported).toEqual([]);
});

test('closing the window calls the attempt off, and the end of the attempt closes the window', async () => {
  await become(corp({ state: 'pending', attempt }));
  windows()[0]?.destroy();
  await settled();
  expect(calls).toEqual([['signIn.cancel', { id: ATTEMPT }]]);
  const next = { ...attempt, id: 'c'.repeat(32) };
  await become(corp({ state: 'pending', attempt: next }));
  expect(windows()).toHaveLength(1);
  await become(corp({}));
  expect(windows()).toEqual([]);
});

test('what is of no use is told to the person', async () => {
  deliver = () =>
    Promise.reject(new KeyholdError('InvalidInput', 'This SAML response is of no use: it is not signed.'));
  await become(corp({ state: 'pending', attempt }));
  post('YQ==');
  await settled();
  expect(calls.map(([method]) => method)).toEqual(['saml.deliver', 'signIn.cancel']);
  expect(electron.dialog.asked).toMatchObject([{ detail: 'This SAML response is of no use: it is not signed.' }]);
});

test('there is no window for a browser elsewhere, nor for another type', async () => {
  await become(corp({ state: 'pending', attempt: { ...attempt, flow: 'device' } }));
  await become(corp({ state: 'pending', attempt: { ...attempt, type: 'sso' } }));
  expect(electron.BrowserWindow.all).toEqual([]);
});

test('cookies stay in memory for the next time, and go with the sign-out and the lock', async () => {
  await become(corp({ state: 'pending', attempt }));
  const session = electron.sessions.get(`sign-in-${ID}`);
  await become(corp({ state: 'active' }));
  expect(session?.cleared).toBe(0);
  await become(corp({ state: 'none' }));
  expect(session?.cleared).toBe(1);
  await become(corp({ state: 'pending', attempt: { ...attempt, id: 'd'.repeat(32) } }));
  const status = { state: 'locked' };
  await tell({ type: 'status', status: Object.assign(Object.create(null), status) });
  expect(session?.cleared).toBe(2);
  expect(windows()).toEqual([]);
});
