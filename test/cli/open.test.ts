import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pinnedNode, startTestDaemon, type TestDaemon } from '../support/daemon.ts';
import { CLI_PROGRAM } from '../support/programs.ts';
import { cleanEnv, runCli } from './support/run-cli.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kh-open-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A PATH whose `xdg-open` writes down its command line, as the kernel shows it to everybody, and ends with this code. */
function withBrowser(code: number): { PATH: string; cmdline(): string } {
  const bin = join(folder, 'bin');
  const seen = join(folder, 'cmdline');
  mkdirSync(bin);
  const script = join(bin, 'xdg-open');
  writeFileSync(
    script,
    `#!/bin/sh\ntr '\\0' '\\n' < /proc/$$/cmdline > '${seen}.part'; mv '${seen}.part' '${seen}'; exit ${code}\n`,
  );
  chmodSync(script, 0o755);
  return { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, cmdline: () => readFileSync(seen, 'utf8') };
}

const LINK = /http:\/\/127\.0\.0\.1:\d+\/#token=([\w-]{43})/;

function linkIn(text: string): { url: string; token: string } {
  const [url = '', token = ''] = LINK.exec(text) ?? [];
  expect(token).not.toBe('');
  return { url, token };
}

function fileIn(cmdline: string): string {
  const address = cmdline.split('\n').find((word) => word.startsWith('file://'));
  if (address === undefined) throw new Error(`no file in ${cmdline}`);
  return fileURLToPath(address);
}

async function redeem(url: string): Promise<number> {
  const { origin, hash } = new URL(url);
  const answer = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: hash.replace('#token=', '') }),
  });
  return answer.status;
}

describe.skipIf(process.platform !== 'linux')('keyhold open', () => {
  let daemon: TestDaemon;
  beforeEach(async () => {
    daemon = await startTestDaemon();
  });
  afterEach(() => daemon.stop());

  test('gives the browser a private file, and no argument of any process the token', async () => {
    const browser = withBrowser(0);
    const ended = await runCli(['open'], { home: daemon.home, env: { PATH: browser.PATH } });
    expect([ended.code, ended.stderr]).toEqual([0, '']);
    // A browser that may not read hidden folders shows an error page: the way on is on the screen.
    expect(ended.stdout).toMatch(/^If no page appears in your browser, open this link/);
    const { url, token } = linkIn(ended.stdout);
    expect(browser.cmdline()).not.toContain(token);
    const file = fileIn(browser.cmdline());
    expect(file.startsWith(join(daemon.home, 'open'))).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toContain(url);
    expect(await redeem(url)).toBe(200);
    expect(existsSync(file)).toBe(false);
  });

  test('without a browser prints the link', async () => {
    const browser = withBrowser(3);
    const ended = await runCli(['open'], { home: daemon.home, env: { PATH: browser.PATH } });
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/^No browser could be opened\. Open this link/);
    expect(await redeem(linkIn(ended.stdout).url)).toBe(200);
  });

  test.each([['--print'], ['--json']])('%s opens nothing and writes nothing', async (option) => {
    const browser = withBrowser(0);
    const ended = await runCli(['open', option], { home: daemon.home, env: { PATH: browser.PATH } });
    expect(ended.code).toBe(0);
    expect(() => browser.cmdline()).toThrow();
    expect(existsSync(join(daemon.home, 'open'))).toBe(false);
    expect(await redeem(linkIn(ended.stdout).url)).toBe(200);
  });
});

test.skipIf(process.platform !== 'linux')(
  'keyhold serve --open does the same, and tidies up when it ends',
  async () => {
    const browser = withBrowser(0);
    const home = join(folder, 'a home # with % signs');
    mkdirSync(home);
    const serving = spawn(pinnedNode(), [CLI_PROGRAM, 'serve', '--port', '0', '--open'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: cleanEnv({ home, env: { PATH: browser.PATH } }),
    });
    const ended = new Promise<number | null>((resolve) => serving.once('exit', resolve));
    let stderr = '';
    await new Promise<void>((resolve, reject) => {
      serving.stderr.on('data', (chunk: Buffer) => {
        stderr += chunk.toString();
        if (LINK.test(stderr)) resolve();
      });
      void ended.then((code) => reject(new Error(`ended with ${code}: ${stderr}`)));
    });
    expect(stderr).toContain('If no page appears in your browser, open this link');
    const { url, token } = linkIn(stderr);
    expect(browser.cmdline()).not.toContain(token);
    const file = fileIn(browser.cmdline());
    expect(readFileSync(file, 'utf8')).toContain(url);
    serving.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(existsSync(file)).toBe(false);
  },
);
