import { z } from 'zod';
import { ProcessOrigin, RolesAnywhereOrigin } from '../../../contract/origins.ts';
import { RecordId } from '../../../contract/schemas.ts';

/** `certificate` is a record’s id. */
const KeptRolesAnywhere = RolesAnywhereOrigin.extend({ certificate: RecordId });
export type KeptRolesAnywhere = z.infer<typeof KeptRolesAnywhere>;

/** An `Origin` as a profile's record keeps it: with ids of records where the contract has names. */
export const KeptOrigin = z.discriminatedUnion('kind', [ProcessOrigin, KeptRolesAnywhere]);
export type KeptOrigin = z.infer<typeof KeptOrigin>;
