import { type FoundMfa, type FoundRole, type Place, ROLE_SETTINGS, type Said } from './aws-role.ts';
import { commandOf, SECRETS, whyLeft } from './aws-settings.ts';
import { type FoundSso, type FoundSsoSession, readSsoSession, SSO_SETTINGS } from './aws-sso.ts';
import { accessKeyIdFault, copyOf, type KeyForm, secretFault, tokenFault, wipe } from './credential-values.ts';
import { finishProfile } from './finish-profile.ts';
import { decode, type IniFile, type Problem, parseIni, type Section, type Setting, withoutComment } from './ini.ts';

/** The two files of an `.aws` folder, as bytes; absent when there is no such file. */
export interface AwsFiles {
  credentials?: Uint8Array;
  config?: Uint8Array;
}

export type { Place } from './aws-role.ts';

type FileName = Place['file'];

/** A static key. The bytes are copies that belong to whoever asked: pass them to `wipeFound`. */
export interface FoundKey {
  accessKeyId: string;
  secretAccessKey: Uint8Array;
  sessionToken?: Uint8Array;
  place: Place;
}

/** Something a profile says that an import cannot bring along, or that keeps it out. */
export interface Leftover extends Place {
  /** The setting or section, e.g. `role_arn`. */
  what: string;
  reason: string;
}

export interface FoundProfile {
  name: string;
  place: Place;
  /** Present when there is a whole static key to import. */
  key?: FoundKey;
  role?: FoundRole;
  mfa?: FoundMfa;
  /** A role of an Identity Center. */
  sso?: FoundSso;
  /** A program that prints its credentials. */
  process?: Place & { command: string[] };
  /** What gets its credentials in a way that Keyhold cannot do. */
  foreign?: Leftover;
  region?: string;
  output?: string;
  endpointUrl?: string;
  accountId?: string;
  /** What was left behind, in file order. Without `key` and `role`, also why there is nothing to import. */
  leftovers: Leftover[];
}

export interface FoundAws {
  profiles: FoundProfile[];
  /** By name. */
  ssoSessions: ReadonlyMap<string, FoundSsoSession>;
  /** Sections that are neither, e.g. `services local`. */
  otherSections: Array<Place & { header: string; reason: string }>;
  /** Lines that cannot be read. With any of these nothing should be imported. */
  problems: Problem[];
}

const OUTPUTS = new Set(['json', 'text', 'table', 'yaml', 'yaml-stream']);
const REGION = /^[a-z]{2}(-[a-z0-9]+)+-\d{1,2}$/;

/**
 * Finds the profiles of `~/.aws/credentials` and `~/.aws/config`. Never throws; a key in `credentials` wins over one in
 * `config`, as in the AWS CLI. Keys have AWS's form, except those of a profile with an endpoint of its own; `compatible` says that all of them go to an
 * account that has one.
 */
export function parseAwsFiles(files: AwsFiles, form: KeyForm = 'aws'): FoundAws {
  const ssoSessions = new Map<string, FoundSsoSession>();
  const found: FoundAws = { profiles: [], ssoSessions, otherSections: [], problems: [] };
  const byName = new Map<string, FoundProfile>();
  const inis = (['credentials', 'config'] as const).flatMap((file) => {
    const bytes = files[file];
    return bytes === undefined ? [] : [{ file, ini: parseIni(file, bytes) }];
  });
  const roles = new Map<string, Map<string, Said>>();
  const ssos = new Map<string, Map<string, Said>>();
  const elsewhere = namesWithEndpoint(inis);
  const formOf = (name: string): KeyForm => (elsewhere.has(name) ? 'compatible' : form);
  for (const { file, ini } of inis) {
    found.problems.push(...ini.problems);
    readFile(file, ini, found, { byName, roles, ssos, ssoSessions, formOf });
  }
  found.profiles = [...byName.values()];
  for (const profile of found.profiles) {
    finishProfile(profile, { role: roles.get(profile.name), sso: ssos.get(profile.name) }, ssoSessions);
  }
  return found;
}

interface Reading {
  byName: Map<string, FoundProfile>;
  /** What profiles say of roles, in either file. */
  roles: Map<string, Map<string, Said>>;
  /** And of signing in. */
  ssos: Map<string, Map<string, Said>>;
  ssoSessions: Map<string, FoundSsoSession>;
  formOf: (name: string) => KeyForm;
}

