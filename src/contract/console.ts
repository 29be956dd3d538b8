import { z } from 'zod';
import { method } from './method.ts';
import { Instant, Name, Region } from './schemas.ts';

/** `default`: the first of them that is there. */
export const ConsoleBrowser = z.enum(['default', 'chrome', 'chromium', 'edge', 'brave', 'firefox']);
export type ConsoleBrowser = z.infer<typeof ConsoleBrowser>;

const Launch = z.strictObject({
  browser: ConsoleBrowser.optional(),
  /** A Firefox container of this name (the add-on "Open URL in Container"), in place of a browser profile of its own. */
  container: z.string().min(1).max(64).optional(),
});

const Opened = z.object({
  /** Only where no browser was to be opened, or none could be: whoever has it is signed in for the next 15 minutes. */
  url: z.string().optional(),
  opened: z.boolean(),
  /** Which browser, and as what. */
  browser: z.string().optional(),
});

export const consoleMethods = {
  'console.open': method(
    z.strictObject({
      profile: Name,
      /** `s3`; without it the console's start page. */
      service: z
        .string()
        .regex(/^[a-z0-9][a-z0-9/-]{0,63}$/, 'a service is named as in the console’s address: s3, ec2, iam')
        .optional(),
      region: Region.optional(),
      /** How long one stays signed in. AWS does not let a role that a role assumed have more than its hour. */
      seconds: z
        .int()
        .min(900, 'a console session lasts at least 900 seconds')
        .max(43_200, 'a console session lasts at most 43,200 seconds (12 hours)')
        .optional(),
      /** Without it, the address is answered. */
      launch: Launch.optional(),
    }),
    Opened.extend({
      /** `role`: as the profile’s role. `federation`: as a federated user with what the profile’s IAM user may do. */
      kind: z.enum(['role', 'federation']),
      /** When the console session ends, as far as AWS was asked. */
      expiresAt: Instant,
    }),
    'Sign in to the AWS console as a profile; temporary credentials leave Keyhold',
  ),
  'console.logout': method(
    z.strictObject({
      profile: Name,
      launch: Launch.optional(),
      /** Also remove the browser profile that Keyhold made for it. */
      forget: z.boolean().optional(),
    }),
    Opened.extend({ forgotten: z.boolean() }),
    'Sign out of the AWS console in the browser profile of a profile',
  ),
} as const;
