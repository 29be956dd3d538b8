import { rotationsOfKey } from '../rotation/rotations-of-key.ts';
import type { Things } from '../things.ts';

/** The name of a user or role, without its path. */
export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** `arn:aws:sts::123456789012:assumed-role/deploy/session` */
const ROLE_SESSION = /^(arn:[\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\//;

/** ARN of the role whose session it is; its path is not known, and not needed. */
export function roleOfSession(arn: string | undefined): string | undefined {
  const [, partition, account, name] = ROLE_SESSION.exec(arn ?? '') ?? [];
  return name === undefined ? undefined : `${partition}:iam::${account}:role/${name}`;
}

/** As a rotation of the key has found out. */
export function newestUser(things: Things, key: string): { name: string; arn: string } | undefined {
  return rotationsOfKey(things, key).find(({ value }) => value.user !== undefined)?.value.user;
}
