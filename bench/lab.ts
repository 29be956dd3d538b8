import { readFile } from 'node:fs/promises';
import { createReplyKey } from '../src/client/seal.ts';
import { createKmsWire, type KmsWire } from '../test/support/kms-wire.ts';
import type { BenchDaemon } from './daemon.ts';

// A local account with a KMS, and what all processes of a daemon take.

export const REGION = 'eu-central-1';

/** The account `lab` and a client key of its root. */
export async function addLab({ client }: BenchDaemon): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  await client.call('account.add', { name: 'lab', accountId: '123456789012', kind: 'local', region: REGION });
  const reply = await createReplyKey();
  const issued = await client.call('client.add', { name: 'bench', account: 'lab', replyKey: reply.publicKey });
  const secret = await reply.open(issued.secretAccessKey, 'client-secret');
  return { accessKeyId: issued.accessKeyId, secretAccessKey: new TextDecoder().decode(secret) };
}

/** A call that has to succeed. */
export async function ask(
  wire: KmsWire,
  operation: string,
  input: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { status, body } = await wire.call(operation, input);
  if (status !== 200) throw new Error(`${operation} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Makes a KMS key; answers its id. */
export async function createKey(wire: KmsWire, input: Record<string, unknown> = {}): Promise<string> {
  const { KeyMetadata: made } = await ask(wire, 'CreateKey', input);
  if (typeof made !== 'object' || made === null || !('KeyId' in made)) throw new Error('CreateKey names no key');
  return String(made.KeyId);
}

/** `create`d wires share these settings. */
export function connect(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
  connections: number,
): KmsWire {
  return createKmsWire({ endpoint, ...credentials, region: REGION, connections });
}

/** Runs `work` for 0 … count − 1, so many at a time. */
export async function inParallel(count: number, workers: number, work: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

export interface Usage {
  pid: number;
  /** MB (10⁶ bytes): resident pages; pages that several processes have in common count fully in each. */
  rss: number;
  /** MB: the same, shared pages divided among those who share them. */
  pss: number;
}

/** Ticks of the processor times in /proc, which Linux has everywhere. */
const TICKS_A_SECOND = 100;

/** Processor time of a process and all its descendants so far, in ms; NaN where there is no /proc. */
export async function processorTime(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  // The second field is the program's name, which may contain anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const own = ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND;
  const below = await Promise.all(children.trim().split(/\s+/).filter(Boolean).map(Number).map(processorTime));
  return below.reduce((sum, one) => sum + one, own);
}

/** A process and all its descendants, oldest first; null where there is no /proc. */
export async function usageOfTree(pid: number): Promise<Usage[] | null> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => null);
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => null);
  if (rollup === null || children === null) return null;
  const value = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup);
    return (Number(found?.[1]) * 1024) / 1e6;
  };
  const own = { pid, rss: value('Rss'), pss: value('Pss') };
  const below = await Promise.all(children.trim().split(/\s+/).filter(Boolean).map(Number).map(usageOfTree));
  return [own, ...below.flatMap((one) => one ?? [])];
}
