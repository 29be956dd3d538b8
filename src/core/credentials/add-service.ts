import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import type { Sealed } from '../../contract/schemas.ts';
import type { CallContext } from '../api/handler.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Draft } from '../draft.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { NewCredential } from '../rotation/adapters/credential-calls.ts';
import { mayHaveBeenDone } from '../rotation/faults.ts';
import { LOOKS } from '../rotation/listed-key.ts';
import { pause } from '../rotation/patience.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { type Asking, askIam, thrownByAws } from './ask-iam.ts';
import type { CredentialRecord } from './record.ts';

type Wanted = Extract<Input<'credential.add'>, { type: 'service' }>;
type Service = Extract<CredentialRecord, { type: 'service' }>;
type FoundService = { id: string; value: Service };
type Begun = { found: FoundService; again: boolean };
/** The ids of those of the user and service. */
type List = () => Promise<string[]>;

/** Takes one in that there is already; AWS is not asked. */
export function takeInService(
  { core, actor }: CallContext,
  { name, note, service, existing }: Wanted & { existing: NonNullable<Wanted['existing']> },
  key: Found<'accessKey'>,
): Promise<string> {
  const session = core.session();
  return session.write(actor, async (draft) => {
    session.things.assertFree('credential', name);
    const { credentialId, userName } = existing;
    const twin = session.things
      .all('credential')
      .find(({ value }) => value.type !== 'smtp' && value.key === key.id && value.credentialId === credentialId);
    if (twin !== undefined) {
      throw new KeyholdError('AlreadyExists', `${credentialId} is in the vault already, as ${twin.value.name}.`);
    }
    const createdAt = core.ports.clock.now();
    const secret = await keep(session, draft, { label: credentialId, sealed: existing.password, createdAt });
    const id = session.newId();
    draft.put('credential', id, {
      ...{ type: 'service', name, key: key.id, note: note ?? '', createdAt, service, credentialId, userName, secret },
    });
    draft.record('credential.add', name, { reason: `${credentialId}, taken in` });
    return () => id;
  });
}

/**
 * Has IAM make one. That it is asked is written first: where its answer is lost, the next call with the same name finds what has appeared meanwhile, which gets a new password if a person says that
 * it is the one.
 */
export async function makeService(call: CallContext, wanted: Wanted, key: Found<'accessKey'>): Promise<string> {
  const session = call.core.session();
  const asking = await askIam(call, key);
  const of = { userName: asking.userName, service: wanted.service };
  const list: List = async () => {
    const listed = await asking.ask((signer) => asking.iam.listCredentials(signer, of));
    return listed.map(({ accessKeyId }) => accessKeyId);
  };
  const { found, again } = await begin(call, { wanted, key, before: await list() });
  if (again) {
    const made = await resetOrAsk(asking, { appeared: await lookFor(call, { list, found, wanted }), wanted });
    if (made !== null) return store(call, found, made);
  }
  let made: NewCredential;
  try {
    made = await asking.once((signer) => asking.iam.createCredential(signer, of));
  } catch (error) {
    if (!mayHaveBeenDone(thrownByAws(error))) {
      if (!again && !session.closed) await forget(call, found.id);
      throw error;
    }
    throw new KeyholdError(
      'Unreachable',
      `AWS’s answer was lost, and whether it has made a password for ${asking.userName} is not known. Add ${wanted.name} once more with the same name: it looks first.`,
      undefined,
      { cause: error },
    );
  }
  await store(call, found, made);
  if (again) await tellOfSurplus(call, { list, found, made: made.id });
  return found.id;
}

/** What has appeared since it was first asked for, once IAM lists it. */
async function lookFor(
  { core }: CallContext,
  { list, found, wanted: { reset } }: { list: List; found: FoundService; wanted: Wanted },
): Promise<string[]> {
  for (const wait of LOOKS) {
    const appeared = appearedSince(core.session(), found, await list());
    if (reset === undefined ? appeared.length > 0 : appeared.includes(reset)) return appeared;
    await pause(core.ports.clock, wait);
  }
  return appearedSince(core.session(), found, await list());
}

/** Without those that the vault has by another name. */
function appearedSince({ things }: Session, { value: { making } }: FoundService, listed: readonly string[]): string[] {
  const known = new Set(
    things.all('credential').flatMap(({ value }) => (value.type === 'service' ? (value.credentialId ?? []) : [])),
  );
  return listed.filter((id) => !making?.before.includes(id) && !known.has(id));
}

/** The try before may have made one after all, which IAM did not list in time. */
async function tellOfSurplus(
  { core }: CallContext,
  { list, found, made }: { list: List; found: FoundService; made: string },
): Promise<void> {
  const session = core.session();
  try {
    const surplus = appearedSince(session, found, await list()).filter((id) => id !== made);
    if (surplus.length === 0) return;
    session.notice(
      'warning',
      `${surplus.join(' and ')} has appeared at IAM besides ${made} of ${found.value.name}, and its password never arrived here. Delete it in IAM if no other machine made it.`,
    );
  } catch (error) {
    // It is in the vault, whatever becomes of this look.
    core.ports.log.warn('IAM could not be asked what else has appeared', { credential: found.value.name, error });
  }
}

