import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import type { Sealed } from '../../contract/schemas.ts';
import type { CallContext } from '../api/handler.ts';
import { wipe } from '../crypto/wipe.ts';
import type { Draft } from '../draft.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import type { NewCredential } from '../rotation/adapters/credential-calls.ts';
import { mayHaveBeenDone } from '../rotation/faults.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { type Asking, askIam } from './ask-iam.ts';
import type { CredentialRecord } from './record.ts';

type Wanted = Extract<Input<'credential.add'>, { type: 'service' }>;
type Service = Extract<CredentialRecord, { type: 'service' }>;
type FoundService = { id: string; value: Service };
type Begun = { found: FoundService; again: boolean };

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
  const list = () => asking.ask((signer) => asking.iam.listCredentials(signer, of));
  const before = (await list()).map(({ accessKeyId }) => accessKeyId);
  const { found, again } = await begin(call, { wanted, key, before });
  if (again) {
    const appeared = before.filter((id) => !found.value.making?.before.includes(id));
    const made = await resetOrAsk(asking, { appeared, wanted });
    if (made !== null) return store(call, found, made);
  }
  let made: NewCredential;
  try {
    made = await asking.once((signer) => asking.iam.createCredential(signer, of));
  } catch (error) {
    const cause = error instanceof KeyholdError ? (error.cause ?? error) : error;
    if (!mayHaveBeenDone(cause)) {
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
  return store(call, found, made);
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

async function store({ core, actor }: CallContext, { id }: FoundService, made: NewCredential): Promise<string> {
  const session = core.session();
  try {
    const sealed = await sealForHsm(session.hsm, 'service-password', made.secret);
    return await session.write(actor, async (draft) => {
      const value = session.things.must('credential', id);
      if (value.type !== 'service') throw new Error('a credential of another kind');
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
