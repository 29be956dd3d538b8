import type { KeyRotation } from '../../contract/rekey.ts';
import type { SlotInfo } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { type AuthorizeOptions, authorized } from '../security-keys/authorized.ts';
import { relativeTime } from '../words.ts';
import { askForOthers, isCode, newRecoveryCode, ProvedWays } from './prove-ways.ts';
import { bar, watchRotation } from './watch.ts';

export interface RotateVaultOptions extends AuthorizeOptions {
  drop?: string[];
  keepRecoveryCode?: boolean;
  resume?: boolean;
  status?: boolean;
  yes?: boolean;
}

/** `keyhold rotate vault`: every way in that stays is proved first, then the root key changes at once and the records follow. */
export async function rotateVault(cli: Cli, options: RotateVaultOptions): Promise<void> {
  const before = await cli.call('vault.keyRotation', {});
  if (options.status === true) {
    cli.print(before, () => statusText(cli, before));
    return;
  }
  if (options.resume === true || before.state !== 'none') {
    if (options.resume !== true) cli.note('The keys were changed already; the records that are left follow now.');
    const done = await watchRotation(cli);
    cli.print(done, () => statusText(cli, done));
    return;
  }
  const { slots } = await cli.call('slot.list', {});
  const unknown = (options.drop ?? []).find((id) => !slots.some((slot) => slot.id === id));
  if (unknown !== undefined) throw usageError(`There is no way in ${unknown}. List them: keyhold vault slot list`);
  const ways = new ProvedWays(cli, options.drop ?? []);
  const code = await authorized(cli, options, [], async (proof) => {
    await ways.prove(proof);
    const codes = slots.filter((slot) => isCode(slot) && ways.isOpen(slot));
    // One that was typed stays what it is.
    const wantsNew =
      options.keepRecoveryCode !== true &&
      slots.some(isCode) &&
      !slots.some((slot) => isCode(slot) && ways.kept.has(slot.id));
    if (wantsNew) for (const { id } of codes) ways.dropped.add(id);
    await askForOthers(cli, ways, slots, options);
    await confirmPlan(cli, options, planText(slots, ways, wantsNew, before.total));
    const made = wantsNew ? await newRecoveryCode(cli, ways, proof, options.yes !== true) : undefined;
    await cli.call('vault.rotateKeys', { proofs: ways.tickets, drop: [...ways.dropped] });
    return made;
  });
  const done = await watchRotation(cli);
  cli.print({ ...done, dropped: [...ways.dropped], ...(code === undefined ? {} : { recoveryCode: code }) }, () =>
    statusText(cli, done),
  );
}

function statusText(cli: Cli, rotation: KeyRotation): string {
  const { state, total, madeAt, reason } = rotation;
  const made = `The vault’s keys were made ${relativeTime(madeAt, cli.now())}.\n`;
  if (state === 'none')
    return `${made}All ${total.toLocaleString('en')} records are under them; those before are gone.\n`;
  return `${made}${bar(rotation)} are under them${state === 'running' ? '' : `; stopped. ${reason ?? ''}`}\n`;
}

/** What is going to happen, before it does: nothing of it can be taken back. */
function planText(slots: readonly SlotInfo[], ways: ProvedWays, newCode: boolean, records: number): string {
  const list = (ids: ReadonlySet<string>): string =>
    slots
      .filter(({ id }) => ids.has(id))
      .map(({ id, label }) => `${label} (${id})`)
      .join(', ');
  const lines = [
    `The vault gets a new root key, and ${records.toLocaleString('en')} records are sealed anew.`,
    `These ways in stay: ${list(ways.kept)}`,
    ...(ways.dropped.size === 0 ? [] : [`These open nothing any more: ${list(ways.dropped)}`]),
    ...(newCode ? ['A new recovery code is shown, in the place of the one before.'] : []),
    'Backups made before stay readable, with the passwords and codes of their time.',
  ];
  return `${lines.join('\n')}\n`;
}

async function confirmPlan(cli: Cli, { yes }: RotateVaultOptions, text: string): Promise<void> {
  if (yes === true) {
    cli.note(text.trimEnd());
    return;
  }
  const person = cli.needTerminal('Use --yes.');
  person.say(text);
  if (!(await person.confirm('Change the keys?', false))) throw usageError('Nothing was changed.');
}
