import type { LeaveWay, MayLeave } from '../../../contract/leave.ts';
import type { Profile, Settings } from '../../../contract/schemas.ts';

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
