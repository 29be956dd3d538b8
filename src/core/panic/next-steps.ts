import type { LeaveWay } from '../../contract/leave.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { chainOf } from '../sessions/chain.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';
import { credentialsOfKey } from './credential-aims.ts';
import { DENY_POLICY, denyOlderThan } from './deny-older.ts';
import { nameOf, roleOfSession } from './identity.ts';
import { type PanicRecord, type PanicStepRecord, wasNeverDone } from './record.ts';
import { isOpen } from './step.ts';
import { isLookedUp, strangersOf } from './stranger-words.ts';

const LEFT: Readonly<Record<LeaveWay, string>> = {
  process: 'handed to a tool',
  container: 'at the container endpoint',
  console: 'for the console',
};

/** What is left for a person, the most urgent first. Derived from the record, so that it is never behind it. */
export function nextSteps(things: Things, record: PanicRecord): string[] {
  if (record.outcome === 'undone')
    return ['Look in the audit log (keyhold audit list) and in CloudTrail for what was done with the keys.'];
  const { steps, keys, startedAt, backAt } = record;
  const open = steps.filter(isOpen);
  const next: string[] = [];
  if (open.length > 0)
    next.push(
      backAt === undefined
        ? 'Unlock the vault and run “keyhold panic resume”: it tries again what AWS was not told, or did not allow.'
        : 'Run “keyhold panic undo” once more to go on taking it back, or “keyhold panic resume” to switch off what is not.',
    );
  else if (backAt === undefined && record.outcome === undefined && !isLookedUp(record))
    next.push(
      'Unlock the vault and run “keyhold panic resume”: AWS was not asked yet what the users have besides their keys.',
    );
  for (const step of open) {
    if (backAt !== undefined && !wasNeverDone(step)) next.push(mayBeDone(step));
    else if (step.state === 'failed') next.push(byHand(step, record));
  }
  for (const { key, name, user } of keys) {
    const off = steps.some((step) => step.key === key && step.act === 'deactivate' && step.state === 'done');
    if (user === undefined && off)
      next.push(
        `AWS no longer says whose key ${name} is: look its user up in IAM, and refuse its older sessions there.`,
      );
  }
  next.push(...strangersOf(record));
  if (record.outcome === undefined && steps.some(({ state }) => state === 'undoing'))
    next.push('Run “keyhold panic undo” once more: an answer of AWS is missing.');
  const ids = steps.flatMap(({ act, target, state }) => (act === 'deactivate' && state !== 'undone' ? [target] : []));
  if (ids.length > 0)
    next.push(
      `Look in CloudTrail for what was done with ${ids.slice(0, 5).join(', ')}${ids.length > 5 ? ' and the others' : ''}, before ${instant(startedAt)} and since.`,
    );
  if (record.outcome === 'closed') return next;
  next.push(...outside(things, record), ...elsewhere(things), ...credentialsOf(things, record));
  if (things.all('profile').length > 0)
    next.push(
      'Look for users, roles, keys and policies that somebody may have made meanwhile (IAM’s credential report lists them).',
    );
  next.push(
    'Make new keys for the users and import them, then put this report away with “keyhold panic close”; if nothing was wrong, “keyhold panic undo”.',
  );
  return next;
}

/** Temporary credentials that tools or a browser have: good until they end, unless their user or role refuses them. */
function outside(things: Things, { steps, keys, startedAt }: PanicRecord): string[] {
  const isRefused = (act: PanicStepRecord['act'], account: string, arn: string): boolean =>
    steps.some(
      (step) =>
        step.act === act && step.account === account && step.state === 'done' && nameOf(step.target) === nameOf(arn),
    );
  return things.all('leftSession').flatMap(({ value: left }) => {
    const profile = things.get('profile', left.profile);
    if (profile === undefined || left.ways.length === 0 || left.expiresAt <= startedAt) return [];
    const root = chainOf(things, { id: left.profile, value: profile }).at(-1)?.value.key;
    const role = profile.role?.arn ?? roleOfSession(left.arn);
    const key = keys.find((one) => one.key === root);
    const refused =
      role === undefined
        ? key?.user !== undefined && isRefused('denyUser', key.account, key.user.arn)
        : isRefused('denyRole', profile.account, role);
    if (refused) return [];
    const ways = left.ways.map((way) => LEFT[way]).join(' and ');
    return `Credentials of ${profile.name} (${left.accessKeyId}) left the app (${ways}) and are good until ${instant(left.expiresAt)}: refuse the sessions of their role or user in IAM.`;
  });
}

