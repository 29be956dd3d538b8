import { beforeEach, describe, expect, test, vi } from 'vitest';
import { hardenSignInContents, isForSignIn } from '../../src/main/sign-in/harden-sign-in.ts';
import { openSignInWindow } from '../../src/main/sign-in/sign-in-window.ts';
import * as electron from '../support/fake-electron.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

const AWS = 'https://signin.aws.amazon.com/saml';
let caught: (string | undefined)[];
let closed: number;

beforeEach(() => {
  electron.resetFakeElectron();
  caught = [];
  closed = 0;
});

function open() {
  // As lifecycle.ts does it for every page that comes into being.
  const seen: boolean[] = [];
  electron.app.on('web-contents-created', (_event, contents) => {
    seen.push(isForSignIn(contents));
    hardenSignInContents(contents);
  });
  openSignInWindow({
    partition: 'sign-in-1',
    name: 'corp',
    url: 'https://idp.example.com/app/aws',
    dark: false,
    caught: (samlResponse) => void caught.push(samlResponse),
    closed: () => {
      closed += 1;
    },
  });
  const [window] = electron.BrowserWindow.all;
  const session = electron.sessions.get('sign-in-1');
  if (window === undefined || session === undefined) throw new Error('no window was opened');
  expect(seen).toEqual([true]);
  return { window, session };
}

function request(session: electron.FakeSession, details: { url: string; method?: string; body?: Buffer[] }) {
  let cancelled: boolean | undefined;
  const uploadData = details.body?.map((bytes) => ({ bytes }));
  session.invoke('beforeRequest', { method: 'GET', ...details, uploadData }, (answer: { cancel: boolean }) => {
    cancelled = answer.cancel;
  });
  return cancelled;
}

const form = (fields: Record<string, string>): Buffer => Buffer.from(new URLSearchParams(fields).toString());

describe('the window for signing in', () => {
  test('is a sandbox of its own: no preload, no Node, nothing on disk, no permission', () => {
    const { window, session } = open();
    const { session: own, ...preferences } = window.options.webPreferences;
    expect(own).toBe(session);
    expect(session.partition).not.toMatch(/^persist:/);
    expect(preferences).not.toHaveProperty('preload');
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      devTools: false,
    });
    const decided: boolean[] = [];
    session.invoke('permissionRequest', {}, 'media', (yes: boolean) => decided.push(yes));
    decided.push(session.invoke('permissionCheck', {}, 'media') === true, session.invoke('device') === true);
    expect(decided).toEqual([false, false, false]);
    const download = { preventDefault: vi.fn() };
    session.emit('will-download', download);
    expect(download.preventDefault).toHaveBeenCalledOnce();
  });

  test('goes wherever https leads, and nowhere else', () => {
    const { window, session } = open();
    const go = (event: string, url: string, isMainFrame = true): boolean => {
      const details = { url, isMainFrame, preventDefault: vi.fn() };
      window.webContents.emit(event, details);
      return details.preventDefault.mock.calls.length === 0;
    };
    expect(go('will-frame-navigate', 'https://login.example.org/mfa')).toBe(true);
    expect(go('will-frame-navigate', 'about:blank', false)).toBe(true);
    expect(go('will-redirect', 'https://login.example.org/mfa')).toBe(true);
    for (const url of [
      'http://idp.example.com',
      'file:///etc/passwd',
      'app://keyhold/',
      'about:blank',
      'javascript:1',
    ]) {
      expect(go('will-frame-navigate', url), url).toBe(false);
      expect(go('will-redirect', url), url).toBe(false);
    }
    expect(request(session, { url: 'https://idp.example.com/script.js' })).toBe(false);
    for (const url of ['http://127.0.0.1:4587/', 'ftp://x', 'app://keyhold/', 'devtools://x']) {
      expect(request(session, { url }), url).toBe(true);
    }
    expect(window.webContents.openHandler?.({ url: 'https://idp.example.com/popup' })).toEqual({ action: 'deny' });
    expect(window.webContents.openHandler?.({ url: 'http://idp.example.com' })).toEqual({ action: 'deny' });
    expect(window.webContents.loaded).toEqual(['https://idp.example.com/app/aws', 'https://idp.example.com/popup']);
    window.webContents.emit('did-navigate');
    expect(window.title).toBe('idp.example.com – sign in to corp');
  });

  test('catches what is posted to AWS before it leaves, and closes', () => {
    const { window, session } = open();
    const whole = form({ SAMLResponse: 'PHNhbWw+=', RelayState: 'x' });
    const body = [Buffer.from(whole.subarray(0, 9)), Buffer.from(whole.subarray(9))];
    expect(request(session, { url: AWS, method: 'POST', body })).toBe(true);
    expect(caught).toEqual(['PHNhbWw+=']);
    expect(body.every((part) => part.every((byte) => byte === 0))).toBe(true);
    expect(window.destroyed).toBe(true);
    expect(closed).toBe(0);
    // The page may try again before it is gone.
    expect(request(session, { url: AWS, method: 'POST', body: [whole] })).toBe(true);
    expect(caught).toHaveLength(1);
  });

  test.each([
    'https://eu-west-1.signin.aws.amazon.com/saml?x=1',
    'https://us-east-1.signin.aws.amazon.com/saml/acs/SAMLSP12',
    'https://signin.amazonaws.cn/saml',
    'https://signin.amazonaws-us-gov.com/saml',
  ])('knows AWS at %s', (url) => {
    const { session } = open();
    expect(request(session, { url, method: 'POST', body: [form({ SAMLResponse: 'YQ==' })] })).toBe(true);
    expect(caught).toEqual(['YQ==']);
  });

  test.each([
    'https://signin.aws.amazon.com.evil.example/saml',
    'https://evilsignin.aws.amazon.com/saml',
    'https://idp.example.com/saml?https://signin.aws.amazon.com/saml',
    'https://signin.aws.amazon.com/samlx',
  ])('takes nothing that goes elsewhere: %s', (url) => {
    const { session } = open();
    expect(request(session, { url, method: 'POST', body: [form({ SAMLResponse: 'YQ==' })] })).toBe(false);
    expect(caught).toEqual([]);
  });

  test.each([
    ['no form', undefined],
    ['two of them', [Buffer.from('SAMLResponse=YQ%3D%3D&SAMLResponse=Yg%3D%3D')]],
    ['too long a form', [Buffer.alloc(400_001, 0x61)]],
  ])('says so where a post to AWS has %s', (_, body) => {
    const { session } = open();
    expect(request(session, { url: AWS, method: 'POST', ...(body === undefined ? {} : { body }) })).toBe(true);
    expect(caught).toEqual([undefined]);
  });

  test('closed by the person before that, calls it off', () => {
    const { window } = open();
    window.destroy();
    expect({ caught, closed }).toEqual({ caught: [], closed: 1 });
  });
});
