import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MAX_LOG_BYTES, openFileLogger } from '../../src/daemon/file-logger.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-log-'));
  path = join(folder, 'daemon.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('writes one JSON object a line, errors with their stack, for the owner alone', () => {
  const echoed: string[] = [];
  const log = openFileLogger(path, (line) => echoed.push(line));
  log.info('started', { port: 4587 });
  log.error('failed', { error: new Error('line one\nline two') });
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 'info', message: 'started', port: 4587 },
    { level: 'error', message: 'failed', error: expect.stringContaining('line one\nline two') },
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(echoed).toHaveLength(2);
});

test('a full file becomes the old one', () => {
  writeFileSync(path, 'x'.repeat(MAX_LOG_BYTES - 10));
  const log = openFileLogger(path);
  log.warn('next');
  expect(statSync(`${path}.1`).size).toBe(MAX_LOG_BYTES - 10);
  expect(readFileSync(path, 'utf8')).toContain('"next"');
});
