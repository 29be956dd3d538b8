import { expect, test } from 'vitest';
import type { DaemonEvent } from '../../../src/contract/events.ts';
import { createElectronTransport } from '../../../src/renderer/api/electron-transport.ts';

test('calls go over the bridge, errors come back as errors, events are passed on', async () => {
  let push: (event: DaemonEvent) => void = () => undefined;
  let stopped = false;
  const transport = createElectronTransport({
    shell: 'electron',
    call: async (method, params) =>
      method === 'vault.lock'
        ? { error: { code: 'Locked', message: 'The vault is locked.' } }
        : { result: { method, params } },
    filePart: async (part, bytes) =>
      part.last
        ? { error: { code: 'InvalidCiphertext', message: 'It was changed.' } }
        : { result: bytes.map((byte) => byte + part.index) },
    holdInClipboard: async (code: string, seconds: number) => ({
      result: `${code} ${seconds}` === '123456 20' ? 'cleared' : 'changed',
    }),
    subscribe(listener) {
      push = listener;
      return () => {
        stopped = true;
      };
    },
  });
  expect(await transport.call('key.list', {})).toEqual({ method: 'key.list', params: {} });
  await expect(transport.call('vault.lock', {})).rejects.toMatchObject({ code: 'Locked' });
  const part = { id: '0'.repeat(32), index: 2, last: false };
  expect(await transport.filePart(part, Uint8Array.of(1, 2))).toEqual(Uint8Array.of(3, 4));
  await expect(transport.filePart({ ...part, last: true }, Uint8Array.of(1))).rejects.toMatchObject({
    code: 'InvalidCiphertext',
  });
  const seen: unknown[] = [];
  const stop = transport.subscribe({ connection: (one) => seen.push(one), event: (event) => seen.push(event.type) });
  push({ type: 'changed', what: ['keys'] });
  stop();
  expect(seen).toEqual(['up', 'changed']);
  expect(stopped).toBe(true);
});
