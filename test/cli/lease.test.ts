import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepLease } from '../../src/cli/lease.ts';
import { KeyholdError } from '../../src/contract/errors.ts';
import { type ControlSocket, startControlSocket } from '../../src/daemon/control-socket.ts';
import { silentLogger } from '../support/silent-logger.ts';

const ID = 'KHLDAAAAAAAAAAAAAAAA';
let home: string;
let socket: ControlSocket;
let asked: { method: string; params: unknown; connection: AbortSignal | undefined }[] = [];
let answer: () => unknown;

const listen = async (): Promise<void> => {
  socket = await startControlSocket({
    path: join(home, 'control.sock'),
    log: silentLogger,
    contract: {
      async call(method, params, _actor, connection) {
        asked.push({ method, params, connection });
        return answer();
      },
      subscribe: () => () => undefined,
    },
  });
};
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'kh-'));
  asked = [];
  answer = () => ({});
  await listen();
});
afterEach(async () => {
  await socket.stop();
  rmSync(home, { recursive: true, force: true });
});

test('holds the client, again after the daemon was restarted, until it is ended', async () => {
  const lease = keepLease(home, ID, { retryMs: 5 });
  await expect.poll(() => asked.length).toBe(1);
  expect(asked[0]).toMatchObject({ method: 'client.lease', params: { accessKeyId: ID } });
  await socket.stop();
  await expect.poll(() => asked[0]?.connection?.aborted).toBe(true);
  await listen();
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[1]).toMatchObject({ method: 'client.lease', params: { accessKeyId: ID } });
  expect(asked[1]?.connection?.aborted).toBe(false);
  lease.end();
  await expect.poll(() => asked[1]?.connection?.aborted).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 25));
  expect(asked).toHaveLength(2);
});

test('a daemon that knows nothing of this is not asked twice', async () => {
  answer = () => {
    throw new KeyholdError('Unsupported', 'There is no method client.lease.');
  };
  const lease = keepLease(home, ID, { retryMs: 5 });
  await expect.poll(() => asked[0]?.connection?.aborted).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 25));
  expect(asked).toHaveLength(1);
  lease.end();
});
