import type { FoundProfile } from './aws-files.ts';
import { readRole, type Said } from './aws-role.ts';
import { assuming, FOREIGN } from './aws-settings.ts';
import { type FoundSsoSession, OF_ANOTHER, readSso, SSO_SETTINGS } from './aws-sso.ts';

type Settings = ReadonlyMap<string, Said> | undefined;

/** Adds what both files together say of how a profile gets its credentials. */
export function finishProfile(
  profile: FoundProfile,
  { role, sso }: { role: Settings; sso: Settings },
  sessions: ReadonlyMap<string, FoundSsoSession>,
): void {
  finishRole(profile, role);
  finishSso(profile, sso, sessions);
  finishProcess(profile);
  findForeign(profile);
}

function leaver({ leftovers }: FoundProfile): (said: Said, reason: string) => void {
  return ({ file, line, name }, reason) => leftovers.push({ file, line, what: name, reason });
}

function finishRole(profile: FoundProfile, said: Settings): void {
  if (said === undefined) return;
  const { role, mfa } = readRole(said, assuming(profile.leftovers), leaver(profile));
  if (role !== undefined) profile.role = role;
  if (mfa !== undefined) profile.mfa = mfa;
}

/** In the order of AWS's tools: roles and web identities come before a sign-in, and that before keys. */
function finishSso(profile: FoundProfile, said: Settings, sessions: ReadonlyMap<string, FoundSsoSession>): void {
  if (said === undefined || said.size === 0) return;
  const leave = leaver(profile);
  const foreign = assuming(profile.leftovers);
  if (profile.role !== undefined || foreign !== undefined) {
    const reason =
      profile.role?.source === undefined && profile.role?.tokenFile === undefined && foreign === undefined
        ? 'AWS tools do not assume a role with a sign-in of the same profile; make a profile of it, and name that as source_profile'
        : 'the role of the same profile comes first';
    for (const one of said.values()) leave(one, reason);
    return;
  }
  const sso = readSso(said, sessions, leave);
  if (sso === undefined) return;
  profile.sso = sso;
  const { mfa } = profile;
  if (mfa === undefined) return;
  delete profile.mfa;
  const { file, line } = mfa;
  profile.leftovers.push({
    file,
    line,
    what: 'mfa_serial',
    reason: 'the Identity Center asks for a second factor itself',
  });
}

/** AWS's tools take it after roles, sign-ins and keys of the credentials file, and before a key of the config file. */
function finishProcess(profile: FoundProfile): void {
  const { process, role, sso, key, accountId } = profile;
  if (process === undefined) return;
  const reason = ((): string | undefined => {
    if (role !== undefined || profile.leftovers.some(({ what }) => what === 'role_arn')) {
      return 'the role of the same profile comes first';
    }
    if (sso !== undefined) return 'the sign-in of the same profile comes first';
    if (key?.place.file === 'credentials') return 'the key of the same profile comes first';
    return accountId === undefined
      ? 'nothing says which account it is of (aws_account_id); add it with keyhold profile add NAME --account ACCOUNT --credential-process COMMAND'
      : undefined;
  })();
  if (reason === undefined) return;
  delete profile.process;
  const { file, line } = process;
  profile.leftovers.push({ file, line, what: 'credential_process', reason });
}

function findForeign(profile: FoundProfile): void {
  profile.leftovers.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file === 'credentials' ? -1 : 1));
  if (profile.sso !== undefined || profile.process !== undefined) return;
  const all = profile.leftovers.filter(({ what }) => FOREIGN[what] !== undefined || SSO_SETTINGS.has(what));
  const foreign = all.find(({ reason }) => reason !== OF_ANOTHER) ?? all[0];
  if (foreign !== undefined) profile.foreign = foreign;
}
