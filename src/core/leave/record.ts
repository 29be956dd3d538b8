import { z } from 'zod';
import { LeaveWay } from '../../contract/leave.ts';
import { AccessKeyId, RecordId } from '../../contract/schemas.ts';

const Time = z.int().min(0);
const ObjectHandle = z.object({ id: RecordId });

/** Temporary credentials of a profile that were got to leave (docs/format.md). */
export const LEFT_RECORD = z.object({
  profile: RecordId,
  accessKeyId: AccessKeyId,
  /** Missing where they were used up at once and are not handed out again: those of a console sign-in. */
  secret: ObjectHandle.optional(),
  token: ObjectHandle.optional(),
  arn: z.string().optional(),
  settings: z.string(),
  obtainedAt: Time,
  expiresAt: Time,
  /** How and when they left; none yet where they were only got. */
  ways: z.array(LeaveWay),
  leftAt: Time.optional(),
});