/** What IAM users have besides their keys works without them, and what AWS was asked for without an answer has no id yet that it could be switched off by. */
function credentialsOf(things: Things, { keys, steps }: PanicRecord): string[] {
  const named = new Set<string>();
  return keys.flatMap((one) => {
    const { name: keyName, user } = one;
    return credentialsOfKey(things, one).flatMap(({ id, value }) => {
      // Two keys of one user have the same ones.
      if (named.has(id)) return [];
      named.add(id);
      // An SMTP password ends with its key.
      if (value.type === 'smtp' || steps.some(({ target }) => target === value.credentialId)) return [];
      const what = value.type === 'sshKey' ? 'SSH key' : `password for ${value.service}`;
      const of = user === undefined ? `the user of ${keyName}` : user.name;
      return value.credentialId === undefined
        ? `Look in the IAM console whether ${of} has an active ${what} that is not in this vault: ${value.name} was being made.`
        : `Make the ${what} ${value.credentialId} (${value.name}) of ${of} inactive in the IAM console: it works without the access key.`;
    });
  });
}

/** What gives credentials without a key of this vault: the switch is where it is administered. */
function elsewhere(things: Things): string[] {
  const signIns = things
    .all('signIn')
    .filter(({ value }) => value.signedInAt !== undefined || value.saml !== undefined);
  const certificates = things.all('certificate').filter(({ value }) => value.pair.issued !== undefined);
  const programs = things.all('profile').filter(({ value }) => value.origin?.kind === 'process');
  return [
    ...programs.map(
      ({ value: { name } }) =>
        `The profile ${name} gets its credentials from a program: end its sign-in, and what it keeps, where those come from.`,
    ),
    ...signIns.map(
      ({ value: { name } }) =>
        `Sign out of ${name} with “keyhold logout ${quotedName(name)}”, and end the person’s sessions where ${name} is administered.`,
    ),
    ...certificates.map(
      ({ value: { name } }) =>
        `If somebody may have the private key of the certificate ${name}, have its CA revoke it, and import the revocation list at IAM Roles Anywhere.`,
    ),
  ];
}

/** A person wants it back, and what AWS made of it is not known. */
function mayBeDone({ act, target, accountName, credential, message }: PanicStepRecord): string {
  const why = message === undefined ? '' : ` (${message.replace(/\.$/, '')})`;
  if (act === 'denyUser' || act === 'denyRole')
    return `Look in the IAM console whether ${nameOf(target)} of ${accountName} has the inline policy ${DENY_POLICY}${why}.`;
  const what = credential === undefined ? target : `${target} (${credential.name})`;
  return `Look in the IAM console whether ${what} of ${accountName} is active, as you want it${why}.`;
}

function byHand({ act, target, accountName, credential, message }: PanicStepRecord, { cutoff }: PanicRecord): string {
  const why = message === undefined ? '' : ` (${message.replace(/\.$/, '')})`;
  if (act === 'deactivate') return `Make ${target} of ${accountName} inactive in the IAM console${why}.`;
  if (credential !== undefined) {
    const what = act === 'deactivateSshKey' ? 'SSH key' : 'password';
    return `Make the ${what} ${target} (${credential.name}) of ${accountName} inactive in the IAM console${why}: it works without the access key.`;
  }
  if (act === 'denyRole' && nameOf(target).startsWith('AWSReservedSSO_')) {
    return `Sessions of ${nameOf(target)} in ${accountName} last until they expire: IAM lets nobody change that role, so take the user’s assignment away in IAM Identity Center, and end their sessions there.`;
  }
  const what = `AWS access through sessions of ${nameOf(target)} in ${accountName}`;
  return act === 'denyRole'
    ? `${what} goes on${why}: in the IAM console, choose the role, Revoke sessions, Revoke active sessions.`
    : `${what} goes on${why}: attach this inline policy to the user: ${denyOlderThan(cutoff)}`;
}
