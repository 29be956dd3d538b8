import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Draft } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { RotationRecord } from './record.ts';
import { quarantineOf } from './schedule-of.ts';
import { ofSubject, type Subject, subjectOf } from './subject.ts';

/** Ended rotations of a key that are kept for the board. */
const KEPT = 5;

type Wanted = Omit<Input<'rotation.start'>, 'whenOnline'> & { whenOnline?: boolean };

/** Drafts the journal of a new rotation, in the place of the oldest that have ended. Throws for what cannot be rotated now. */
export function draftRotation(draft: Draft, session: Session, wanted: Wanted, at: number): Found<'rotation'> {
  const subject = requireRotatable(session, wanted.key);
  requireIdle(session, subject);
  for (const { id } of ended(session, subject).slice(KEPT - 1)) draft.remove('rotation', id);
  const id = session.newId();
  const value = newRecord(session, subject, wanted, at);
  draft.put('rotation', id, value);
  draft.record('rotation.start', value.keyName, { account: value.accountName });
  return { id, value };
}

function newRecord(
  { things }: Session,
  subject: Subject,
  { quarantineSeconds = quarantineOf(things, subject), mfaSerial, whenOnline }: Wanted,
  at: number,
): RotationRecord {
  const keyId = subject.kind === 'accessKey' ? subject.id : subject.value.key;
  const key = things.must('accessKey', keyId);
  const ofProfile = things.all('profile').find((one) => one.value.key === keyId && one.value.mfaSerial !== undefined);
  const serial = mfaSerial ?? ofProfile?.value.mfaSerial;
  return {
    key: keyId,
    keyName: subject.value.name,
    account: key.account,
    accountName: things.must('account', key.account).name,
    step: 'preflight',
    confirmed: [],
    ...(whenOnline === true ? { planned: true as const } : {}),
    quarantineSeconds,
    ...(serial === undefined ? {} : { mfaSerial: serial }),
    ...replacedBy(subject),
    evidence: [],
    startedAt: at,
  };
}

function replacedBy(subject: Subject): Pick<RotationRecord, 'old' | 'credential'> {
  if (subject.kind === 'accessKey') {
    const { accessKeyId, secret, issuedAt } = subject.value;
    return { old: omitUndefined({ accessKeyId, secret, issuedAt }) };
  }
  const { id, value } = subject;
  const { name, type, credentialId: accessKeyId, secret, issuedAt } = value;
  if (accessKeyId === undefined || secret === undefined) throw unfinished(name);
  return type === 'service'
    ? {
        credential: { id, name, type, service: value.service },
        old: omitUndefined({ accessKeyId, secret, issuedAt, shown: value.userName, expiresAt: value.expiresAt }),
      }
    : { credential: { id, name, type }, old: omitUndefined({ accessKeyId, secret, issuedAt, shown: value.publicKey }) };
}

function unfinished(name: string): KeyholdError {
  return new KeyholdError('InvalidInput', `${name} is not complete. Add it once more with the same name first.`);
}

/** Throws for what is none of a user's, or is not to be used. */
export function requireRotatable({ things }: Pick<Session, 'things'>, name: string): Subject {
  const subject = subjectOf(things, name);
  if (subject.kind === 'credential') {
    replacedBy(subject);
    requireUsable({ id: subject.value.key, value: things.must('accessKey', subject.value.key) });
    return subject;
  }
  requireUsable(subject);
  const twin = things
    .all('accessKey')
    .find(({ id, value }) => id !== subject.id && value.accessKeyId === subject.value.accessKeyId);
  if (twin === undefined) return subject;
  throw new KeyholdError(
    'InvalidInput',
    `${twin.value.name} is the same access key, and would stop working. Give its profiles ${subject.value.name} and remove it first.`,
  );
}

function requireUsable({ value: { name, token, status } }: Found<'accessKey'>): void {
  if (token !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `${name} is a temporary key, which ends by itself; there is nothing to rotate.`,
    );
  }
  if (status === 'active') return;
  throw new KeyholdError(
    'InvalidInput',
    `${name} is disabled in the vault. Enable it first: the rotation signs with it.`,
  );
}

export function requireIdle({ things }: Session, subject: Subject): void {
  const isIts = ofSubject(subject);
  const active = things.all('rotation').find(({ value }) => isIts(value) && value.outcome === undefined);
  if (active === undefined) return;
  const { name } = subject.value;
  throw new KeyholdError(
    'InUse',
    `${name} is being rotated already. Look at it with “keyhold rotate status ${quotedName(name)}”.`,
  );
}

function ended({ things }: Session, subject: Subject): Found<'rotation'>[] {
  const isIts = ofSubject(subject);
  return things
    .all('rotation')
    .filter(({ value }) => isIts(value) && value.outcome !== undefined)
    .sort((a, b) => b.value.startedAt - a.value.startedAt);
}
