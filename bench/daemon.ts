import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { openConnection } from '../src/cli/connection.ts';
import { createKeyholdClient, type KeyholdClient } from '../src/client/client.ts';
import { createReplyKey } from '../src/client/seal.ts';

/** The launcher as a user has it: what is measured is the build, not the sources. */
export const LAUNCHER = resolve(import.meta.dirname, '..', 'bin', 'keyhold.js');

export const PASSWORD = 'bench: correct horse battery staple';

export interface BenchDaemon {
  home: string;
  pid: number;
  /** The front door's URL. */
  endpoint: string;
  client: KeyholdClient;
  create(): Promise<void>;
  unlock(): Promise<void>;
  stop(): Promise<void>;
}

/** Makes an empty folder for a vault; `removeHome` takes it away. */
export function makeHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'keyhold-bench-'));
}

export function removeHome(home: string): Promise<void> {
  return rm(home, { recursive: true, force: true });
}

/** Starts `keyhold serve` on a free port with its vault in `home`. */
export async function startBenchDaemon(home: string): Promise<BenchDaemon> {
  const child = spawn(process.execPath, [LAUNCHER, 'serve', '--port', '0'], {
    // Argon2id at its floor: what is measured here is everything else.
    env: { ...process.env, KEYHOLD_HOME: home, KEYHOLD_KDF: 'floor' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = await readyLine(child);
  const connection = await openConnection(home);
  const client = createKeyholdClient((method, params) => connection.call(method, params));
  const sealedPassword = { factor: 'password' as const };
  return {
    home,
    pid: ready.pid,
    endpoint: ready.endpoint,
    client,
    async create() {
      const reply = await createReplyKey();
      await client.callSealed('vault.create', async (seal) => ({
        password: await seal('password', new TextEncoder().encode(PASSWORD)),
        replyKey: reply.publicKey,
      }));
    },
    async unlock() {
      await client.callSealed('vault.unlock', async (seal) => ({
        secret: { ...sealedPassword, sealed: await seal('password', new TextEncoder().encode(PASSWORD)) },
      }));
    },
    async stop() {
      const ended = new Promise<void>((done) => child.once('exit', () => done()));
      connection.close();
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function readyLine(child: ChildProcess): Promise<{ endpoint: string; pid: number }> {
  if (child.stdout === null) throw new Error('The daemon’s output is not a pipe.');
  const died = new Promise<never>((_resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`keyhold serve ended with status ${code} before it was ready.`)));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value } = await Promise.race([lines.next(), died]);
  died.catch(() => undefined);
  const parsed: unknown = JSON.parse(String(value));
  if (typeof parsed !== 'object' || parsed === null || !('endpoint' in parsed) || !('pid' in parsed)) {
    throw new Error(`keyhold serve said ${String(value)}.`);
  }
  return { endpoint: String(parsed.endpoint), pid: Number(parsed.pid) };
}

/** An account `bench` at `endpointUrl` with a made-up key, a profile `bench`, and a client key for it. */
export async function addClient(
  daemon: BenchDaemon,
  endpointUrl: string,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const { client } = daemon;
  await client.call('account.add', { name: 'bench', accountId: '123456789012', kind: 'remote', endpointUrl });
  await client.callSealed('key.import', async (seal) => ({
    name: 'bench',
    account: 'bench',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: await seal(
      'secret-access-key',
      new TextEncoder().encode('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
    ),
    source: 'form',
  }));
  await client.call('profile.add', { name: 'bench', account: 'bench', key: 'bench', region: 'eu-central-1' });
  return issueClient(daemon, 'bench');
}

/** A client key of a profile, under its name. */
export async function issueClient(
  { client }: BenchDaemon,
  profile: string,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const reply = await createReplyKey();
  const issued = await client.call('client.add', { name: profile, profile, replyKey: reply.publicKey });
  const secret = await reply.open(issued.secretAccessKey, 'client-secret');
  return { accessKeyId: issued.accessKeyId, secretAccessKey: new TextDecoder().decode(secret) };
}

/** Resident memory of a process in MiB; null where there is no /proc. */
export async function residentMiB(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null);
  const found = status === null ? null : /^VmRSS:\s+(\d+) kB$/m.exec(status);
  return found === null ? null : Number(found[1]) / 1024;
}
