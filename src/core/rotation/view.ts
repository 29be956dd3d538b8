import type { Rotation } from '../../contract/rotation.ts';
import type { Session } from '../session.ts';
import type { Found, Things } from '../things.ts';
import { instant } from '../views.ts';
import { adapterOf } from './adapters/adapters.ts';
import { canBeConfirmed, retriesItself } from './halt.ts';
import type { RotationRecord } from './record.ts';

export function viewRotation(session: Session, { id, value }: Found<'rotation'>): Rotation {
  const { things } = session;
  const { halt, outcome } = value;
  return {
    id,
    key: nameOf(things, value),
    account: things.get('account', value.account)?.name ?? value.accountName,
    ...(value.credential === undefined ? {} : { adapter: value.credential.type }),
    state: stateOf(value),
    message: messageOf(value),
    step: value.step,
    ...(halt === undefined ? {} : { halt: halt.why, ...needsOf(halt.why) }),
    ...(halt?.retryAt === undefined ? {} : { retryAt: instant(halt.retryAt) }),
    canRollBack: outcome === undefined && !isGoingBack(value),
    quarantineSeconds: value.quarantineSeconds,
    ...(value.quarantineUntil === undefined ? {} : { quarantineUntil: instant(value.quarantineUntil) }),
    ...(value.user === undefined ? {} : { user: value.user.name }),
    oldAccessKeyId: value.old.accessKeyId,
    ...(value.fresh === undefined ? {} : { newAccessKeyId: value.fresh.accessKeyId }),
    startedAt: instant(value.startedAt),
    ...(value.endedAt === undefined ? {} : { endedAt: instant(value.endedAt) }),
    evidence: value.evidence.map(({ step, at, text }) => ({ step, at: instant(at), text })),
  };
}

/** As it is called now. */
function nameOf(things: Things, { key, keyName, credential }: RotationRecord): string {
  const present = credential === undefined ? things.get('accessKey', key) : things.get('credential', credential.id);
  return present?.name ?? keyName;
}

export function isGoingBack({ step }: RotationRecord): boolean {
  return step === 'reactivate' || step === 'return' || step === 'discard';
}

function stateOf({ outcome, halt, step, quarantineSeconds }: RotationRecord): Rotation['state'] {
  if (outcome !== undefined) return outcome;
  if (step === 'preflight' && halt?.why === 'network') return 'planned';
  if (halt !== undefined) return 'waiting';
  return step === 'watch' && quarantineSeconds > 0 ? 'quarantine' : 'running';
}

function needsOf(why: Parameters<typeof canBeConfirmed>[0]): Pick<Rotation, 'needs'> {
  if (canBeConfirmed(why)) return { needs: 'confirm' };
  return retriesItself(why) ? {} : { needs: 'resume' };
}

function messageOf(record: RotationRecord): string {
  const { outcome, halt, step, keyName, old, fresh, quarantineUntil } = record;
  if (outcome === 'done') return `${keyName} is ${fresh?.accessKeyId ?? 'new'}; ${old.accessKeyId} is deleted.`;
  if (outcome === 'rolledBack') return `${keyName} is ${old.accessKeyId}, as before.`;
  if (outcome === 'refused') return record.evidence.at(-1)?.text ?? 'It was not begun.';
  if (halt !== undefined && stateOf(record) === 'planned') {
    return `${halt.message} It begins once AWS can be reached, after a question.`;
  }
  if (halt !== undefined) return halt.message;
  if (step === 'watch' && quarantineUntil !== undefined && record.quarantineSeconds > 0) {
    return `${old.accessKeyId} is switched off until ${instant(quarantineUntil)}, then it is deleted.`;
  }
  return RUNNING[step](adapterOf(record).noun);
}

const RUNNING: Readonly<Record<RotationRecord['step'], (noun: string) => string>> = {
  preflight: (noun) => `Looks at the user and its ${noun}s.`,
  create: (noun) => `Makes a new ${noun}.`,
  verify: (noun) => `Waits until AWS takes the new ${noun}.`,
  switch: (noun) => `Switches the vault over to the new ${noun}.`,
  retire: (noun) => `Switches the old ${noun} off.`,
  watch: (noun) => `Watches the old ${noun}.`,
  delete: (noun) => `Deletes the old ${noun}.`,
  reactivate: (noun) => `Makes the old ${noun} active again.`,
  return: (noun) => `Switches the vault back to the old ${noun}.`,
  discard: (noun) => `Deletes the new ${noun}.`,
};
