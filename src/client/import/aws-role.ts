import type { z } from 'zod';
import { Role } from '../../contract/roles.ts';
import { MfaSerial } from '../../contract/totp.ts';
import { decode, type Setting, withoutComment } from './ini.ts';

export interface Place {
  file: 'credentials' | 'config';
  line: number;
}

/** A setting and the file it stands in. */
export interface Said extends Place {
  name: string;
  setting: Setting;
}

/** The role that a profile assumes. */
export interface FoundRole {
  /** Of `role_arn`. */
  place: Place;
  role: Role;
  /** The profile whose credentials assume it; maybe this one. */
  source?: Place & { name: string };
  /** With a token out of this file, instead of anybody's credentials. */
  tokenFile?: string;
  durationPlace?: Place;
}

/** The MFA device whose code AWS wants. */
export interface FoundMfa extends Place {
  serial: string;
}

/** Settings that say of a profile which role it assumes; those of aws-vault among them. */
export const ROLE_SETTINGS: ReadonlySet<string> = new Set([
  'role_arn',
  'source_profile',
  'web_identity_token_file',
  'role_session_name',
  'external_id',
  'duration_seconds',
  'mfa_serial',
  'session_tags',
  'transitive_session_tags',
  'source_identity',
]);

type Leave = (said: Said, reason: string) => void;

/** Reads what `said` has of a role. `elsewhere` is why it is not assumed with a key, if so. What is not read is left, with its reason. */
export function readRole(
  said: ReadonlyMap<string, Said>,
  elsewhere: string | undefined,
  leave: Leave,
): { role?: FoundRole; mfa?: FoundMfa } {
  const arn = said.get('role_arn');
  if (arn === undefined || elsewhere !== undefined) {
    const reason =
      elsewhere === undefined ? 'AWS tools read it only beside a role_arn' : `it is of a role, and ${elsewhere}`;
    for (const one of said.values()) if (arn !== undefined || one.name !== 'mfa_serial') leave(one, reason);
    const mfa = arn === undefined ? read(said.get('mfa_serial'), MfaSerial, leave) : undefined;
    return mfa === undefined ? {} : { mfa: { serial: mfa.value, ...mfa.place } };
  }
  return readAssumed(arn, said, leave);
}

function readAssumed(arn: Said, said: ReadonlyMap<string, Said>, leave: Leave): { role?: FoundRole; mfa?: FoundMfa } {
  let broken = false;
  const breaking: Leave = (one, reason) => {
    broken = true;
    leave(one, reason);
  };
  const roleArn = read(arn, Role.shape.arn, breaking);
  const token = said.get('web_identity_token_file');
  if (token !== undefined) return readFederated({ roleArn, token, said }, { breaking, leave, isBroken: () => broken });
  // A role that asks for one of these is not given without it.
  const externalId = read(said.get('external_id'), Role.shape.externalId.unwrap(), breaking);
  const mfa = read(said.get('mfa_serial'), MfaSerial, breaking);
  const sessionName = read(said.get('role_session_name'), Role.shape.sessionName.unwrap(), leave);
  const sourceIdentity = read(said.get('source_identity'), Role.shape.sourceIdentity.unwrap(), leave);
  const duration = readDuration(said.get('duration_seconds'), leave);
  const tags = readTags(said.get('session_tags'), leave);
  const transitive = readTransitive(said.get('transitive_session_tags'), tags ?? {}, leave);
  const source = said.get('source_profile');
  const sourceName = source === undefined ? undefined : textOf(source);
  if (source !== undefined && !sourceName) breaking(source, 'it names no profile');
  if (broken || roleArn === undefined) return {};
  return {
    role: {
      place: roleArn.place,
      role: {
        arn: roleArn.value,
        ...(externalId === undefined ? {} : { externalId: externalId.value }),
        ...(sessionName === undefined ? {} : { sessionName: sessionName.value }),
        ...(duration === undefined ? {} : { durationSeconds: duration }),
        ...(tags === undefined ? {} : { tags }),
        ...(transitive === undefined ? {} : { transitiveTagKeys: transitive }),
        ...(sourceIdentity === undefined ? {} : { sourceIdentity: sourceIdentity.value }),
      },
      ...(source === undefined || !sourceName ? {} : { source: { name: sourceName, ...placeOf(source) } }),
      ...(duration === undefined ? {} : { durationPlace: placeOf(said.get('duration_seconds') ?? arn) }),
    },
    ...(mfa === undefined ? {} : { mfa: { serial: mfa.value, ...mfa.place } }),
  };
}

