import type { Origin } from '../../../contract/origins.ts';
import { DEFAULT_SECONDS, MOST_SECONDS, Role, type TimedKind } from '../../../contract/roles.ts';
import { type AccessKey, type Account, Name, type Profile, Region } from '../../../contract/schemas.ts';
import { MfaSerial } from '../../../contract/totp.ts';
import { formatLasting } from '../../lib/format.ts';
import { parseLasting } from '../../lib/parse-lasting.ts';
import { matches } from '../../lib/use-form.ts';
import { accountOfRole } from './chain-links.ts';
import {
  ORIGIN_CHECKS,
  type OriginValues,
  originInput,
  originSource,
  originValues,
  signerOfOrigin,
  timedKindOf,
} from './origin-draft.ts';
import { isOfRole, limitWords } from './session-limits.ts';

/** Before the name of a local account, where keys stand beside accounts: no name has a slash. */
export const LOCAL = 'local/';
/** Before the name of another profile, whose credentials assume a role. */
export const SOURCE = 'source/';

export const HOW = ['key', 'session', 'role'] as const;
export type How = (typeof HOW)[number];

/** What is typed and chosen in the dialog; `how` counts for remote keys only. */
export type ProfileValues = Record<
  | 'name'
  | 'signer'
  | 'how'
  | 'arn'
  | 'externalId'
  | 'sessionName'
  | 'lasts'
  | 'policy'
  | 'mfaSerial'
  | 'sourceIdentity'
  | 'region'
  | 'output'
  | keyof OriginValues,
  string
>;

export interface Around {
  accounts: readonly Account[];
  keys: readonly AccessKey[];
  profiles: readonly Profile[];
}

export function valuesOf(profile: Profile | undefined, first: { name: string; signer: string }): ProfileValues {
  const role = profile?.role;
  const seconds = role === undefined ? profile?.sessionSeconds : role.durationSeconds;
  return {
    name: profile?.name ?? first.name,
    signer: profile === undefined ? first.signer : signerOf(profile),
    how: role !== undefined ? 'role' : profile?.session === undefined ? 'key' : 'session',
    arn: role?.arn ?? '',
    externalId: role?.externalId ?? '',
    sessionName: role?.sessionName ?? '',
    lasts: seconds === undefined ? '' : formatExactly(seconds),
    policy: role?.policy ?? '',
    mfaSerial: profile?.mfaSerial ?? '',
    sourceIdentity: role?.sourceIdentity ?? '',
    region: profile?.region ?? 'us-east-1',
    output: profile?.output ?? 'json',
    ...originValues(profile?.origin, profile?.account ?? ''),
  };
}

function signerOf({ key, source, origin, account }: Profile): string {
  if (origin !== undefined) return signerOfOrigin(origin);
  return key ?? (source === undefined ? `${LOCAL}${account}` : `${SOURCE}${source}`);
}

/** In words where these say all of it. */
function formatExactly(seconds: number): string {
  return seconds % 60 === 0 ? formatLasting(seconds) : `${seconds} s`;
}

/** A source is of use for a role only, and a local account knows neither roles nor sessions. */
export function howOf({ signer, how }: Pick<ProfileValues, 'signer' | 'how'>): How {
  if (signer.startsWith(SOURCE)) return 'role';
  if (signer.startsWith(LOCAL)) return 'key';
  const from = originSource(signer);
  if (from !== null) return timedKindOf(from.source) === null ? 'key' : 'role';
  return HOW.find((one) => one === how) ?? 'key';
}

export function kindOf(values: Pick<ProfileValues, 'signer' | 'how'>, profiles: readonly Profile[]): TimedKind | null {
  const how = howOf(values);
  if (how === 'key') return null;
  if (how === 'session') return 'session-token';
  const from = originSource(values.signer);
  if (from !== null) return timedKindOf(from.source);
  const source = profiles.find(({ name }) => `${SOURCE}${name}` === values.signer);
  return source !== undefined && isOfRole(source) ? 'chained-role' : 'role';
}

/** Checks of the fields, each quiet where its field is not shown. */
export function checksOf({ accounts, profiles }: Around, fixedAccount: string | undefined) {
  const forRole =
    (check: (value: string) => string | null) =>
    (value: string, values: ProfileValues): string | null =>
      howOf(values) === 'role' ? check(value) : null;
  const { externalId, sessionName, policy, sourceIdentity, arn } = Role.shape;
  return {
    name: matches(Name),
    signer: (value: string) => (value === '' ? 'Choose what signs.' : null),
    region: matches(Region),
    arn: forRole((value) => matches(arn)(value) ?? accountError(value, accounts, fixedAccount)),
    externalId: forRole(matches(externalId, false)),
    sessionName: forRole(matches(sessionName, false)),
    policy: forRole((value) => matches(policy, false)(value) ?? jsonError(value)),
    sourceIdentity: forRole(matches(sourceIdentity, false)),
    mfaSerial: (value: string, values: ProfileValues) =>
      takesMfa(kindOf(values, profiles)) ? matches(MfaSerial, false)(value) : null,
    lasts: (value: string, values: ProfileValues) => lastsError(value, kindOf(values, profiles)),
    ...ORIGIN_CHECKS,
  };
}

/** Roles of an identity provider or of a certificate: who is behind them says what others are told with the request. */
export function takesTags(kind: TimedKind): boolean {
  return kind === 'role' || kind === 'chained-role';
}

