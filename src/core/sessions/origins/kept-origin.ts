import { z } from 'zod';
import { ProcessOrigin, SsoOrigin } from '../../../contract/origins.ts';

/** An `Origin` as a profile's record keeps it: with ids of records where the contract has names. */
export const KeptOrigin = z.discriminatedUnion('kind', [ProcessOrigin, SsoOrigin]);
export type KeptOrigin = z.infer<typeof KeptOrigin>;