/** Settings that AWS tools do not read beside a token: a token wins over a source. */
const NOT_WITH_TOKEN: ReadonlySet<string> = new Set([
  'source_profile',
  'external_id',
  'mfa_serial',
  'session_tags',
  'transitive_session_tags',
  'source_identity',
]);

function readFederated(
  {
    roleArn,
    token,
    said,
  }: { roleArn: { value: string; place: Place } | undefined; token: Said; said: ReadonlyMap<string, Said> },
  { breaking, leave, isBroken }: { breaking: Leave; leave: Leave; isBroken(): boolean },
): { role?: FoundRole } {
  const path = textOf(token) ?? '';
  if (!/^(?:\/|[A-Za-z]:[\\/])/.test(path))
    breaking(token, 'it is no whole path, and its start depends on where a tool runs');
  const sessionName = read(said.get('role_session_name'), Role.shape.sessionName.unwrap(), leave);
  const duration = readDuration(said.get('duration_seconds'), leave);
  for (const one of said.values()) {
    if (NOT_WITH_TOKEN.has(one.name)) leave(one, 'AWS tools do not read it beside a web identity token');
  }
  if (isBroken() || roleArn === undefined) return {};
  return {
    role: {
      place: roleArn.place,
      role: {
        arn: roleArn.value,
        ...(sessionName === undefined ? {} : { sessionName: sessionName.value }),
        ...(duration === undefined ? {} : { durationSeconds: duration }),
      },
      tokenFile: path,
    },
  };
}

function read<T>(said: Said | undefined, schema: z.ZodType<T>, leave: Leave): { value: T; place: Place } | undefined {
  if (said === undefined) return undefined;
  const parsed = schema.safeParse(textOf(said));
  if (parsed.success) return { value: parsed.data, place: placeOf(said) };
  leave(said, parsed.error.issues[0]?.message ?? 'it cannot be read');
  return undefined;
}

function readDuration(said: Said | undefined, leave: Leave): number | undefined {
  if (said === undefined) return undefined;
  const parsed = Role.shape.durationSeconds.unwrap().safeParse(Number(textOf(said) || Number.NaN));
  if (parsed.success) return parsed.data;
  leave(said, 'a role’s session lasts 900 to 43,200 seconds; the role’s usual hour is taken');
  return undefined;
}

/** `team=red,stage=prod`, as aws-vault writes them. */
function readTags(said: Said | undefined, leave: Leave): Record<string, string> | undefined {
  if (said === undefined) return undefined;
  const pairs = (textOf(said) ?? '').split(',').map((pair) => /^([^=]+)=(.*)$/.exec(pair.trim()));
  const tags: Record<string, string> = {};
  for (const pair of pairs) {
    const [, key, value] = pair ?? [];
    if (key === undefined || value === undefined) {
      leave(said, 'tags look like team=red,stage=prod');
      return undefined;
    }
    tags[key.trim()] = value.trim();
  }
  const parsed = Role.shape.tags.unwrap().safeParse(tags);
  if (parsed.success) return parsed.data;
  leave(said, 'a tag’s name has at most 128 characters, its value at most 256');
  return undefined;
}

function readTransitive(
  said: Said | undefined,
  tags: Readonly<Record<string, string>>,
  leave: Leave,
): string[] | undefined {
  if (said === undefined) return undefined;
  const keys = (textOf(said) ?? '').split(',').map((key) => key.trim());
  const unknown = keys.find((key) => !Object.hasOwn(tags, key));
  if (unknown === undefined) return keys;
  leave(said, `there is no session tag "${unknown}" to pass on`);
  return undefined;
}

/** Its value without a comment; undefined where that is no text. */
export function textOf(said: Said): string | undefined {
  return decode(withoutComment(said.setting.value)) ?? undefined;
}

function placeOf({ file, line }: Said): Place {
  return { file, line };
}
