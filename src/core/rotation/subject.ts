import { calledAs } from '../../contract/called-as.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { IamCredential } from '../credentials/record.ts';
import type { Found, Things } from '../things.ts';
import type { RotationRecord } from './record.ts';

/** What is rotated. */
export type Subject =
  | ({ kind: 'accessKey' } & Found<'accessKey'>)
  | { kind: 'credential'; id: string; value: IamCredential };

/**
 * What is called so: an access key or a credential, or of an SMTP password the key that it follows from. `key:` or `credential:` before the name says which of two is meant.
 *
 * @throws NotFound, InvalidInput (there is one of each, and nothing says which).
 */
export function subjectOf(things: Things, called: string): Subject {
  const { kind, name } = calledAs(called);
  if (kind === 'credential') return ofCredential(things, things.byName('credential', name));
  if (kind === 'accessKey') return { kind, ...things.byName('accessKey', name) };
  const key = things.findByName('accessKey', called);
  const credential = things.findByName('credential', called);
  if (key !== undefined && credential !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `There is an access key and a credential called ${called}. Say which: key:${called} or credential:${called}.`,
    );
  }
  if (key !== undefined) return { kind: 'accessKey', ...key };
  if (credential !== undefined) return ofCredential(things, credential);
  return { kind: 'accessKey', ...things.byName('accessKey', called) };
}

function ofCredential(things: Things, { id, value }: Found<'credential'>): Subject {
  if (value.type !== 'smtp') return { kind: 'credential', id, value };
  return { kind: 'accessKey', id: value.key, value: things.must('accessKey', value.key) };
}

/** The same for rotations, which outlive what they were of. */
export function rotationsOf(things: Things, called: string): Found<'rotation'>[] {
  const subject = subjectOrNull(things, called);
  const isOne = subject === null ? null : ofSubject(subject);
  const { name: bare, kind } = calledAs(called);
  return things
    .all('rotation')
    .filter(({ value }) => (isOne === null ? value.keyName === bare && isOfKind(value, kind) : isOne(value)))
    .sort((a, b) => b.value.startedAt - a.value.startedAt);
}

function isOfKind({ credential }: RotationRecord, kind: ReturnType<typeof calledAs>['kind']): boolean {
  return kind === undefined || (kind === 'credential') === (credential !== undefined);
}

function subjectOrNull(things: Things, called: string): Subject | null {
  try {
    return subjectOf(things, called);
  } catch (error) {
    if (error instanceof KeyholdError && error.code === 'NotFound') return null;
    throw error;
  }
}

/** Whether a rotation is of this. */
export function ofSubject({ kind, id }: Subject): (record: RotationRecord) => boolean {
  return ({ key, credential }) =>
    kind === 'credential' ? credential?.id === id : credential === undefined && key === id;
}
