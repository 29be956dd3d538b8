import type { CallContext } from '../api/handler.ts';
import type { Draft } from '../draft.ts';
import type { ObjectRef } from '../hsm/protocol.ts';
import type { Session } from '../session.ts';
import type { Adapter } from './adapters/adapter.ts';
import type { AwsIam, IamSigner } from './aws-iam.ts';
import { Halt } from './halt.ts';
import type { OwnCalls } from './own-calls.ts';
import type { RotationRecord } from './record.ts';
import { regionOf } from './region-of.ts';

/** One rotation under way. */
export interface Run {
  call: CallContext;
  session: Session;
  iam: AwsIam;
  /** Of what is rotated. */
  adapter: Adapter;
  ownCalls: OwnCalls;
  /** Of its record. */
  id: string;
  turn: Turn;
}

/** Whether the rotation is to be taken back: it stops where it waits, and between two steps. */
export interface Turn {
  wanted: boolean;
  /** Nobody has said of this one that it goes on. */
  byItself: boolean;
  wake?: () => void;
}

/** Thrown where a rotation is left because it is to be taken back. */
export class Turned extends Error {}

/** Waits. Throws `Turned`. */
export async function rest({ call, turn }: Run, milliseconds: number): Promise<void> {
  if (!turn.wanted) {
    await new Promise<void>((resolve) => {
      const timer = call.core.ports.clock.setTimer(milliseconds, resolve);
      turn.wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }
  if (turn.wanted) throw new Turned();
}

export function recordOf({ session, id }: Run): RotationRecord {
  return session.things.must('rotation', id);
}

export function now({ call }: Run): number {
  return call.core.ports.clock.now();
}

/**
 * Writes the next state, with what else has to change in the same transaction. Whatever was in the way before is over by then. `change` sees the record as it is
 * when nothing else writes, and may refuse.
 */
export function journal(
  run: Run,
  change: (record: RotationRecord, draft: Draft) => RotationRecord | Promise<RotationRecord>,
): Promise<RotationRecord> {
  const { session, call, id } = run;
  return session.write(call.actor, async (draft) => {
    const { halt: _over, ...record } = recordOf(run);
    const next = await change(record, draft);
    draft.put('rotation', id, next);
    return () => next;
  });
}

/** Throws `Halt` for a key that is not in the vault any more. */
export function vaultedKey({ session }: Run, record: RotationRecord) {
  const value = session.things.get('accessKey', record.key);
  if (value !== undefined) return value;
  const whose = record.credential === undefined ? record.keyName : `that ${record.keyName} is asked about with`;
  throw new Halt('changed', `The access key ${whose} is not in the vault any more. Look at its user in IAM.`);
}

type Credentials = { accessKeyId: string; secret: { id: string }; token?: { id: string } };

export function signerWith({ session }: Pick<Run, 'session'>, record: RotationRecord, held: Credentials): IamSigner {
  const ref = ({ id }: { id: string }): ObjectRef => session.objectRef(id);
  return {
    session,
    account: session.things.must('account', record.account),
    region: regionOf(session, record.key),
    accessKeyId: held.accessKeyId,
    secret: ref(held.secret),
    ...(held.token === undefined ? {} : { token: ref(held.token) }),
  };
}

/** A key that is disabled in the vault signs nothing, here neither. */
function requireEnabled({ session }: Run, { key }: RotationRecord): void {
  const value = session.things.get('accessKey', key);
  if (value?.status !== 'disabled') return;
  throw new Halt(
    'changed',
    `The access key ${value.name} is disabled in Keyhold. Enable it, then resume or roll back.`,
  );
}

/** For what is no access key itself: whatever key of its user the vault has now, which may have been rotated meanwhile. */
function keySigner(run: Run): IamSigner {
  const record = recordOf(run);
  const { accessKeyId, secret } = vaultedKey(run, record);
  requireEnabled(run, record);
  run.ownCalls.note(accessKeyId, now(run));
  return signerWith(run, record, { accessKeyId, secret });
}

export function oldSigner(run: Run): IamSigner {
  const record = recordOf(run);
  requireEnabled(run, record);
  run.ownCalls.note(record.old.accessKeyId, now(run));
  return signerWith(run, record, record.old);
}

/** Throws a defect where there is no new key yet. */
export function freshSigner(run: Run): IamSigner {
  const record = recordOf(run);
  if (record.fresh === undefined) throw new Error('there is no new key yet');
  requireEnabled(run, record);
  run.ownCalls.note(record.fresh.accessKeyId, now(run));
  return signerWith(run, record, record.fresh);
}

/** The key that the vault uses now. */
export function presentSigner(run: Run): IamSigner {
  const { credential, switchedAt } = recordOf(run);
  if (credential !== undefined) return keySigner(run);
  return switchedAt === undefined ? oldSigner(run) : freshSigner(run);
}

export function userOf(run: Run): { name: string; arn: string } {
  const { user } = recordOf(run);
  if (user === undefined) throw new Error('the user is asked for before the preflight');
  return user;
}
