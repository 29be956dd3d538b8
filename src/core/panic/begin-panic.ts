import type { Input } from '../../contract/methods.ts';
import type { CallContext } from '../api/handler.ts';
import type { Draft } from '../draft.ts';
import { forgetLeft } from '../leave/remove-left.ts';
import type { Session } from '../session.ts';
import { chainOf } from '../sessions/chain.ts';
import { objectsOf } from '../sessions/obtain-session.ts';
import { removeSession } from '../sessions/remove-session.ts';
import type { Found, Things } from '../things.ts';
import { keysOfRotation } from './add-spare-keys.ts';
import { credentialAims } from './credential-aims.ts';
import { roleOfSession } from './identity.ts';
import { isDeactivation, MARGIN_MS, type PanicRecord, type PanicStepRecord, sameStep } from './record.ts';
import { lastPanic } from './run.ts';

export interface Aims {
  keys: Found<'accessKey'>[];
  clients: Found<'client'>[];
  /** What works with one of the keys, or with all. */
  profiles: Found<'profile'>[];
}

/** Throws `NotFound` for a key that is not there. */
export function aimsOf(things: Things, wanted: Input<'panic.start'>['keys']): Aims {
  const keys = wanted === 'all' ? things.all('accessKey') : wanted.map((name) => things.byName('accessKey', name));
  const ids = new Set(keys.map(({ id }) => id));
  const profiles = things.all('profile').filter((profile) => {
    const key = rootKey(things, profile);
    return wanted === 'all' ? isRemote(things, profile) : key !== undefined && ids.has(key);
  });
  return { keys, profiles, clients: things.all('client').filter(({ value }) => value.enabled) };
}

function isRemote(things: Things, { value }: Found<'profile'>): boolean {
  return things.must('account', value.account).kind === 'remote';
}

function rootKey(things: Things, profile: Found<'profile'>): string | undefined {
  return chainOf(things, profile).at(-1)?.value.key;
}

/**
 * The part that needs nobody: one transaction, after which no key, client or session of them is used any more. One on top of another that is open makes that one greater, so that
 * taking it back takes back both. Answers the record's id.
 */
export function beginPanic(
  { core, actor }: CallContext,
  session: Session,
  wanted: Input<'panic.start'>['keys'],
): Promise<string> {
  const { things } = session;
  // What is under way for them comes to nothing; in the transaction too, for what was begun while that waited for its turn.
  const forget = (): void => {
    for (const { id } of things.all('profile')) {
      session.broker.forget(id);
      session.leaver.forget(id);
      core.containers.endOf(id);
    }
  };
  aimsOf(things, wanted);
  forget();
  return session.write(actor, (draft) => {
    const aims = aimsOf(things, wanted);
    forget();
    const at = core.ports.clock.now();
    const last = lastPanic(things);
    const before = last?.value.outcome === undefined ? last : undefined;
    if (last !== undefined && before === undefined) draft.remove('panic', last.id);
    const sessions = endSessions(draft, things, aims.profiles);
    for (const { id } of things.all('profile')) forgetLeft(draft, things, id);
    for (const { id, value } of aims.keys) {
      if (value.status === 'active') draft.put('accessKey', id, { ...value, status: 'disabled' });
    }
    for (const { id, value } of aims.clients) draft.put('client', id, { ...value, enabled: false });
    const id = before?.id ?? session.newId();
    draft.put(
      'panic',
      id,
      grown(before?.value, { startedAt: at, cutoff: at + MARGIN_MS, ...found(things, aims, sessions), sessions }),
    );
    draft.record('panic.start', undefined, {
      reason: `${aims.keys.length} keys and ${aims.clients.length} clients are switched off`,
    });
    return () => id;
  });
}