/** Overwrites every secret found. Best effort. */
export function wipeFound(found: FoundAws): void {
  for (const { key } of found.profiles) wipe(key?.secretAccessKey, key?.sessionToken);
}

/** Profiles that send their requests somewhere else than to AWS. */
function namesWithEndpoint(inis: readonly { file: FileName; ini: IniFile }[]): ReadonlySet<string> {
  const sections = inis.flatMap(({ file, ini }) => ini.sections.map((section) => ({ file, section })));
  const names = sections
    .filter(({ section }) => section.settings.some(({ name, nested }) => name === 'endpoint_url' && !nested))
    .map(({ file, section }) => profileName(file, section.header));
  return new Set(names.filter((name) => name !== null));
}

function readFile(file: FileName, ini: IniFile, found: FoundAws, reading: Reading): void {
  const { byName, roles, ssos, formOf } = reading;
  const first = new Map<string, number>();
  const twice = new Set<string>();
  for (const section of ini.sections) {
    const name = profileName(file, section.header);
    if (name === null) {
      found.otherSections.push(...readOther(file, section, reading.ssoSessions));
      continue;
    }
    const earlier = first.get(name);
    if (earlier !== undefined) {
      const profile = byName.get(name);
      if (profile !== undefined) {
        wipe(profile.key?.secretAccessKey, profile.key?.sessionToken);
        delete profile.key;
        roles.delete(name);
        ssos.delete(name);
        profile.leftovers.push({
          file,
          line: section.line,
          what: `[${section.header}]`,
          reason: `the section stands twice (first in line ${earlier}), so it is not clear which one is meant`,
        });
      }
      twice.add(name);
      continue;
    }
    first.set(name, section.line);
    const place: Place = { file, line: section.line };
    const profile: FoundProfile = byName.get(name) ?? { name, place, leftovers: [] };
    byName.set(name, profile);
    const said = roles.get(name) ?? new Map<string, Said>();
    roles.set(name, said);
    const sso = ssos.get(name) ?? new Map<string, Said>();
    ssos.set(name, sso);
    readProfile(file, section, profile, { role: said, sso }, formOf(name));
  }
}

/** `[profile x]` (config) or `[x]` (credentials); null when the section is no profile. */
function profileName(file: FileName, header: string): string | null {
  if (file === 'credentials') return unquote(header);
  const match = /^profile\s+(.+)$/u.exec(header);
  if (match?.[1] !== undefined) return unquote(match[1].trim());
  return header === 'default' ? header : null;
}