/** AWS takes the codes of a user's device only with the user's own credentials. */
export function takesMfa(kind: TimedKind | null): boolean {
  return kind === 'session-token' || kind === 'role';
}

function lastsError(value: string, kind: TimedKind | null): string | null {
  if (kind === null || value === '') return null;
  const seconds = parseLasting(value);
  if (seconds === null) return 'Write it like 1 h, 90 min or 1 h 30 min.';
  if (seconds < 900) return 'AWS gives no less than 15 min.';
  return seconds > MOST_SECONDS[kind] ? limitWords(kind) : null;
}

function accountError(arn: string, accounts: readonly Account[], fixed: string | undefined): string | null {
  const id = accountOfRole(arn);
  const found = accounts.filter((account) => account.kind === 'remote' && account.accountId === id);
  if (found.length === 0) return `No account here has the id ${id}. Add that account first.`;
  if (fixed === undefined || found.some(({ name }) => name === fixed)) return null;
  return `This is a role of ${found[0]?.name}, and this profile is of ${fixed}. Add a profile for it instead.`;
}

function jsonError(text: string): string | null {
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return null;
  } catch {
    // Said below.
  }
  return 'A session policy is a JSON document with a Statement; this is none.';
}

/** The account that a new profile belongs to: that of the role, else that of its key. */
export function accountOf(values: ProfileValues, { accounts, keys, profiles }: Around): string | undefined {
  if (values.signer.startsWith(LOCAL)) return values.signer.slice(LOCAL.length);
  const near =
    keys.find(({ name }) => name === values.signer)?.account ??
    profiles.find(({ name }) => `${SOURCE}${name}` === values.signer)?.account;
  if (howOf(values) !== 'role') return originSource(values.signer) === null ? near : values.account;
  const id = accountOfRole(values.arn);
  const found = accounts.filter((account) => account.kind === 'remote' && account.accountId === id);
  return (found.find(({ name }) => name === near) ?? found[0])?.name;
}

/** What signs, and as what: the same for a new profile and for one that is changed. */
export function signerInput(values: ProfileValues): { key?: string; source?: string; origin?: Origin } {
  const { signer } = values;
  const origin = originInput(values);
  if (origin !== undefined) return { origin };
  if (originSource(signer) !== null) return {};
  if (signer.startsWith(SOURCE)) return { source: signer.slice(SOURCE.length) };
  return signer.startsWith(LOCAL) ? {} : { key: signer };
}

/** The part of the contract's input about temporary credentials. What has no field here (managed policies, tags) stays as it was. */
export function sessionInput(
  values: ProfileValues,
  profiles: readonly Profile[],
  before?: Role,
): { role?: Role; mfaSerial?: string; sessionSeconds?: number } {
  const kind = kindOf(values, profiles);
  if (kind === null) return {};
  const seconds = values.lasts === '' ? undefined : (parseLasting(values.lasts) ?? undefined);
  const mfa = takesMfa(kind) && values.mfaSerial !== '' ? { mfaSerial: values.mfaSerial } : {};
  if (kind === 'session-token') {
    // Without either, the key would sign by itself.
    const lasts = seconds ?? ('mfaSerial' in mfa ? undefined : DEFAULT_SECONDS[kind]);
    return { ...mfa, ...(lasts === undefined ? {} : { sessionSeconds: lasts }) };
  }
  const { policyArns, tags, transitiveTagKeys } = takesTags(kind) ? (before ?? {}) : { policyArns: before?.policyArns };
  return {
    ...mfa,
    role: {
      arn: values.arn,
      ...(values.externalId === '' ? {} : { externalId: values.externalId }),
      ...(values.sessionName === '' ? {} : { sessionName: values.sessionName }),
      ...(seconds === undefined ? {} : { durationSeconds: seconds }),
      ...(values.policy === '' ? {} : { policy: values.policy }),
      ...(values.sourceIdentity === '' ? {} : { sourceIdentity: values.sourceIdentity }),
      ...(policyArns === undefined ? {} : { policyArns }),
      ...(tags === undefined ? {} : { tags }),
      ...(transitiveTagKeys === undefined ? {} : { transitiveTagKeys }),
    },
  };
}

const FIELDS: Readonly<Record<string, keyof ProfileValues>> = {
  name: 'name',
  rename: 'name',
  key: 'signer',
  source: 'signer',
  'role.arn': 'arn',
  'role.externalId': 'externalId',
  'role.sessionName': 'sessionName',
  'role.durationSeconds': 'lasts',
  sessionSeconds: 'lasts',
  account: 'account',
  origin: 'signer',
  'origin.roleName': 'roleName',
  'origin.principalArn': 'principalArn',
  'origin.trustAnchorArn': 'trustAnchorArn',
  'origin.profileArn': 'profileArn',
  'role.policy': 'policy',
  'role.sourceIdentity': 'sourceIdentity',
  mfaSerial: 'mfaSerial',
  region: 'region',
};

/** The field that a complaint of the daemon (`role.arn: …`) is about, and its words; null where it is about none of them. */
export function complaintOf(error: { code: string; message: string }): [keyof ProfileValues, string] | null {
  const [, path, words] = /^([\w.]+): (.+)$/s.exec(error.message) ?? [];
  const field = path === undefined ? undefined : FIELDS[path];
  if (error.code !== 'InvalidInput' || field === undefined || words === undefined) return null;
  return [field, `${words.charAt(0).toUpperCase()}${words.slice(1)}`];
}
