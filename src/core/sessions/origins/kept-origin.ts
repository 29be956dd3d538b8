import { z } from 'zod';
import { ProcessOrigin, SamlOrigin, SsoOrigin } from '../../../contract/origins.ts';
import { RecordId } from '../../../contract/schemas.ts';

const KeptSamlOrigin = SamlOrigin.extend({ signIn: RecordId });
export type KeptSamlOrigin = z.infer<typeof KeptSamlOrigin>;

const KeptWebIdentityOrigin = z.strictObject({
  kind: z.literal('webIdentity'),
  tokenFile: z.string().optional(),
  signIn: RecordId.optional(),
});
export type KeptWebIdentityOrigin = z.infer<typeof KeptWebIdentityOrigin>;

/** An `Origin` as a profile's record keeps it: with ids of records where the contract has names. */
export const KeptOrigin = z.discriminatedUnion('kind', [
  ProcessOrigin,
  SsoOrigin,
  KeptSamlOrigin,
  KeptWebIdentityOrigin,
]);
export type KeptOrigin = z.infer<typeof KeptOrigin>;
