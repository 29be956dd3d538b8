import type { Secret } from '../../contract/schemas.ts';
import type { Hsm, SlotRow, WayIn } from '../hsm/protocol.ts';
import { askForSlot } from './ask-for-slot.ts';
import type { Purpose } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** What somebody gives to open a vault, before it is known what the vault's slots ask for. */
export interface GivenWayIn {
  /** As the HSM process takes it. Asks the security keys, once for each set of slots. */
  of(slots: readonly SlotRow[]): Promise<WayIn>;
  /** Forgets what the security keys answered. Never rejects. */
  end(): Promise<void>;
}

/** `hsm` is the process that is to be unlocked, or is. */
export function givenWayIn(
  keys: SecurityKeys,
  hsm: Hsm,
  secret: Secret,
  { purpose, connection }: { purpose: Purpose; connection: AbortSignal | undefined },
): GivenWayIn {
  if (secret.factor !== 'security-key') return { of: async () => secret, end: async () => undefined };
  const ends: (() => Promise<void>)[] = [];
  return {
    async of(slots) {
      const asked = await keys.run(purpose, connection, (use) => askForSlot(keys, hsm, use, slots, secret));
      ends.push(asked.end);
      return asked.wayIn;
    },
    async end() {
      for (const end of ends.splice(0)) await end();
    },
  };
}
