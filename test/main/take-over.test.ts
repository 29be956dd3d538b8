import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeOver } from '../../src/main/take-over.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'keyhold-take-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('asks the holder to stop and resolves when nobody listens any more', async () => {
  const received: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      const line = data.toString('utf8');
      received.push(line);
      if (!line.includes('daemon.stop')) return;
      socket.write('{"id":1,"result":{}}\n');
      server.close();
    });
  });
  await new Promise<void>((resolve) => server.listen(join(home, 'control.sock'), resolve));
  await takeOver(home);
  expect(received[0]).toBe('{"id":1,"method":"daemon.stop","params":{}}\n');
  expect(server.listening).toBe(false);
});

test('has nothing to do where nobody listens', async () => {
  await expect(takeOver(home)).resolves.toBeUndefined();
});
