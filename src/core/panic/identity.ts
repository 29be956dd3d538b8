import type { Things } from '../things.ts';

/** `arn:aws:iam::123456789012:user/staff/alice` */
export const USER_ARN = /^arn:[\w-]+:iam::\d{12}:user\/(?:.*\/)?([^/]+)$/;

/** The name of a user or role, without its path. */
export function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** As a rotation of the key has found out. */
export function newestUser(things: Things, key: string): { name: string; arn: string } | undefined {
  return things
    .all('rotation')
    .filter(({ value }) => value.key === key && value.user !== undefined)
    .sort((a, b) => b.value.startedAt - a.value.startedAt)[0]?.value.user;
}
