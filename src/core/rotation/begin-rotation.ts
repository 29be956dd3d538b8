import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import type { Draft } from '../draft.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import type { RotationRecord } from './record.ts';
import { rotationsOfKey, rotationUnderWay } from './rotations-of-key.ts';

/** Ended rotations of a key that are kept for the board. */
const KEPT = 5;

type Wanted = Pick<Input<'rotation.start'>, 'key' | 'quarantineSeconds' | 'mfaSerial'> & { whenOnline?: boolean };

/** Drafts the journal of a new rotation, in the place of the oldest that have ended. Throws for a key that cannot be rotated now. */
export function draftRotation(draft: Draft, session: Session, wanted: Wanted, at: number): Found<'rotation'> {
  const key = requireRotatable(session, wanted.key);
  requireIdle(session, key);
  for (const { id } of ended(session, key.id).slice(KEPT - 1)) draft.remove('rotation', id);
  const id = session.newId();
  const value = newRecord(session, key, wanted, at);
  draft.put('rotation', id, value);
  draft.record('rotation.start', value.keyName, { account: value.accountName });
  return { id, value };
}

function newRecord(
  session: Session,
  { id, value }: Found<'accessKey'>,
  { quarantineSeconds, mfaSerial, whenOnline }: Wanted,
  at: number,
): RotationRecord {
  const ofProfile = session.things
    .all('profile')
    .find((one) => one.value.key === id && one.value.mfaSerial !== undefined);
  const serial = mfaSerial ?? ofProfile?.value.mfaSerial;
  return {
    key: id,
    keyName: value.name,
    account: value.account,
    accountName: session.things.must('account', value.account).name,
    step: 'preflight',
    confirmed: [],
    ...(whenOnline === true ? { planned: true as const } : {}),
    quarantineSeconds,
    ...(serial === undefined ? {} : { mfaSerial: serial }),
    old: {
      accessKeyId: value.accessKeyId,
      secret: value.secret,
      ...(value.issuedAt === undefined ? {} : { issuedAt: value.issuedAt }),
    },
    evidence: [],
    startedAt: at,
  };
}

/** Throws for a key that is none of a user's, or is not to be used. */
export function requireRotatable(session: Session, name: string): Found<'accessKey'> {
  const key = session.things.byName('accessKey', name);
  if (key.value.token !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `${name} is a temporary key, which ends by itself; there is nothing to rotate.`,
    );
  }
  const twin = session.things
    .all('accessKey')
    .find(({ id, value }) => id !== key.id && value.accessKeyId === key.value.accessKeyId);
  if (twin !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `${twin.value.name} is the same access key, and would stop working. Give its profiles ${name} and remove it first.`,
    );
  }
  if (key.value.status === 'active') return key;
  throw new KeyholdError(
    'InvalidInput',
    `${name} is disabled in the vault. Enable it first: its rotation signs with it.`,
  );
}

export function requireIdle(session: Session, key: Found<'accessKey'>): void {
  const active = rotationUnderWay(session.things, key.id);
  if (active === undefined) return;
  throw new KeyholdError(
    'InUse',
    `${key.value.name} is being rotated already. Look at it with “keyhold rotate status ${key.value.name}”.`,
  );
}

function ended({ things }: Session, key: string): Found<'rotation'>[] {
  return rotationsOfKey(things, key).filter(({ value }) => value.outcome !== undefined);
}
