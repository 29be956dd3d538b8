import type { Secret } from '../../contract/schemas.ts';
import { toHex } from '../crypto/bytes.ts';
import type { Hsm, SlotRow, WayIn } from '../hsm/protocol.ts';
import { type Asked, askForSlot } from './ask-for-slot.ts';
import type { Purpose } from './prompts.ts';
import type { SecurityKeys } from './security-keys.ts';

/** What somebody gives to open a vault, before it is known what the vault's slots ask for. */
export interface GivenWayIn {
  /** As the HSM process takes it. Asks the security keys, anew only for other slots than before. */
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
  const answers = new Map<string, Asked>();
  return {
    async of(slots) {
      const name = slots.map(({ wrapped }) => toHex(wrapped)).join();
      const before = answers.get(name);
      if (before !== undefined) return before.wayIn;
      const asked = await keys.run(purpose, connection, (use) => askForSlot(keys, hsm, use, slots, secret));
      answers.set(name, asked);
      return asked.wayIn;
    },
    async end() {
      for (const { end } of answers.values()) await end();
      answers.clear();
    },
  };
}
