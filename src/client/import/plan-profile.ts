import { MOST_SECONDS, ROLE_ARN, type Role } from '../../contract/roles.ts';
import type { FoundAws, FoundProfile, Leftover, Place } from './aws-files.ts';
import type { FoundRole } from './aws-role.ts';
import type { FoundSso, FoundSsoSession } from './aws-sso.ts';
import type { ImportPlan, PlannedProfile, VaultContents } from './plan.ts';
import { fold, safeName } from './vault-name.ts';

type VaultProfile = VaultContents['profiles'][number];

/** What became of a profile's own key: its name in the vault, or why it stays outside. */
export type KeyOutcome = { name: string; account?: string; temporary: boolean } | { refused: string };

/** What became of a profile, for those that have it as their source. */
type Outcome = { name: string; assumes: boolean; mfaSerial: string | undefined } | { refused: string };

/** What assumes a role. */
interface Assuming {
  by: { key: string } | { source: string };
  /** A role already, so AWS gives an hour and takes no code. */
  assumes: boolean;
  mfaSerial: string | undefined;
  temporary: boolean;
}

/**
 * Decides which profiles come in, sources before those that need them. A role's source is the profile that the files name where that means
 * the same in the vault, and else the key behind it.
 */
export function createProfilePlanner(
  found: FoundAws,
  vault: VaultContents,
  { keys, signIns }: { keys: ReadonlyMap<string, KeyOutcome>; signIns: { nameOf(session: FoundSsoSession): string } },
  plan: ImportPlan,
): { planProfile(profile: FoundProfile): void } {
  const byName = new Map(found.profiles.map((profile) => [profile.name, profile]));
  const outcomes = new Map<string, Outcome>();

  function planProfile(profile: FoundProfile): Outcome {
    const known = outcomes.get(profile.name);
    if (known !== undefined) return known;
    const outcome = decide(profile);
    outcomes.set(profile.name, outcome);
    if ('refused' in outcome) skip(profile, outcome.refused);
    return outcome;
  }

  function decide(profile: FoundProfile): Outcome {
    if (profile.role !== undefined) return decideRole(profile, profile.role);
    if (profile.sso !== undefined) return decideSso(profile, profile.sso);
    if (profile.process !== undefined) return decideProcess(profile, profile.process.command);
    const key = keys.get(profile.name);
    if (key === undefined) {
      const there = saysNothing(profile) ? nameTaken(profile) : undefined;
      return { refused: there ?? noKeyReason(profile) };
    }
    if ('refused' in key) return key;
    const mfa = profile.mfa;
    if (mfa !== undefined && key.temporary) {
      leave(profile, mfa, 'mfa_serial', 'its key is temporary, and AWS gives no session for such a key');
    }
    const mfaSerial = key.temporary ? undefined : mfa?.serial;
    const taken = nameTaken(profile);
    if (taken !== undefined) return { refused: taken };
    const name = safeName(profile.name);
    add(profile, { key: key.name, ...(key.account === undefined ? {} : { account: key.account }) }, mfaSerial);
    return { name, assumes: false, mfaSerial };
  }

  function decideRole(profile: FoundProfile, found: FoundRole): Outcome {
    const there = inVault(profile.name);
    if (there !== undefined) {
      const another = there.role?.arn === found.role.arn ? 'a' : 'another';
      return { refused: `${another} profile called "${there.name}" is in the vault already` };
    }
    if (found.tokenFile !== undefined) return decideFederated(profile, found, found.tokenFile);
    const assuming = whoAssumes(profile, found);
    if ('refused' in assuming) return assuming;
    const taken = nameTaken(profile);
    if (taken !== undefined) return { refused: taken };
    const { role, mfaSerial } = withinLimits(profile, found, assuming);
    add(profile, { ...assuming.by, role, ...accountOf(profile, role) }, mfaSerial);
    return { name: safeName(profile.name), assumes: true, mfaSerial };
  }

  /** A role that is assumed with the token in a file, and not with a key. */
  function decideFederated(profile: FoundProfile, { role }: FoundRole, tokenFile: string): Outcome {
    const taken = nameTaken(profile);
    if (taken !== undefined) return { refused: taken };
    add(profile, { origin: { kind: 'webIdentity', tokenFile }, role, ...accountOf(profile, role) }, undefined);
    return { name: safeName(profile.name), assumes: true, mfaSerial: undefined };
  }

  function accountOf(profile: FoundProfile, role: Role): { accountId?: string } {
    const accountId = ROLE_ARN.exec(role.arn)?.[1];
    if (profile.accountId !== undefined && profile.accountId !== accountId) {
      leave(profile, profile.place, 'aws_account_id', `the role is of the account ${accountId ?? ''}`);
    }
    return accountId === undefined ? {} : { accountId };
  }

  function decideSso(profile: FoundProfile, { session, accountId, roleName }: FoundSso): Outcome {
    const taken = nameTaken(profile);
    if (taken !== undefined) return { refused: taken };
    if (profile.key !== undefined) {
      leave(
        profile,
        profile.key.place,
        'aws_access_key_id',
        'AWS tools use the sign-in of this profile, and not its key',
      );
    }
    if (profile.accountId !== undefined && profile.accountId !== accountId) {
      leave(profile, profile.place, 'aws_account_id', `the role is of the account ${accountId}`);
    }
    const origin = { kind: 'sso' as const, signIn: signIns.nameOf(session), roleName };
    add(profile, { origin, accountId }, undefined);
    return { name: safeName(profile.name), assumes: true, mfaSerial: undefined };
  }

  function decideProcess(profile: FoundProfile, command: string[]): Outcome {
    const taken = nameTaken(profile);
    if (taken !== undefined) return { refused: taken };
    const { key, mfa, accountId } = profile;
    const reason = 'AWS tools use what the program of this profile prints, and not its key';
    if (key !== undefined) leave(profile, key.place, 'aws_access_key_id', reason);
    if (mfa !== undefined) leave(profile, mfa, 'mfa_serial', 'what a program prints is used as it is');
    add(
      profile,
      { origin: { kind: 'process', command }, ...(accountId === undefined ? {} : { accountId }) },
      undefined,
    );
    return { name: safeName(profile.name), assumes: false, mfaSerial: undefined };
  }

  function whoAssumes(profile: FoundProfile, role: FoundRole): Assuming | { refused: string } {
    const { source } = role;
    const own = keys.get(profile.name);
    if (source === undefined) {
      if (own === undefined) {
        return {
          refused: `${where(role.place)}, role_arn: there is neither a source_profile nor a key that assumes it`,
        };
      }
      leave(profile, role.place, 'role_arn', 'there is no source_profile; the profile’s own key assumes it');
      return byKey(own);
    }
    const at = `${where(source)}, source_profile`;
    if (source.name === profile.name) {
      return own === undefined ? { refused: `${at}: it is its own source, and has no key` } : byKey(own);
    }
    const from = byName.get(source.name);
    if (from === undefined || saysNothing(from)) {
      // Whoever has shredded the credentials has only the vault's.
      const there = inVault(source.name);
      if (there?.key !== undefined || there?.role !== undefined || there?.origin !== undefined) return byProfile(there);
    }
    if (from === undefined) return { refused: `${at}: there is no profile "${source.name}"` };
    const circle = circleOf(profile);
    if (circle !== undefined) return { refused: `${at}: it goes in circles, ${circle}` };
    // As AWS tools do: a source that has a key lends that, whatever role it assumes for itself.
    const lent = keys.get(from.name);
    if (lent !== undefined && (from.role !== undefined || 'refused' in lent)) {
      return 'refused' in lent
        ? { refused: `${at}: the key of "${from.name}" is not imported: ${lent.refused}` }
        : byKey(lent);
    }
    const outcome = planProfile(from);
    if (!('refused' in outcome)) {
      const { assumes, mfaSerial } = outcome;
      return { by: { source: outcome.name }, assumes, mfaSerial, temporary: false };
    }
    return thereAlready(from, lent) ?? { refused: `${at}: "${from.name}" is not imported: ${outcome.refused}` };
  }

  /** A source that is not imported because the vault has it. */
  function thereAlready(from: FoundProfile, lent: KeyOutcome | undefined): Assuming | undefined {
    const there = inVault(from.name);
    if (there?.origin?.kind === 'sso' && there.origin.roleName === from.sso?.roleName) return byProfile(there);
    if (lent !== undefined && !('refused' in lent)) {
      return there?.role !== undefined || there?.key !== lent.name ? byKeyName(lent) : byProfile(there);
    }
    return there?.role === undefined || there.role.arn !== from.role?.role.arn ? undefined : byProfile(there);
  }

  /** The way from this profile back to itself over sources, with lines; undefined where there is none. */
  function circleOf(profile: FoundProfile): string | undefined {
    const way = [profile];
    for (let at = profile; at.role?.source !== undefined; ) {
      const next = byName.get(at.role.source.name);
      if (next === undefined || next === at || keys.has(next.name)) return undefined;
      if (next === profile) return [...way, profile].map(({ name, place }) => `${name} (${where(place)})`).join(' → ');
      if (way.includes(next)) return undefined;
      way.push(next);
      at = next;
    }
    return undefined;
  }

  function withinLimits(
    profile: FoundProfile,
    { role, durationPlace }: FoundRole,
    assuming: Assuming,
  ): { role: Role; mfaSerial: string | undefined } {
    const { durationSeconds, ...rest } = role;
    const tooLong = assuming.assumes && (durationSeconds ?? 0) > MOST_SECONDS['chained-role'];
    if (tooLong && durationPlace !== undefined) {
      leave(profile, durationPlace, 'duration_seconds', 'AWS gives an hour to a role that another role assumes');
    }
    return { role: tooLong ? rest : role, mfaSerial: mfaOf(profile, assuming) };
  }

  function mfaOf(profile: FoundProfile, { assumes, mfaSerial, temporary }: Assuming): string | undefined {
    const { mfa } = profile;
    if (mfa === undefined) return undefined;
    if (assumes) {
      leave(profile, mfa, 'mfa_serial', 'a role has no MFA device; it belongs to the first role of the chain');
      return undefined;
    }
    if (temporary) {
      leave(profile, mfa, 'mfa_serial', 'the key that assumes it is temporary, and AWS takes no code with such a key');
      return undefined;
    }
    // The source's own session is proven by that device: a second code would have to wait for its next step.
    return mfa.serial === mfaSerial ? undefined : mfa.serial;
  }

  function inVault(name: string): VaultProfile | undefined {
    return vault.profiles.find((one) => fold(one.name) === fold(safeName(name)));
  }

  function nameTaken(profile: FoundProfile): string | undefined {
    const name = fold(safeName(profile.name));
    const planned = plan.profiles.find((one) => fold(one.name) === name);
    if (planned !== undefined) {
      return `it would be called "${planned.name}", like the one of ${where(planned.place)}; rename one of them`;
    }
    const there = inVault(profile.name);
    return there === undefined ? undefined : `a profile called "${there.name}" is in the vault already`;
  }

  function add(
    profile: FoundProfile,
    given: Omit<PlannedProfile, 'name' | 'profile' | 'place'>,
    mfaSerial: string | undefined,
  ): void {
    const { endpointUrl, region, output, role, sso, process, place } = profile;
    const hasKey = given.key !== undefined && role === undefined;
    plan.profiles.push({
      name: safeName(profile.name),
      profile: profile.name,
      place: role?.place ?? sso?.place ?? (process === undefined ? place : placeOf(process)),
      ...given,
      ...(mfaSerial === undefined ? {} : { mfaSerial }),
      ...(hasKey || endpointUrl === undefined ? {} : { endpointUrl }),
      ...(region === undefined ? {} : { region }),
      ...(output === undefined ? {} : { output }),
    });
  }

  function skip(profile: FoundProfile, reason: string): void {
    const key = keys.get(profile.name);
    const keyLeftBehind = plan.keysLeft.some((one) => one.profile === profile.name);
    plan.skipped.push({ profile: profile.name, ...profile.place, reason, keyLeftBehind });
    if (key === undefined && profile.mfa !== undefined && profile.role === undefined) {
      leave(profile, profile.mfa, 'mfa_serial', 'there is no key whose session it could prove');
    }
  }

  function leave(profile: FoundProfile, { file, line }: Place, what: string, reason: string): void {
    const leftover: Leftover & { profile: string } = { profile: profile.name, file, line, what, reason };
    plan.leftovers.push(leftover);
  }

  return { planProfile: (profile) => void planProfile(profile) };
}

