import { z } from 'zod';
import { ProcessOrigin } from '../../../contract/origins.ts';

/** An `Origin` as a profile's record keeps it: with ids of records where the contract has names. */
export const KeptOrigin = z.discriminatedUnion('kind', [ProcessOrigin]);
export type KeptOrigin = z.infer<typeof KeptOrigin>;
