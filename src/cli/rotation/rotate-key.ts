import { KeyholdError } from '../../contract/errors.ts';
import type { RotationPlan } from '../../contract/rotation.ts';
import type { Cli } from '../cli.ts';
import { parseDuration } from '../duration.ts';
import { Cancelled } from '../errors.ts';
import { withPrompts } from '../security-keys/with-prompts.ts';
import { follow } from './follow.ts';
import { planText } from './words.ts';

export interface RotateOptions {
  quarantine?: string;
  mfaSerial?: string;
  plan?: boolean;
  yes?: boolean;
  whenOnline?: boolean;
}

/** What the contract is told of them. */
export function wantedOf(key: string, { quarantine, mfaSerial }: RotateOptions) {
  return {
    key,
    ...(quarantine === undefined ? {} : { quarantineSeconds: quarantine === '0' ? 0 : parseDuration(quarantine) }),
    ...(mfaSerial === undefined ? {} : { mfaSerial }),
  };
}

/** `keyhold rotate KEY`: the plan, a question, and then each step as it is done. */
export async function rotateKey(cli: Cli, name: string, options: RotateOptions): Promise<void> {
  const wanted = wantedOf(name, options);
  await withPrompts(cli, ['gate'], async () => {
    // What is kept for later has no plan worth waiting for.
    if (options.whenOnline !== true || options.plan === true) {
      const plan = await cli.call('rotation.plan', wanted);
      if (options.plan === true) {
        cli.print(plan, () => planText(plan, cli));
        return;
      }
      cli.note(planText(plan, cli).trimEnd());
      refuseBlocked(plan);
    }
    if (options.yes !== true) {
      const person = cli.needTerminal('Add --yes to rotate without being asked.');
      if (!(await person.confirm(`Rotate ${name} now?`, false))) throw new Cancelled();
    }
    await cli.call('rotation.start', { ...wanted, whenOnline: options.whenOnline === true });
    await follow(cli, name, options.whenOnline === true);
  });
}

/** Without AWS it can be begun all the same, and waits. */
function refuseBlocked({ key, blockers }: RotationPlan): void {
  const [first] = blockers.filter(({ halt }) => halt !== 'network');
  if (first !== undefined) throw new KeyholdError('ServiceRefused', first.message, { key, halt: first.halt });
}
