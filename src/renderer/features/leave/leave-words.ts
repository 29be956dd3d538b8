import type { LeaveWay, MayLeave } from '../../../contract/leave.ts';
import type { Account, Profile, Settings } from '../../../contract/schemas.ts';
import { formatLasting } from '../../lib/format.ts';

export interface WayInfo {
  way: LeaveWay;
  title: string;
  text: string;
  setting: 'leaveProcess' | 'leaveContainer' | 'leaveConsole';
}

/** The ways out, in the order of how much they give away. */
export const WAYS: readonly WayInfo[] = [
  {
    way: 'console',
    title: 'AWS console',
    text: 'A browser is signed in as the profile; the session ends by itself.',
    setting: 'leaveConsole',
  },
  {
    way: 'process',
    title: 'credential_process',
    text: 'A tool that cannot use an endpoint is handed short session credentials.',
    setting: 'leaveProcess',
  },
  {
    way: 'container',
    title: 'Container endpoint',
    text: 'A tool fetches short session credentials at a loopback address, with a token of its own.',
    setting: 'leaveContainer',
  },
];

/** Where nothing was said, a person may sign in to the console, and nothing else leaves. */
const USUAL: MayLeave = { process: false, container: false, console: true };

export function mayLeaveOf({ mayLeave }: Pick<Profile, 'mayLeave'>): MayLeave {
  return mayLeave ?? USUAL;
}

/** Whether the settings of the vault shut a way for every profile. */
export function isShut({ setting }: Pick<WayInfo, 'setting'>, settings: Settings | undefined): boolean {
  return settings !== undefined && !settings[setting];
}

const WAY_WORDS: Readonly<Record<LeaveWay, string>> = {
  process: 'credential_process',
  container: 'the container endpoint',
  console: 'the console',
};

export function wayWords(ways: readonly LeaveWay[]): string {
  return ways.map((way) => WAY_WORDS[way]).join(', ');
}

/** Whether a console session may be given a length. One of a role that another role assumed, or of an origin that says itself how long, lasts as long as its credentials. */
export function mayChooseLasting({ session }: Pick<Profile, 'session'>): boolean {
  switch (session?.kind) {
    case 'chained-role':
    case 'process':
    case 'sso':
    case 'roles-anywhere':
      return false;
    default:
      return true;
  }
}

/** What is handed to tools where nothing was said. */
export const USUAL_LEAVE_SECONDS = 3600;

/** Lengths to choose from, with the present one, whatever it is. */
export function leaveLastings(present: number): { id: string; label: string; note?: string }[] {
  return [...new Set([900, 1800, USUAL_LEAVE_SECONDS, present])]
    .sort((a, b) => a - b)
    .map((seconds) => ({
      id: String(seconds),
      label: formatLasting(seconds),
      ...(seconds === USUAL_LEAVE_SECONDS ? { note: 'usual' } : {}),
    }));
}

/** Whether there is a console to sign in to, and a way there. */
export function hasConsole(profile: Profile, account: Account | undefined, settings: Settings | undefined): boolean {
  if (account?.kind !== 'remote' || account.endpointUrl !== undefined) return false;
  return mayLeaveOf(profile).console && !isShut({ setting: 'leaveConsole' }, settings);
}

/** Services people go to most, as the console's address has them. */
export const CONSOLE_SERVICES = [
  'cloudformation',
  'cloudwatch',
  'dynamodb',
  'ec2',
  'ecs',
  'eks',
  'iam',
  'kms',
  'lambda',
  'rds',
  'route53',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
  'vpc',
] as const;
