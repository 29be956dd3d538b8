import type { Seal } from '../../client/client.ts';
import { wipe } from '../../client/import/credential-values.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Sealed } from '../../contract/schemas.ts';
import type { Cli } from '../cli.ts';
import { count } from '../words.ts';

/** What a key said that needs its PIN: which device it is, and for which part of the call. */
interface Wanted {
  device: string;
  name: string;
  /** True when it is the key that proves who asks, not the one that something is done with. */
  proves: boolean;
  retries: number | undefined;
}

/** What this needs of the command line. */
type PinCli = Pick<Cli, 'terminal' | 'note' | 'withPasswordFile' | 'password' | 'needTerminal'>;

interface Known {
  device: string;
  pin: Uint8Array;
}

/** The fields `device` and `pin` of a call, for each of the two keys that it may need. */
export interface Pins {
  subject(seal: Seal): Promise<{ device?: string; pin?: Sealed }>;
  proof(seal: Seal): Promise<{ device?: string; pin?: Sealed }>;
}

/**
 * Runs a call, and asks for a security key's PIN when the key wants it: the call then runs again with it. A wrong one is asked for again, with the tries that are left; a key that still wants one after it got it ends the call. `device` is the one named by the
 * person for what is done.
 */
export async function withPins<T>(
  cli: PinCli,
  options: { device?: string; pinFile?: string },
  run: (pins: Pins) => Promise<T>,
): Promise<T> {
  const known: { subject?: Known; proof?: Known } = {};
  const fields = async (one: Known | undefined, device: string | undefined, seal: Seal) => {
    const named = one?.device ?? device;
    return {
      ...(named === undefined ? {} : { device: named }),
      ...(one === undefined ? {} : { pin: await seal('security-key-pin', one.pin) }),
    };
  };
  const pins: Pins = {
    subject: (seal) => fields(known.subject, options.device, seal),
    proof: (seal) => fields(known.proof, undefined, seal),
  };
  try {
    for (;;) {
      try {
        return await run(pins);
      } catch (error) {
        const wanted = wantedPin(error);
        if (wanted === null || !(error instanceof KeyholdError)) throw error;
        const which = wanted.proves ? 'proof' : 'subject';
        if (error.code === 'PinWrong') {
          // From a file it would be the same one again, until the key locks itself.
          if (options.pinFile !== undefined || cli.terminal() === null) throw error;
          cli.note(error.message);
        }
        // It wants what it was given: another round would ask for the same.
        if (error.code === 'PinRequired' && known[which]?.device === wanted.device) throw stillWantsPin(wanted, error);
        wipe(known[which]?.pin);
        known[which] = { device: wanted.device, pin: await askPin(cli, options, wanted) };
      }
    }
  } finally {
    wipe(known.subject?.pin, known.proof?.pin);
  }
}

function stillWantsPin({ name }: Wanted, cause: KeyholdError): KeyholdError {
  return new KeyholdError(
    'DeviceUnsupported',
    `${name} asks for its PIN although it was given, perhaps because it was enrolled for a touch alone. Enrol it again with its PIN.`,
    undefined,
    { cause },
  );
}

function askPin(cli: PinCli, { pinFile }: { pinFile?: string }, { name, retries }: Wanted): Promise<Uint8Array> {
  const left = retries === undefined || retries > 7 ? '' : ` (${count(retries, 'try', 'tries')} left)`;
  if (pinFile !== undefined) return cli.withPasswordFile(pinFile, () => cli.password('PIN: '));
  return cli.needTerminal('Use --pin-file.').askSecret(`PIN of ${name}${left}: `);
}

function wantedPin(error: unknown): Wanted | null {
  if (!(error instanceof KeyholdError) || (error.code !== 'PinRequired' && error.code !== 'PinWrong')) return null;
  const { device, name, purpose, retries } = error.details ?? {};
  if (typeof device !== 'string') return null;
  return {
    device,
    name: typeof name === 'string' ? name : 'the security key',
    proves: purpose === 'authorize',
    retries: typeof retries === 'number' ? retries : undefined,
  };
}
