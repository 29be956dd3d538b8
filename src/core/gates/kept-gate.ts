import { z } from 'zod';
import { RecordId } from '../../contract/schemas.ts';

/**
 * A gate as the record of what it guards has it: a copy for showing. What holds is in the HSM objects. `object` is the one that does nothing but ask, of things without a secret
 * of their own in this HSM.
 */
export const KeptGate = z.object({
  withinSeconds: z.int().min(0),
  /** Ids of SECURITY_KEY objects. */
  keys: z.union([z.literal('any'), z.array(RecordId)]),
  object: z.object({ id: RecordId }).optional(),
});
export type KeptGate = z.output<typeof KeptGate>;
