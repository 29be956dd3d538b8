import { z } from 'zod';
import { method } from './method.ts';
import { Gate, Name, Sealed, WantedGate } from './schemas.ts';

/** What a gate stands before. */
export const GateTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key'), name: Name }),
  z.strictObject({ kind: z.literal('profile'), name: Name }),
  /** By its name, or by the id of its client key. */
  z.strictObject({ kind: z.literal('client'), name: z.string().min(1).max(128) }),
  /** By its key id, its ARN, or `alias/…`; where several keys have that, only the ARN will do. The Regions of a multi-Region key have one gate. */
  z.strictObject({ kind: z.literal('kms-key'), name: z.string().min(1).max(2048) }),
]);
export type GateTarget = z.infer<typeof GateTarget>;

export const GateEntry = z.object({
  /** `approval`: an officer’s approval, as `hsm.approvalTouchSet` has it. */
  kind: z.enum(['key', 'profile', 'client', 'kms-key', 'approval']),
  /** Of KMS keys the ARN; of approvals the service, `key` or `user`. */
  name: z.string(),
  gate: Gate,
});
export type GateEntry = z.infer<typeof GateEntry>;

/** For who has lost the key that would have to be touched. */
const LostKey = z.strictObject({ factor: z.literal('recovery-code'), sealed: Sealed });

export const gateMethods = {
  'gate.set': method(
    z.strictObject({ target: GateTarget, ...WantedGate.shape, authorize: LostKey.optional() }),
    GateEntry,
    'Let an access key, profile, client or KMS key be used only with a touch of a security key; a gate that is loosened wants a touch itself, or the recovery code',
  ),
  'gate.remove': method(
    z.strictObject({ target: GateTarget, authorize: LostKey.optional() }),
    z.strictObject({}),
    'Take a gate away, with a touch that passes it, or the recovery code',
  ),
  'gate.list': method(z.strictObject({}), z.object({ gates: z.array(GateEntry) }), 'What wants a touch'),
} as const;
