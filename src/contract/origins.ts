import { z } from 'zod';

/**
 * A program that prints credentials, as `credential_process` of ~/.aws/config names it: its words, which no shell reads. What it prints is
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html, version 1.
 */
export const ProcessOrigin = z.strictObject({
  kind: z.literal('process'),
  command: z.array(z.string().min(1).max(4096)).min(1, 'name the program').max(64),
});
export type ProcessOrigin = z.infer<typeof ProcessOrigin>;

/** Where the credentials of a profile come from that has neither an access key of this vault nor another profile as its source. */
export const Origin = z.discriminatedUnion('kind', [ProcessOrigin]);
export type Origin = z.infer<typeof Origin>;
