import { z } from 'zod';
import { ProcessOrigin, RolesAnywhereOrigin, SamlOrigin, SsoOrigin } from '../../../contract/origins.ts';
import { RecordId } from '../../../contract/schemas.ts';

const KeptSsoOrigin = SsoOrigin.extend({ signIn: RecordId });
export type KeptSsoOrigin = z.infer<typeof KeptSsoOrigin>;

const KeptSamlOrigin = SamlOrigin.extend({ signIn: RecordId });
export type KeptSamlOrigin = z.infer<typeof KeptSamlOrigin>;

const KeptWebIdentityOrigin = z.strictObject({
  kind: z.literal('webIdentity'),
  tokenFile: z.string().optional(),
  signIn: RecordId.optional(),
});
export type KeptWebIdentityOrigin = z.infer<typeof KeptWebIdentityOrigin>;

/** `certificate` is a record’s id. */
const KeptRolesAnywhere = RolesAnywhereOrigin.extend({ certificate: RecordId });
export type KeptRolesAnywhere = z.infer<typeof KeptRolesAnywhere>;

/** An `Origin` as a profile's record keeps it: with ids of records where the contract has names. */
export const KeptOrigin = z.discriminatedUnion('kind', [
  ProcessOrigin,
  KeptSsoOrigin,
  KeptSamlOrigin,
  KeptWebIdentityOrigin,
  KeptRolesAnywhere,
]);
export type KeptOrigin = z.infer<typeof KeptOrigin>;
