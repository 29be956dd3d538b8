import { z } from 'zod';
import { method } from './method.ts';
import { AccessKeyId, Instant, Name, RecordId, Region, ReplyKey, SealedReply } from './schemas.ts';

const LABEL = z.string().min(1).max(64);
const LEAVE_MOST = 12 * 3600;

/** A way for temporary credentials of a profile out of Keyhold: to a `credential_process`, over the container endpoint, to the sign-in of the console. */
export const LeaveWay = z.enum(['process', 'container', 'console']);
export type LeaveWay = z.infer<typeof LeaveWay>;

/** Which ways a profile's temporary credentials may leave by; where nothing was said, by none but to the console. */
export const MayLeave = z.strictObject({ process: z.boolean(), container: z.boolean(), console: z.boolean() });
export type MayLeave = z.infer<typeof MayLeave>;
/** How long what is handed to tools lasts. */
export const LeaveSeconds = z
  .int()
  .min(900, 'credentials that leave last at least 900 seconds')
  .max(3600, 'credentials that leave last at most 3,600 seconds');

/** Temporary credentials that are outside of Keyhold, and that nobody can take back before their end. */
export const LeftSession = z.object({
  id: RecordId,
  profile: Name,
  account: Name,
  ways: z.array(LeaveWay),
  accessKeyId: AccessKeyId,
  /** Of the role. */
  arn: z.string().optional(),
  obtainedAt: Instant,
  /** The last time that they were handed out. */
  leftAt: Instant,
  expiresAt: Instant,
  remainingSeconds: z.int(),
});
export type LeftSession = z.infer<typeof LeftSession>;

/** Somebody who may fetch temporary credentials of a profile at the container endpoint. */
export const ContainerLease = z.object({
  id: RecordId,
  profile: Name,
  label: z.string(),
  since: Instant,
  /** Else it ends with the command that it was made for. */
  expiresAt: Instant.optional(),
  fetches: z.int(),
});
export type ContainerLease = z.infer<typeof ContainerLease>;

export const leaveMethods = {
  'leave.process': method(
    z.strictObject({ profile: Name, replyKey: ReplyKey }),
    z.object({
      accessKeyId: AccessKeyId,
      secretAccessKey: SealedReply,
      sessionToken: z.string(),
      expiresAt: Instant,
    }),
    'Temporary credentials of a profile for a tool that cannot use an endpoint; they leave Keyhold',
  ),
  'leave.container': method(
    z.strictObject({
      profile: Name,
      label: LABEL.optional(),
      /** Without it, as long as the connection lasts that asks. */
      expiresInSeconds: z
        .int()
        .min(60, 'a lease lasts at least a minute')
        .max(LEAVE_MOST, 'a lease lasts at most 12 hours')
        .optional(),
    }),
    z.object({
      lease: ContainerLease,
      /** For AWS_CONTAINER_CREDENTIALS_FULL_URI: plain HTTP on this machine. */
      url: z.string(),
      /** For AWS_CONTAINER_AUTHORIZATION_TOKEN. Worth nothing at AWS, nor after the lease. */
      token: z.string(),
      region: Region,
      output: z.string().optional(),
      /** Of an account that is not at AWS's own hosts: the tool sends its requests there itself. */
      endpointUrl: z.string().optional(),
    }),
    'Let a tool fetch temporary credentials of a profile at a container endpoint; they leave Keyhold',
  ),
  'leave.list': method(
    z.strictObject({}),
    z.object({ left: z.array(LeftSession), leases: z.array(ContainerLease) }),
    'Temporary credentials that are outside of Keyhold, and who may fetch more',
  ),
} as const;
