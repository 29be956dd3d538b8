import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type Run, run } from './scenario.ts';

const Answer = z.object({ code: z.int(), stdout: z.base64(), stderr: z.base64() });

export interface ResidentAws {
  run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run>;
  close(): void;
}

/**
 * The AWS CLI for many calls: where Python can import it, it is imported once and each call is a fork, which spares two thirds of the time of `aws`; elsewhere each call starts it.
 * Calls are run one after the other.
 */
export async function startResidentAws(): Promise<ResidentAws> {
  const child = spawn('python3', [join(import.meta.dirname, 'resident-aws.py')], { stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  if ((await nextLine(lines)) !== 'ready') {
    child.kill();
    return { run: (args, env) => run('aws', args, { env }), close: () => undefined };
  }
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(args, env) {
      const answer = tail.then(() => ask(child, lines, { args, env }));
      tail = answer.catch(() => undefined);
      return answer;
    },
    close: () => void child.kill(),
  };
}

async function ask(child: ChildProcess, lines: AsyncIterator<string>, call: object): Promise<Run> {
  child.stdin?.write(`${JSON.stringify(call)}\n`);
  const line = await nextLine(lines);
  if (line === undefined) throw new Error('the resident AWS CLI is gone');
  const { code, stdout, stderr } = Answer.parse(JSON.parse(line));
  const text = (base64: string): string => Buffer.from(base64, 'base64').toString();
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

async function nextLine(lines: AsyncIterator<string>): Promise<string | undefined> {
  const { value, done } = await lines.next();
  return done === true ? undefined : value;
}
