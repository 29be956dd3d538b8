import type { Cli } from './cli.ts';
import { print } from './standard-output.ts';

/** Shows a recovery code once and, where somebody can be asked, has one group of it typed back. */
export async function showRecoveryCode(cli: Cli, code: string, ask: boolean): Promise<void> {
  const groups = code.split('-');
  if (cli.json) return;
  print(`
Recovery code, shown only now:

    ${cli.paint.bold(code)}

Write it on paper and keep it away from this computer. It opens the vault when
the password is lost; whoever has it needs no password.

`);
  const person = ask ? cli.terminal() : null;
  if (person === null) return;
  const index = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const group = index % groups.length;
  for (;;) {
    const typed = await person.ask(`To confirm that you wrote it down, type group ${group + 1} of ${groups.length}: `);
    if (typed.toUpperCase() === groups[group]) return;
    person.say('That is not it. Look at your paper.\n');
  }
}
