import type { Seal } from '../../client/client.ts';
import { wipe } from '../../client/import/credential-values.ts';
import { normalizePassword } from '../../client/password.ts';
import { createReplyKey } from '../../client/seal.ts';
import { hasKey } from '../../client/ways.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Secret, SlotInfo } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { usageError } from '../errors.ts';
import { sealedSession } from '../hsm-users/session-file.ts';
import { showRecoveryCode } from '../recovery-code.ts';
import { withPins } from '../security-keys/with-pins.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';

/** Ways in that have been proved so far, and those that are given up. */
export class ProvedWays {
  readonly tickets: string[] = [];
  readonly kept = new Set<string>();
  readonly dropped: Set<string>;
  readonly #cli: Cli;

  constructor(cli: Cli, dropped: readonly string[]) {
    this.#cli = cli;
    this.dropped = new Set(dropped);
  }

  /** Throws `WrongSecret`. */
  async prove(secret: (seal: Seal) => Promise<Secret>): Promise<void> {
    const { ticket, slots } = await this.#cli.callSealed('vault.proveWay', async (seal) => ({
      secret: await secret(seal),
    }));
    this.tickets.push(ticket);
    for (const id of slots) this.kept.add(id);
  }

  isOpen({ id }: SlotInfo): boolean {
    return !this.kept.has(id) && !this.dropped.has(id);
  }
}

export const isCode = ({ factors }: SlotInfo): boolean => factors.includes('recovery-code');

/** Asks about every way in that is neither proved nor given up yet: it is proved here, or given up by who says so. */
export async function askForOthers(
  cli: Cli,
  ways: ProvedWays,
  slots: readonly SlotInfo[],
  options: { pinFile?: string; device?: string },
): Promise<void> {
  for (const slot of slots.filter((one) => ways.isOpen(one))) {
    const name = `“${slot.label}” (${slot.id}, ${slot.factors.join(' and ')})`;
    const person = cli.terminal();
    if (person === null) {
      throw usageError(
        `The way in ${name} would be lost. Give it up with --drop ${slot.id}, or run this where somebody can be asked to prove it.`,
      );
    }
    if (!(await person.confirm(`Keep the way in ${name}? It has to be proved now.`, true))) {
      ways.dropped.add(slot.id);
      continue;
    }
    await proveOne(cli, ways, slot, options);
  }
}

async function proveOne(
  cli: Cli,
  ways: ProvedWays,
  slot: SlotInfo,
  options: { pinFile?: string; device?: string },
): Promise<void> {
  const person = cli.needTerminal('Use --drop.');
  for (;;) {
    const wantsSecret = slot.factors.some((factor) => factor === 'password' || factor === 'recovery-code');
    const what = isCode(slot) ? 'Recovery code' : 'Password';
    const secret = wantsSecret ? await person.askSecret(`${what} of ${slot.label}: `) : undefined;
    const normal = secret === undefined || isCode(slot) ? secret : normalizePassword(secret);
    try {
      await withPrompts(cli, ['authorize'], () =>
        withPins(cli, options, (pins) =>
          ways.prove(async (seal): Promise<Secret> => {
            if (normal !== undefined && isCode(slot)) {
              return { factor: 'recovery-code', sealed: await seal('recovery-code', normal) };
            }
            const password = normal === undefined ? undefined : await seal('password', normal);
            if (!hasKey(slot) && password !== undefined) return { factor: 'password', sealed: password };
            return {
              ...{ factor: 'security-key', slot: slot.id },
              ...(password === undefined ? {} : { password }),
              ...(await pins.proof(seal)),
            };
          }),
        ),
      );
    } catch (error) {
      if (!(error instanceof KeyholdError) || error.code !== 'WrongSecret') throw error;
      cli.note(error.message);
    } finally {
      wipe(secret, normal);
    }
    if (ways.kept.has(slot.id)) return;
    cli.note(`That does not open ${slot.label}.`);
  }
}

/** Makes a new recovery code, shows it, and proves it: it takes the place of those there were. */
export async function newRecoveryCode(
  cli: Cli,
  ways: ProvedWays,
  proof: (seal: Seal) => Promise<Secret>,
  ask: boolean,
): Promise<string> {
  const reply = await createReplyKey();
  const { recoveryCode } = await cli.callSealed('slot.addRecoveryCode', async (seal) => ({
    label: 'Recovery code',
    replyKey: reply.publicKey,
    ...(await sealedSession(cli, seal)),
    authorize: await proof(seal),
  }));
  const bytes = await reply.open(recoveryCode, 'recovery-code');
  try {
    await ways.prove(async (seal) => ({ factor: 'recovery-code', sealed: await seal('recovery-code', bytes) }));
    const code = new TextDecoder().decode(bytes);
    await showRecoveryCode(cli, code, ask);
    return code;
  } finally {
    wipe(bytes);
  }
}
