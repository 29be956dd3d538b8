import { z } from 'zod';
import { LeaveSeconds, MayLeave } from './leave.ts';
import { method } from './method.ts';
import { Origin } from './origins.ts';
import { Role, SessionSeconds } from './roles.ts';
import { Name, Profile, Region } from './schemas.ts';
import { MfaSerial } from './totp.ts';

const none = z.strictObject({});
const done = z.strictObject({});

export const profileMethods = {
  'profile.list': method(none, z.object({ profiles: z.array(Profile) }), 'Profiles'),
  'profile.add': method(
    z.strictObject({
      name: Name,
      account: Name,
      /** For remote accounts, either this, `source` or `origin`. With a role it may be a key of another account. */
      key: Name.optional(),
      /** Another profile, with whose credentials the role is assumed. */
      source: Name.optional(),
      /** A program, or a file with a token, is taken from the command line only. */
      origin: Origin.optional(),
      /** A role of the account. */
      role: Role.optional(),
      /** Of the MFA device whose code AWS wants; the code comes from the authenticator entry with this serial number. */
      mfaSerial: MfaSerial.optional(),
      /** How long a session without a role lasts (GetSessionToken). */
      sessionSeconds: SessionSeconds.optional(),
      mayLeave: MayLeave.partial().optional(),
      leaveSeconds: LeaveSeconds.optional(),
      region: Region.optional(),
      output: Profile.shape.output,
    }),
    Profile,
    'Add a profile',
  ),
  'profile.update': method(
    z.strictObject({
      name: Name,
      rename: Name.optional(),
      /** Key, source and origin take each other’s place. */
      key: Name.optional(),
      source: Name.optional(),
      origin: Origin.optional(),
      /** The whole of it; null for none. */
      role: Role.nullable().optional(),
      mfaSerial: MfaSerial.nullable().optional(),
      sessionSeconds: SessionSeconds.nullable().optional(),
      /** Ways that are not named stay as they are. */
      mayLeave: MayLeave.partial().optional(),
      leaveSeconds: LeaveSeconds.nullable().optional(),
      region: Region.optional(),
      output: Profile.shape.output,
    }),
    Profile,
    'Change a profile',
  ),
  'profile.remove': method(
    z.strictObject({ name: Name, cascade: z.boolean().optional() }),
    done,
    'Remove a profile; with cascade also its clients and the profiles that have it as their source',
  ),
} as const;
