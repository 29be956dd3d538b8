import type { MfaPrompt } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { safeText } from '../output.ts';

/** While `run` waits for a security key, says what to do with it. Others' prompts are for those who wait for them; `about` is a name that ours speak of. */
export async function withPrompts<T>(
  cli: Cli,
  purposes: readonly MfaPrompt['purpose'][],
  run: () => Promise<T>,
  about = '',
): Promise<T> {
  let shown = '';
  const stop = await cli.subscribe((event) => {
    if (event.type !== 'mfa.prompt' || !purposes.includes(event.prompt.purpose)) return;
    if (!event.prompt.message.includes(about)) return;
    const line = safeText(event.prompt.message);
    if (line === shown) return;
    shown = line;
    // With --json, standard error is for programs: the person at the keyboard still has to know.
    if (cli.json) cli.terminal()?.say(`${line}\n`);
    else cli.note(line);
  });
  try {
    return await run();
  } finally {
    stop();
  }
}
