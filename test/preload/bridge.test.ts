import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DaemonEvent } from '../../src/contract/events.ts';
import { IPC } from '../../src/contract/wire.ts';
import * as electron from '../support/fake-electron.ts';

vi.mock('electron', () => import('../support/fake-electron.ts'));

interface Bridge {
  shell: string;
  call(method: unknown, params: unknown): Promise<unknown>;
  filePart(part: unknown, bytes: unknown): Promise<unknown>;
  subscribe(listener: (...args: unknown[]) => void): () => void;
}

function isBridge(value: unknown): value is Bridge {
  return typeof value === 'object' && value !== null && 'call' in value && 'subscribe' in value;
}

let bridge: Bridge;

beforeAll(async () => {
  await import('../../src/preload/index.ts');
  const exposed = electron.exposed.get('keyhold');
  if (!isBridge(exposed)) throw new Error('Nothing was exposed as window.keyhold.');
  bridge = exposed;
});

beforeEach(() => {
  electron.ipcRenderer.removeAllListeners();
  electron.ipcRenderer.invoked = [];
});

test('exposes exactly call, filePart, subscribe, holdInClipboard and the shell’s name', () => {
  expect([...electron.exposed.keys()]).toEqual(['keyhold']);
  expect(Object.keys(bridge).sort()).toEqual(['call', 'filePart', 'holdInClipboard', 'shell', 'subscribe']);
  expect(bridge.shell).toBe('electron');
});

test('a call goes through the one channel, whatever the method is named', async () => {
  electron.ipcRenderer.answer = { result: { state: 'locked' } };
  expect(await bridge.call('status.get', { a: 1 })).toEqual({ result: { state: 'locked' } });
  await bridge.call('keyhold:event', {});
  expect(electron.ipcRenderer.invoked).toEqual([
    [IPC.call, 'status.get', { a: 1 }],
    [IPC.call, 'keyhold:event', {}],
  ]);
});

test('a part of a file goes through a channel of its own', async () => {
  electron.ipcRenderer.answer = { result: new Uint8Array(1) };
  const part = { id: '0'.repeat(32), index: 0, last: true };
  expect(await bridge.filePart(part, Uint8Array.of(7))).toEqual({ result: new Uint8Array(1) });
  expect(electron.ipcRenderer.invoked).toEqual([[IPC.filePart, part, Uint8Array.of(7)]]);
});

test('a listener gets the event alone, never the IPC event object', () => {
  const listener = vi.fn();
  const stop = bridge.subscribe(listener);
  const event: DaemonEvent = { type: 'changed', what: ['clients'] };
  electron.ipcRenderer.emit(IPC.event, { sender: electron.ipcRenderer }, event);
  expect(listener.mock.calls).toEqual([[event]]);
  stop();
  electron.ipcRenderer.emit(IPC.event, {}, event);
  expect(listener).toHaveBeenCalledOnce();
  expect(electron.ipcRenderer.listenerCount(IPC.event)).toBe(0);
});
