import { z } from 'zod';
import { method } from './method.ts';
import { Instant, Secret } from './schemas.ts';

const none = z.strictObject({});
const SlotId = z.string().regex(/^[0-9a-f]{16}$/, 'an id of “keyhold vault slot list”');
/** What a way in that was proved is known by, for ten minutes. */
const Ticket = z.string().regex(/^[0-9a-f]{32}$/);

/** How far a vault's records are under its present keys. */
export const KeyRotation = z.object({
  /** `none`: all of them are. `stopped`: it goes on within a minute, or when it is told to. */
  state: z.enum(['none', 'running', 'stopped']),
  /** Records under the present keys, of how many. */
  done: z.int(),
  total: z.int(),
  /** When the present keys were made. */
  madeAt: Instant,
  /** Why it stopped, in a sentence. */
  reason: z.string().optional(),
});
export type KeyRotation = z.infer<typeof KeyRotation>;

/** New keys for the vault itself. */
export const rekeyMethods = {
  'vault.proveWay': method(
    z.strictObject({ secret: Secret }),
    z.object({
      ticket: Ticket,
      /** Ids of the slots that it opens. */
      slots: z.array(SlotId),
    }),
    'Prove a way into the vault, so that vault.rotateKeys can keep it',
  ),
  'vault.rotateKeys': method(
    z.strictObject({
      /** Of every way in that stays. */
      proofs: z.array(Ticket).min(1).max(64),
      /** Slots that open nothing any more afterwards: exactly those without a proof. */
      drop: z.array(SlotId).max(256),
    }),
    KeyRotation,
    'Make a new root key and new key-encryption keys, and begin to seal all records anew under them',
  ),
  'vault.keyRotation': method(none, KeyRotation, 'How far the records are sealed under the vault’s present keys'),
  'vault.continueRotation': method(none, KeyRotation, 'Go on sealing records under the vault’s present keys'),
};