function byKey(key: KeyOutcome): Assuming | { refused: string } {
  return 'refused' in key ? key : byKeyName(key);
}

function byKeyName({ name, temporary }: { name: string; temporary: boolean }): Assuming {
  return { by: { key: name }, assumes: false, mfaSerial: undefined, temporary };
}

function byProfile({ name, role, mfaSerial, origin }: VaultProfile): Assuming {
  return { by: { source: name }, assumes: role !== undefined || origin?.kind === 'sso', mfaSerial, temporary: false };
}

/** Whether the profile has half a key, or one that nobody can read. */
export function hadKey(profile: FoundProfile): boolean {
  return profile.leftovers.some(({ what }) => /^aws_(access_key_id|secret_access_key|session_token)$|^\[/.test(what));
}

/** It has settings at most, and no credentials of any kind. */
function saysNothing(profile: FoundProfile): boolean {
  const { key, role, sso, process, foreign } = profile;
  return [key, role, sso, process, foreign].every((one) => one === undefined) && !hadKey(profile);
}

function noKeyReason(profile: FoundProfile): string {
  const first =
    profile.foreign ??
    profile.leftovers.find(({ what }) => /^aws_|^role_arn$|^external_id$|^mfa_serial$|^\[/.test(what));
  const leftover = first ?? profile.leftovers[0];
  return leftover === undefined ? 'there is no key in it' : `${where(leftover)}, ${leftover.what}: ${leftover.reason}`;
}

const placeOf = ({ file, line }: Place): Place => ({ file, line });
const where = ({ file, line }: Place): string => `${file} line ${line}`;
