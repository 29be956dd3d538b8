import type { Result } from '../../contract/methods.ts';
import type { Cli } from '../cli.ts';

const REDRAW_MS = 250;

/** Waits with a line that counts down, where somebody looks at standard error; `until` in ms since the epoch. */
export async function countDown(cli: Cli, what: string, until: number): Promise<void> {
  const { stderr } = process;
  const visible = stderr.isTTY === true && !cli.json;
  if (!visible) cli.note(`${what} ${seconds(until - cli.now())} s.`);
  for (let left = until - cli.now(); left > 0; left = until - cli.now()) {
    if (visible) stderr.write(`\r\u001b[K${what} ${seconds(left)} s…`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, visible ? REDRAW_MS : left)));
  }
  if (visible) stderr.write('\r\u001b[K');
}

function seconds(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000));
}

type Used = Extract<Result<'totp.use'>, { outcome: 'code' }>;

/** A code that nobody else gets; waits for the next one while the present one is used. */
export async function codeToUse(cli: Cli, name: string): Promise<Used> {
  for (;;) {
    const answer = await cli.call('totp.use', { name });
    if (answer.outcome === 'code') return answer;
    await countDown(cli, `The present code of ${name} has been used. The next one comes in`, cli.now() + answer.waitMs);
  }
}