/** Those of the profiles are kept for this alone; the others end. */
function endSessions(draft: Draft, things: Things, profiles: readonly Found<'profile'>[]): PanicRecord['sessions'] {
  const kept: PanicRecord['sessions'] = [];
  for (const { id, value: held } of things.all('awsSession')) {
    const profile = profiles.find((one) => one.id === held.profile);
    if (profile === undefined) {
      removeSession(draft, things, held.profile);
      continue;
    }
    draft.remove('awsSession', id);
    for (const object of objectsOf(held.previous)) draft.removeObject(object);
    const { accessKeyId, secret, token, expiresAt } = held;
    const role = profile.value.role?.arn ?? roleOfSession(held.arn);
    const key = rootKey(things, profile);
    kept.push({
      profileName: profile.value.name,
      account: profile.value.account,
      ...(key === undefined ? {} : { key }),
      ...(role === undefined ? {} : { role }),
      ...{ accessKeyId, secret, expiresAt },
      ...(token === undefined ? {} : { token }),
    });
  }
  return kept;
}

function found(
  things: Things,
  { keys, profiles, clients }: Aims,
  sessions: PanicRecord['sessions'],
): Pick<PanicRecord, 'keys' | 'clients' | 'steps' | 'strangers'> {
  const name = (account: string): string => things.must('account', account).name;
  const steps: PanicStepRecord[] = [];
  const add = (step: Omit<PanicStepRecord, 'state' | 'accountName'>): void => {
    const next = { ...step, accountName: name(step.account), state: 'todo' as const };
    if (!steps.some((one) => sameStep(one, next))) steps.push(next);
  };
  for (const { value } of profiles) {
    if (value.role !== undefined) add({ act: 'denyRole', account: value.account, target: value.role.arn });
  }
  // Of roles that a sign-in elsewhere has led to.
  for (const { role, account } of sessions) if (role !== undefined) add({ act: 'denyRole', account, target: role });
  for (const key of keys) {
    const of = { account: key.value.account, key: key.id, keyName: key.value.name };
    // What is temporary has no switch in IAM: that its sessions are refused ends it.
    if (key.value.token === undefined) add({ act: 'deactivate', target: key.value.accessKeyId, ...of });
    for (const target of keysOfRotation(things, key.id)) add({ act: 'deactivate', target, ...of });
  }
  const aimed = keys.map(({ id, value }) => ({
    key: id,
    name: value.name,
    account: value.account,
    wasActive: value.status === 'active',
  }));
  for (const aim of credentialAims(things, aimed)) add(aim);
  return { steps, strangers: [], clients: clients.map(({ id }) => id), keys: aimed };
}

function grown(before: PanicRecord | undefined, next: PanicRecord): PanicRecord {
  if (before === undefined) return next;
  const keys = before.keys.filter(({ key }) => !next.keys.some((one) => one.key === key));
  const steps = before.steps.map((step) => {
    if (!isDeactivation(step) || step.state !== 'done') return anew(step);
    if (before.backAt === undefined) return step;
    // A person was told to make it active where the vault could not.
    return { ...anew(step), ...(step.already === true ? {} : { unsure: true as const }) };
  });
  return {
    ...next,
    startedAt: before.startedAt,
    keys: [...keys, ...next.keys.map((one) => ({ ...one, ...before.keys.find(({ key }) => key === one.key) }))],
    clients: [...new Set([...before.clients, ...next.clients])],
    sessions: [...before.sessions, ...next.sessions],
    steps: [...steps, ...next.steps.filter((step) => !steps.some((one) => sameStep(one, step)))],
    strangers: before.strangers,
    ...(before.lookups === undefined ? {} : { lookups: before.lookups }),
  };
}

/** With the later date, all older sessions are to be refused anew; a key that is off stays off. What AWS may have done, or has done, is not forgotten, unless it is taken back. */
function anew({ already: _already, message: _message, unsure, upTo, ...step }: PanicStepRecord): PanicStepRecord {
  const next = { ...step, state: 'todo' as const };
  if (step.state === 'undone') return next;
  const mayBe = unsure === true || step.state === 'asked' || step.state === 'undoing';
  return { ...next, ...(mayBe ? { unsure: true as const } : {}), ...(upTo === undefined ? {} : { upTo }) };
}
