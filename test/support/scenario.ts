import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pinnedNode, startTestDaemon, type TestDaemon } from './daemon.ts';
import { PASSWORD } from './hsm.ts';
import { CLI_PROGRAM as CLI } from './programs.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** The real key of every scenario: what must never be seen outside the HSM process. */
export const REAL_KEY_ID = 'AKIAREALKEYOFSCENARI';
export const CANARY = 'CanaryCanary/canary+0123456789abcdefGHIJ';

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Scenario {
  daemon: TestDaemon;
  upstream: Upstream;
  /** Runs the CLI from sources with this scenario's home. */
  keyhold(args: readonly string[], options?: { input?: string; env?: Record<string, string> }): Promise<Run>;
  /** Program and first argument of the CLI, for a shell. */
  command(): [string, string];
  close(): Promise<void>;
}

/** Runs a program to its end. */
export function run(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: options.env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
    );
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

/**
 * An unlocked vault with account, key, profile `prod` (eu-central-1) and a verifying upstream behind it. Everything but the
 * account's endpoint is as a user has it.
 */
export async function startScenario(): Promise<Scenario> {
  const upstream = await startUpstream({
    keys: [{ accessKeyId: REAL_KEY_ID, secretAccessKey: CANARY }],
    keepBodies: true,
  });
  const daemon = await startTestDaemon();
  await daemon.create();
  await daemon.call('account.add', {
    name: 'main',
    accountId: '123456789012',
    kind: 'remote',
    endpointUrl: upstream.url,
  });
  await daemon.importKey({ name: 'deploy', account: 'main', accessKeyId: REAL_KEY_ID }, CANARY);
  await daemon.call('profile.add', { name: 'prod', account: 'main', key: 'deploy', region: 'eu-central-1' });
  return {
    daemon,
    upstream,
    keyhold: (args, options = {}) =>
      run(pinnedNode(), [CLI, ...args], {
        env: { ...process.env, NO_COLOR: '1', ...options.env, KEYHOLD_HOME: daemon.home },
        ...(options.input === undefined ? {} : { input: options.input }),
      }),
    command: () => [pinnedNode(), CLI],
    async close() {
      await daemon.stop();
      await upstream.close();
    },
  };
}

/** A file that holds the test vault's password, for --password-file. */
export function passwordFile(home: string): string {
  const path = join(home, 'password.txt');
  writeFileSync(path, `${PASSWORD}\n`, { mode: 0o600 });
  return path;
}

/** Why a program cannot be used here, or null. */
export function missing(command: string, args: readonly string[], what: string): string | null {
  const probe = spawnSync(command, args, { stdio: 'ignore' });
  return probe.error === undefined && probe.status === 0 ? null : `${what} is not installed`;
}
