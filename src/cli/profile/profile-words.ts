import { originWords } from '../../contract/origin-words.ts';
import type { Profile } from '../../contract/schemas.ts';
import { lasting } from '../words.ts';

const KINDS: Readonly<Record<NonNullable<Profile['session']>['kind'], string>> = {
  'session-token': 'a session of the user (GetSessionToken)',
  role: 'a role (AssumeRole)',
  'chained-role': 'a role that another role assumes (AssumeRole)',
  process: 'what a program prints',
  sso: 'a role of IAM Identity Center',
  saml: 'a role by SAML (AssumeRoleWithSAML)',
  'web-identity': 'a role by web identity (AssumeRoleWithWebIdentity)',
  'roles-anywhere': 'a role by a certificate (IAM Roles Anywhere)',
};

/** `key alice`, `hop ← hub ← key alice`: what a profile works with, nearest first. */
export function chainWords(profile: Profile, all: readonly Profile[]): string {
  const last = profile.chain?.at(-1) ?? profile.name;
  const root = all.find((one) => one.name === last);
  const begin = root?.origin === undefined ? root?.key && `key ${root.key}` : originWords(root.origin);
  return [...(profile.chain ?? []), ...(begin === undefined ? [] : [begin])].join(' ← ') || 'local';
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
    ['Lasts', session === undefined ? undefined : lastsWords(session)],
    ['Clients', String(profile.clients)],
  ];
  const shown = lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

function lastsWords({ kind, seconds, mostSeconds }: NonNullable<Profile['session']>): string {
  if (seconds === undefined || mostSeconds === undefined) return 'as long as who gives it says';
  const most = kind === 'session-token' || kind === 'chained-role' ? '' : ', or what the role allows';
  return `${lasting(seconds)} (at most ${lasting(mostSeconds)}${most})`;
}

function tagWords({ role }: Profile): string | undefined {
  if (role?.tags === undefined) return undefined;
  const passed = new Set(role.transitiveTagKeys);
  return Object.entries(role.tags)
    .map(([key, value]) => `${key}=${value}${passed.has(key) ? ' (passed on)' : ''}`)
    .join(', ');
}