function unquote(name: string): string {
  const match = /^(["'])(.*)\1$/u.exec(name);
  return match?.[2] ?? name;
}

/** What of a section that is no profile stays, and why: nothing of a session of an Identity Center that can be read. */
function readOther(
  file: FileName,
  section: Section,
  sessions: Map<string, FoundSsoSession>,
): FoundAws['otherSections'] {
  const { header, line } = section;
  const stays = (reason: string): FoundAws['otherSections'] => [{ file, line, header, reason }];
  const given = file === 'config' ? /^sso-session\s+(.+)$/u.exec(header)?.[1] : undefined;
  if (given === undefined) return stays(otherReason(header));
  const name = unquote(given.trim());
  if (sessions.has(name)) return stays('it stands twice; the first one is taken');
  const session = readSsoSession(name, section);
  if ('reason' in session) return stays(session.reason);
  sessions.set(name, session);
  return section.settings
    .filter((setting) => !SSO_SETTINGS.has(setting.name))
    .map((setting) => ({
      file,
      line: setting.line,
      header: `${header}, ${setting.name}`,
      reason: 'Keyhold has no such setting',
    }));
}

function otherReason(header: string): string {
  const kind = header.split(/\s/u)[0];
  if (kind === 'services') return 'endpoints per service are not taken over';
  if (kind === 'plugins' || kind === 'preview') return 'a setting of the AWS CLI itself';
  return 'in config a profile’s section is called [profile NAME]';
}

function readProfile(
  file: FileName,
  section: Section,
  profile: FoundProfile,
  said: Record<'role' | 'sso', Map<string, Said>>,
  form: KeyForm,
): void {
  const leave = (setting: Setting, reason: string): void => {
    profile.leftovers.push({ file, line: setting.line, what: setting.name, reason });
  };
  const values = new Map<string, Setting>();
  let broken = false;
  for (const setting of section.settings) {
    if (setting.nested) continue;
    const earlier = values.get(setting.name);
    if (earlier === undefined) {
      values.set(setting.name, setting);
      continue;
    }
    broken ||= SECRETS.has(setting.name) || setting.name === 'aws_access_key_id';
    leave(setting, `it stands twice (first in line ${earlier.line})`);
  }
  for (const setting of values.values()) {
    const { name, line } = setting;
    const kept = ROLE_SETTINGS.has(name) ? said.role : SSO_SETTINGS.has(name) ? said.sso : undefined;
    if (kept === undefined) {
      const command = name === 'credential_process' ? commandOf(setting.value) : null;
      if (command !== null) {
        profile.process = { file, line, command };
        continue;
      }
      const reason = whyLeft(name, setting.value);
      if (reason !== null) leave(setting, reason);
      continue;
    }
    const earlier = kept.get(name);
    if (earlier === undefined) kept.set(name, { file, line, name, setting });
    else if (!sameValue(earlier.setting, setting)) leave(setting, `${earlier.file} line ${earlier.line} comes first`);
  }
  if (!broken) readKey(file, values, profile, form, leave);
  readPlain(values, profile, leave);
}

function sameValue(a: Setting, b: Setting): boolean {
  return a.value.length === b.value.length && a.value.every((byte, index) => byte === b.value[index]);
}

function readKey(
  file: FileName,
  values: ReadonlyMap<string, Setting>,
  profile: FoundProfile,
  form: KeyForm,
  leave: (setting: Setting, reason: string) => void,
): void {
  const id = values.get('aws_access_key_id');
  const secret = values.get('aws_secret_access_key');
  const token = values.get('aws_session_token') ?? values.get('aws_security_token');
  if (id === undefined && secret === undefined) {
    if (token !== undefined) leave(token, 'there is a session token but no key');
    return;
  }
  if (id === undefined || secret === undefined) {
    const half = id ?? secret;
    if (half !== undefined)
      leave(half, id === undefined ? 'its access key id is missing' : 'its secret access key is missing');
    return;
  }
  if (profile.key !== undefined) {
    leave(id, `the key in ${profile.key.place.file} line ${profile.key.place.line} comes first`);
    return;
  }
  const idText = decode(withoutComment(id.value)) ?? '\ufffd';
  const secretBytes = withoutComment(secret.value);
  const tokenBytes = token === undefined ? undefined : withoutComment(token.value);
  const idFault = accessKeyIdFault(idText, form);
  const fault = secretFault(secretBytes, form);
  const badToken = tokenBytes === undefined ? null : tokenFault(tokenBytes);
  if (idFault !== null) leave(id, idFault);
  if (fault !== null) leave(secret, fault);
  if (token !== undefined && badToken !== null) leave(token, badToken);
  if (idFault !== null || fault !== null || badToken !== null) return;
  profile.key = {
    accessKeyId: idText,
    secretAccessKey: copyOf(secretBytes),
    ...(tokenBytes === undefined ? {} : { sessionToken: copyOf(tokenBytes) }),
    place: { file, line: id.line },
  };
}

function readPlain(
  values: ReadonlyMap<string, Setting>,
  profile: FoundProfile,
  leave: (setting: Setting, reason: string) => void,
): void {
  const take = (name: string, ok: (text: string) => boolean, wrong: string): string | undefined => {
    const setting = values.get(name);
    if (setting === undefined) return undefined;
    const text = decode(withoutComment(setting.value));
    if (text !== null && ok(text)) return text;
    leave(setting, wrong);
    return undefined;
  };
  const region = take('region', (text) => REGION.test(text), 'it does not look like a region such as eu-central-1');
  const output = take('output', (text) => OUTPUTS.has(text), 'it is not an output format Keyhold knows');
  const endpointUrl = take('endpoint_url', isHttpUrl, 'it is not an http or https URL');
  const accountId = take('aws_account_id', (text) => /^\d{12}$/.test(text), 'an account id has exactly 12 digits');
  // `config` is where these belong; it is read last and wins.
  if (region !== undefined) profile.region = region;
  if (output !== undefined) profile.output = output;
  if (endpointUrl !== undefined) profile.endpointUrl = endpointUrl;
  if (accountId !== undefined) profile.accountId = accountId;
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text);
}
