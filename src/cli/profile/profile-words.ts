import type { Profile } from '../../contract/schemas.ts';
import { lasting } from '../words.ts';

const KINDS: Readonly<Record<NonNullable<Profile['session']>['kind'], string>> = {
  'session-token': 'a session of the user (GetSessionToken)',
  role: 'a role (AssumeRole)',
  'chained-role': 'a role that another role assumes (AssumeRole)',
};

/** `key alice`, `hop ← hub ← key alice`: what a profile works with, nearest first. */
export function chainWords(profile: Profile, all: readonly Profile[]): string {
  const last = profile.chain?.at(-1) ?? profile.name;
  const key = all.find((one) => one.name === last)?.key;
  const sources = profile.chain ?? [];
  return [...sources, ...(key === undefined ? [] : [`key ${key}`])].join(' ← ') || 'local';
}

/** What is known of one profile, a line each. */
export function profileLines(profile: Profile, all: readonly Profile[]): string {
  const { role, session } = profile;
  const lines: [string, string | undefined][] = [
    ['Profile', profile.name],
    ['Account', `${profile.account} (${profile.accountId})`],
    ['Region', profile.region],
    ['Output', profile.output],
    ['Credentials', chainWords(profile, all)],
    ['Role', role?.arn],
    ['External id', role?.externalId],
    ['Session name', role?.sessionName],
    ['Source identity', role?.sourceIdentity],
    ['Policies', role?.policyArns?.join(', ')],
    ['Session policy', role?.policy?.replaceAll(/\s+/g, ' ')],
    ['Tags', tagWords(profile)],
    ['MFA device', profile.mfaSerial],
    ['Works with', session === undefined ? undefined : KINDS[session.kind]],
    ['Lasts', session === undefined ? undefined : `${lasting(session.seconds)} (at most ${mostWords(session)})`],
    ['Clients', String(profile.clients)],
  ];
  const shown = lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

function mostWords({ kind, mostSeconds }: NonNullable<Profile['session']>): string {
  const most = lasting(mostSeconds);
  return kind === 'role' ? `${most}, or what the role allows` : most;
}

function tagWords({ role }: Profile): string | undefined {
  if (role?.tags === undefined) return undefined;
  const passed = new Set(role.transitiveTagKeys);
  return Object.entries(role.tags)
    .map(([key, value]) => `${key}=${value}${passed.has(key) ? ' (passed on)' : ''}`)
    .join(', ');
}