/** The record that says that IAM is being asked: a new one, or the one of a try before. */
function begin(
  { core, actor }: CallContext,
  { wanted, key, before }: { wanted: Wanted; key: Found<'accessKey'>; before: string[] },
): Promise<Begun> {
  const session = core.session();
  return session.write(actor, (draft): (() => Begun) => {
    const { name, service, note } = wanted;
    const known = session.things.findByName('credential', name);
    const value = known?.value;
    if (known !== undefined && value?.type === 'service' && isUnfinished(value) && value.service === service) {
      if (value.key === key.id) return () => ({ found: { id: known.id, value }, again: true });
    }
    session.things.assertFree('credential', name);
    // Whoever says which one it is means one that was asked for before: by another name, IAM would make one more.
    if (wanted.reset !== undefined) {
      throw new KeyholdError(
        'InvalidInput',
        `reset: ${name} has not been asked for with ${key.value.name}, so ${wanted.reset} cannot be it. Give the name that it was asked for by, or leave reset out.`,
      );
    }
    const createdAt = core.ports.clock.now();
    const id = session.newId();
    const next: Service = {
      ...{ type: 'service', name, key: key.id, note: note ?? '', createdAt, service },
      making: { since: createdAt, before },
    };
    draft.put('credential', id, next);
    draft.record('credential.add', name, { reason: `asks IAM for one for ${service}` });
    return () => ({ found: { id, value: next }, again: false });
  });
}

function isUnfinished({ secret }: Service): boolean {
  return secret === undefined;
}

/** Null where nothing has appeared: then IAM is asked again. */
async function resetOrAsk(
  asking: Asking,
  { appeared, wanted: { name, reset } }: { appeared: readonly string[]; wanted: Wanted },
): Promise<NewCredential | null> {
  if (reset !== undefined) {
    if (!appeared.includes(reset)) {
      throw new KeyholdError(
        'InvalidInput',
        `reset: ${reset} was there before ${name} was asked for, or is not there.`,
      );
    }
    return asking.once((signer) => asking.iam.resetCredential(signer, { userName: asking.userName, id: reset }));
  }
  const [first] = appeared;
  if (first === undefined) return null;
  throw new KeyholdError(
    'InUse',
    `${appeared.join(' and ')} has appeared for ${asking.userName} since ${name} was asked for, and its password never arrived here. If no other machine made it, give it a new one: add ${name} once more with --reset ${first}.`,
    { appeared },
  );
}

async function store({ core, actor }: CallContext, found: FoundService, made: NewCredential): Promise<string> {
  const { id } = found;
  const session = core.session();
  try {
    const sealed = await sealForHsm(session.hsm, 'service-password', made.secret);
    return await session.write(actor, async (draft) => {
      const value = session.things.get('credential', id);
      if (value?.type !== 'service' || value.making === undefined) {
        throw new KeyholdError(
          'InUse',
          `${found.value.name} was completed or removed meanwhile, so ${made.id}, which IAM has just made, is kept nowhere. Delete it in IAM.`,
        );
      }
      const { making: _over, ...rest } = value;
      const secret = await keep(session, draft, { label: made.id, sealed, createdAt: core.ports.clock.now() });
      const { userName, createdAt: issuedAt, expiresAt } = made;
      const next: Service = { ...rest, credentialId: made.id, userName, issuedAt, secret };
      draft.put('credential', id, expiresAt === undefined ? next : { ...next, expiresAt });
      draft.record('credential.add', value.name, { reason: `${made.id} is made` });
      return () => id;
    });
  } finally {
    wipe(made.secret);
  }
}

async function keep(
  session: Session,
  draft: Draft,
  { label, sealed, createdAt }: { label: string; sealed: Sealed; createdAt: number },
): Promise<{ id: string }> {
  const { attributes, blob } = await session.hsm.call('importObject', {
    id: session.newId(),
    sealed,
    purpose: 'service-password',
    attributes: {
      ...{ class: 'secret-key', spec: 'SERVICE_PASSWORD', usage: [], extractable: false },
      ...{ label, createdAt, policy: {} },
    },
  });
  draft.putObject(attributes.id, 1, blob);
  return { id: attributes.id };
}

/** Nothing was made. */
function forget({ core, actor }: CallContext, id: string): Promise<void> {
  const session = core.session();
  return session.write(actor, (draft) => {
    const value = session.things.must('credential', id);
    draft.remove('credential', id);
    draft.record('credential.remove', value.name, { reason: 'IAM refused to make it' });
    return () => undefined;
  });
}
