const DEFAULT_TEMPLATE = 'keyhold-{profile}';
const LONGEST = 64;

/** RoleSessionName: the template filled in, without what AWS refuses in it. `time` is seconds since the epoch. */
export function sessionName(
  template: string | undefined,
  values: Readonly<Record<'profile' | 'client', string>>,
  now: number,
): string {
  const time = String(Math.floor(now / 1000));
  const filled = (template ?? DEFAULT_TEMPLATE)
    .replaceAll('{profile}', values.profile)
    .replaceAll('{client}', values.client)
    .replaceAll('{time}', time);
  return filled
    .replaceAll(/[^\w+=,.@-]/g, '-')
    .slice(0, LONGEST)
    .padEnd(2, '-');
}
