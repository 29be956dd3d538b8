import { KeyholdError } from '../../contract/errors.ts';
import type { Result } from '../../contract/methods.ts';
import type { PanicReport } from '../../contract/panic.ts';
import type { Cli } from '../cli.ts';
import { Cancelled, usageError } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { count } from '../words.ts';
import { reportText } from './words.ts';

export interface PanicOptions {
  keys: string;
  keepUnlocked?: boolean;
  now?: boolean;
  plan?: boolean;
  yes?: boolean;
}

/** `keyhold panic`: one question, and everything is off. */
export async function startPanic(cli: Cli, options: PanicOptions): Promise<void> {
  if (options.now === true && options.keepUnlocked === true)
    throw usageError('Give --now or --keep-unlocked, not both.');
  const keys = keysOf(options.keys);
  if (options.plan === true || options.yes !== true) {
    const plan = await cli.call('panic.plan', { keys });
    if (options.plan === true) {
      cli.print(plan, () => planText(plan));
      return;
    }
    const person = cli.needTerminal('Add --yes to begin without being asked.');
    person.say(planText(plan));
    if (!(await person.confirm('Switch all of this off now?', false))) throw new Cancelled();
  }
  if (options.now !== true) cli.note('Switching off here, then telling AWS; that takes 30 seconds at most.');
  const report = await withPrompts(cli, ['gate'], () =>
    cli.call('panic.start', { keys, keepUnlocked: options.keepUnlocked === true, now: options.now === true }),
  );
  cli.print(report, () => `${reportText(cli, report)}${options.keepUnlocked === true ? '' : 'The vault is locked.\n'}`);
  requireComplete(report);
}

/** For scripts: what is left to do is a failure. */
export function requireComplete({ complete }: PanicReport): void {
  if (complete) return;
  throw new KeyholdError(
    'ServiceRefused',
    'AWS was not told everything. See what to do next above, or “keyhold panic status”.',
  );
}

function keysOf(text: string): 'all' | string[] {
  if (text === 'all') return 'all';
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === ''))
    throw usageError('--keys takes names of access keys with commas between them, or all.');
  return names;
}

function planText({ keys, credentials, clients, sessions, roles }: Result<'panic.plan'>): string {
  const named = keys.length === 0 ? '' : `: ${keys.join(', ')}`;
  return [
    `${count(keys.length, 'access key')} switched off, here and at AWS${named}\n`,
    credentials.length === 0
      ? ''
      : `${count(credentials.length, 'password or SSH key', 'passwords and SSH keys')} of their users made inactive at AWS: ${credentials.join(', ')}\n`,
    `${count(clients, 'client')} switched off, ${count(sessions.length, 'session')} ended\n`,
    `older sessions of the keys’ users refused${roles.length === 0 ? '' : `, and of ${count(roles.length, 'role')}: ${roles.join(', ')}`}\n`,
  ].join('');
}
