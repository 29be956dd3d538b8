import type { Origin } from '../../../contract/origins.ts';
import { ROLE_ARN, type Role } from '../../../contract/roles.ts';
import type { AccessKey, Account, Profile } from '../../../contract/schemas.ts';
import type { OtpDevice } from '../../../contract/totp.ts';
import { formatLasting } from '../../lib/format.ts';
import { originNode } from './origin-node.ts';

/** One profile on the way, and how it gets its credentials from what stands before it. */
export interface ChainLink {
  profile: Profile;
  /** AWS's name of the call, or what an origin does; null where the key itself signs. */
  call: string | null;
  /** Of the role, short: `deploy`. */
  role?: string;
  /** What goes with the call, in words. */
  details: string[];
}

export interface Chain {
  /** What stands at the beginning: a key, or the root of a local account. */
  key: AccessKey | undefined;
  keyName: string | undefined;
  /** In the place of a key. */
  origin: Origin | undefined;
  /** The key's own account: not always that of the role. */
  keyAccount: Account | undefined;
  /** From the one with the key to the profile itself. */
  links: ChainLink[];
}

interface Vault {
  profiles: readonly Profile[];
  keys: readonly AccessKey[];
  accounts: readonly Account[];
  devices: readonly OtpDevice[];
}

/** How a profile comes to its credentials, in the order in which it happens. */
export function chainLinks(profile: Profile, vault: Vault): Chain {
  const before = (profile.chain ?? []).flatMap((name) => vault.profiles.find((one) => one.name === name) ?? []);
  const links = [...before.toReversed(), profile];
  const keyName = links[0]?.key;
  const key = vault.keys.find((one) => one.name === keyName);
  return {
    key,
    keyName,
    origin: links[0]?.origin,
    keyAccount: vault.accounts.find((one) => one.name === key?.account),
    links: links.map((one) => toLink(one, vault.devices)),
  };
}

function toLink(profile: Profile, devices: readonly OtpDevice[]): ChainLink {
  const { session, role } = profile;
  if (session === undefined) return { profile, call: null, details: [] };
  const lasts = session.seconds === undefined ? [] : [`for ${formatLasting(session.seconds)}`];
  const details = [...mfaWords(profile, devices), ...(role === undefined ? [] : roleWords(role)), ...lasts];
  if (profile.origin !== undefined) {
    const ofSignIn = profile.origin.kind === 'sso' ? profile.origin.roleName : undefined;
    const named = role === undefined ? ofSignIn : roleName(role.arn);
    return { profile, call: originNode(profile.origin).call, ...(named === undefined ? {} : { role: named }), details };
  }
  if (role === undefined) return { profile, call: 'GetSessionToken', details };
  return { profile, call: 'AssumeRole', role: roleName(role.arn), details };
}

function mfaWords({ mfaSerial }: Profile, devices: readonly OtpDevice[]): string[] {
  if (mfaSerial === undefined) return [];
  const device = devices.find((one) => one.mfaSerial === mfaSerial);
  return [device === undefined ? `MFA with ${mfaSerial}` : `MFA with a code of ${device.name}`];
}

function roleWords({ externalId, policy, policyArns, tags, sourceIdentity }: Role): string[] {
  return [
    ...(externalId === undefined ? [] : ['with an external id']),
    ...(policy === undefined && policyArns === undefined ? [] : ['cut down by a session policy']),
    ...(tags === undefined ? [] : ['with tags']),
    ...(sourceIdentity === undefined ? [] : [`source identity ${sourceIdentity}`]),
  ];
}

/** `deploy` of `arn:aws:iam::123456789012:role/teams/deploy`. */
export function roleName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

export function accountOfRole(arn: string): string | undefined {
  return ROLE_ARN.exec(arn)?.[1];
}
