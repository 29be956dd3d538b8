import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { IPC } from '../../src/contract/wire.ts';
import { app, BrowserWindow, ipcMain, powerMonitor, resetFakeElectron } from '../support/fake-electron.ts';

// The whole main process around a real daemon and a real HSM process; only Electron's own parts are played.
vi.mock('electron', () => import('../support/fake-electron.ts'));
vi.mock('../../src/main/hsm-utility.ts', async () => {
  const { spawnHsmProcess } = await import('../../src/daemon/hsm-fork.ts');
  return { utilityHsm: () => spawnHsmProcess };
});

let home: string;
const umask = process.umask();

beforeAll(async () => {
  resetFakeElectron();
  home = mkdtempSync(join(tmpdir(), 'keyhold-index-'));
  vi.stubEnv('KEYHOLD_HOME', home);
  await import('../../src/main/index.ts');
  await vi.waitFor(() => expect(BrowserWindow.all).toHaveLength(1), 15_000);
});

afterAll(() => {
  vi.unstubAllEnvs();
  process.umask(umask);
  rmSync(home, { recursive: true, force: true });
});

async function call(method: string, params: unknown): Promise<unknown> {
  const contents = BrowserWindow.all[0]?.webContents;
  return ipcMain.handlers.get(IPC.call)?.({ sender: contents, senderFrame: contents?.mainFrame }, method, params);
}

test('the page reaches the daemon, which knows its shell', async () => {
  expect(await call('status.get', {})).toMatchObject({ result: { state: 'none', shell: 'electron' } });
  expect(await call('hsm.sealKey', {})).toMatchObject({ result: { publicKey: expect.any(String) } });
  expect(await call('key.list', {})).toMatchObject({ error: { code: 'NotInitialized' } });
  expect(await call('status.get', { unexpected: true })).toMatchObject({ error: { code: 'InvalidInput' } });
});

test('sleep without a vault is no error', async () => {
  powerMonitor.emit('suspend');
  expect(await call('status.get', {})).toMatchObject({ result: { state: 'none' } });
});

test('quitting leaves no socket behind', async () => {
  expect(existsSync(join(home, 'control.sock'))).toBe(true);
  app.emit('before-quit', { preventDefault: () => undefined });
  await vi.waitFor(() => expect(app.exits).toEqual([0]), 15_000);
  expect(existsSync(join(home, 'control.sock'))).toBe(false);
});
