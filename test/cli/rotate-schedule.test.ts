import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseWindow, windowText } from '../../src/cli/rotation/window.ts';
import { type Daemon, startDaemon } from '../../src/daemon/serve.ts';
import { runCli } from './support/run-cli.ts';

describe('a window in words', () => {
  test.each([
    ['Tue 09:00-17:00', 'tue 09:00-17:00'],
    ['mon-fri 22:00 - 4:00', 'mon,tue,wed,thu,fri 22:00-04:00'],
    ['sat-mon 08:00–20:00', 'mon,sat,sun 08:00-20:00'],
    ['thursday,su 1:30-2:30', 'thu,sun 01:30-02:30'],
    ['daily 02:00-05:00', 'daily 02:00-05:00'],
  ])('%s', (text, read) => {
    expect(windowText(parseWindow(text))).toBe(read);
  });

  test.each(['', 'tue', 'tue 9-17', 'noday 09:00-17:00', 'tue 09:00', 't 09:00-17:00'])('not "%s"', (text) => {
    expect(() => parseWindow(text)).toThrow(expect.objectContaining({ code: 'InvalidInput' }));
  });
});

describe('keyhold rotate schedule, snooze and calendar', () => {
  let home: string;
  let daemon: Daemon;
  const keyhold = (args: string[], input?: string) => runCli(args, { home, ...(input === undefined ? {} : { input }) });

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'kh-schedule-'));
    daemon = await startDaemon({ home, shell: 'serve', port: 0, web: false, kdf: 'floor' });
    await keyhold(['init', '--password-stdin', '--yes', '--json'], 'correct horse battery staple 9\n');
    // Nobody listens there.
    const nowhere = ['--endpoint-url', 'http://127.0.0.1:9'];
    await keyhold(['account', 'add', 'prod', '--remote', '--id', '123456789012', ...nowhere]);
    writeFileSync(join(home, 'key'), `AKIAIOSFODNN7EXAMPLE\n${'x'.repeat(40)}\n`, { mode: 0o600 });
    await keyhold(['key', 'import', 'deploy', '--account', 'prod', '--file', join(home, 'key')]);
  });
  afterAll(async () => {
    await daemon.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test('say what is due, and what becomes of it', async () => {
    expect((await keyhold(['rotate', 'schedule'])).stdout).toContain('keyhold rotate max-age 90');
    const early = await keyhold(['rotate', 'schedule', '--key', 'Deploy', '--auto', 'rotate']);
    expect(early.stderr).toContain('Give it one: keyhold rotate max-age 90 --key Deploy');
    await keyhold(['rotate', 'schedule', '--key', 'deploy', '--clear']);
    await keyhold(['rotate', 'max-age', '30', '--account', 'prod']);
    const set = await keyhold([
      'rotate',
      'schedule',
      '--account',
      'prod',
      '--auto',
      'rotate',
      '--window',
      'tue 09:00-17:00',
    ]);
    expect(set.stderr).toBe('');
    expect(set.stdout).toBe(
      'prod: rotated by itself when it is due (tue 09:00-17:00), while the vault is unlocked and AWS can be reached.\n',
    );
    expect((await keyhold(['rotate', 'schedule'])).stdout).toMatch(
      /deploy +prod +later +in 30 d +rotated by itself in 3/,
    );
    for (const wrong of [
      ['--auto', 'rotate'],
      ['--key', 'deploy'],
      ['--key', 'deploy', '--auto', 'often'],
      ['--key', 'deploy', '--auto', 'off', '--window', 'tue 09:00-17:00'],
      ['--key', 'deploy', '--clear', '--auto', 'off'],
    ]) {
      expect(await keyhold(['rotate', 'schedule', ...wrong])).toMatchObject({ code: 2 });
    }
    expect((await keyhold(['rotate', 'snooze', 'deploy', '7d'])).stdout).toContain('for 7d');
    expect((await keyhold(['rotate', 'snooze', 'deploy', '0'])).stdout).toContain('not put off any more');
    expect(await keyhold(['rotate', 'snooze', 'deploi', '7d'])).toMatchObject({ code: 5 });
  });

  test('write a calendar that is nobody else’s to read', async () => {
    const out = join(home, 'keys.ics');
    expect((await keyhold(['rotate', 'calendar', '--out', out])).stdout).toContain(`1 key in ${out}`);
    expect(statSync(out).mode & 0o077).toBe(0);
    expect(readFileSync(out, 'utf8')).toMatch(/^BEGIN:VCALENDAR\r\n/);
    expect((await keyhold(['rotate', 'calendar', '--with-ids'])).stdout).toContain('AKIAIOSFODNN7EXAMPLE');
  });

  test('plan a rotation where AWS cannot be reached', async () => {
    expect(await keyhold(['rotate', '--due', '--when-online', '--yes'])).toMatchObject({ code: 2 });
    const planned = await keyhold(['rotate', 'deploy', '--when-online', '--yes']);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('It begins once AWS can be reached') });
    expect((await keyhold(['rotate', 'status'])).stdout).toMatch(/deploy +prod +planned/);
    expect((await keyhold(['rotate', 'rollback', 'deploy'])).code).toBe(0);
  });
});
