import type { Credential } from '../../contract/credentials.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { Input } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { makeService, takeInService } from '../credentials/add-service.ts';
import { makeSshKey } from '../credentials/add-ssh-key.ts';
import { ASKING_KINDS, askIam, thrownByAws } from '../credentials/ask-iam.ts';
import { CREDENTIAL_KINDS, viewCredential } from '../credentials/view-credential.ts';
import { gateKeys } from '../gates/enrolled-keys.ts';
import type { ObjectRef } from '../hsm/protocol.ts';
import { assertNoOpenPanic } from '../leave/may-leave.ts';
import { isFault } from '../rotation/faults.ts';
import type { Session } from '../session.ts';
import type { Found } from '../things.ts';
import { renamed } from './accounts.ts';
import { throttled, withWayIn } from './authorize.ts';
import type { CallContext, Handlers } from './handler.ts';
import { replyKeyBytes } from './make-client-key.ts';
import { removeCredential } from './removal.ts';

const KINDS = [...CREDENTIAL_KINDS, ...ASKING_KINDS] as const;

/** What IAM users have besides access keys. */
export const credentialHandlers: Handlers<
  | 'credential.list'
  | 'credential.get'
  | 'credential.add'
  | 'credential.update'
  | 'credential.remove'
  | 'credential.reveal'
> = {
  'credential.list': async ({ core }) => {
    const things = await core.session().need(...CREDENTIAL_KINDS);
    return { credentials: things.all('credential').map((found) => viewCredential(things, found)) };
  },

  'credential.get': async ({ core }, { name }) => {
    const things = await core.session().need(...CREDENTIAL_KINDS);
    return viewCredential(things, things.byName('credential', name));
  },

  'credential.add': async (call, wanted) => {
    const session = call.core.session();
    const things = await session.need(...KINDS);
    const key = things.byName('accessKey', wanted.key);
    if (wanted.type === 'smtp') return addSmtp(call, wanted, key);
    const existing = wanted.type === 'service' ? wanted.existing : undefined;
    if (wanted.type === 'service' && existing !== undefined) {
      return viewOf(session, await takeInService(call, { ...wanted, existing }, key));
    }
    // What appears at IAM while one is made has to be that one.
    const id = await session.turns.take(`credentials of ${key.id}`, async () => {
      await session.need(...KINDS);
      return wanted.type === 'sshKey' ? makeSshKey(call, wanted, key) : makeService(call, wanted, key);
    });
    return viewOf(session, id);
  },

  'credential.update': ({ core, actor }, { name, rename, note }) => {
    const session = core.session();
    return session.write(actor, (draft) => {
      const { id, value } = session.things.byName('credential', name);
      if (rename !== undefined) session.things.assertFree('credential', rename, id);
      const next = { ...value, name: rename ?? value.name, note: note ?? value.note };
      draft.put('credential', id, next);
      draft.record('credential.update', next.name, renamed(value.name, next.name));
      return () => viewCredential(session.things, { id, value: next });
    });
  },

  'credential.remove': async (call, { name, atAws }) => {
    const { core, actor } = call;
    const session = core.session();
    const things = await session.need(...KINDS);
    const credential = things.byName('credential', name);
    requireNotRotated(session, credential);
    if (atAws) await removeAtIam(call, credential);
    return session.write(actor, (draft) => {
      const found = session.things.byName('credential', name);
      requireNotRotated(session, found);
      removeCredential(draft, session.things, found, atAws ? 'deleted in IAM' : undefined);
      return () => ({});
    });
  },

  'credential.reveal': async (call, { name, authorize, replyKey }) => {
    const { core, actor } = call;
    const reply = replyKeyBytes(replyKey);
    const session = core.session();
    const things = await session.need(...CREDENTIAL_KINDS, 'securityKey', 'panic');
    const credential = things.byName('credential', name);
    assertNoOpenPanic(things);
    const what = secretOf(session, credential);
    const slots = () => session.vault.slots();
    const { credential: secret } = await withWayIn(call, authorize, slots, 'authorize', (given) =>
      throttled(call, 'credential.reveal', () => {
        // One may have begun while a person was asked.
        assertNoOpenPanic(session.things);
        return session.hsm.call('revealCredential', {
          ...what,
          secret: given,
          slots: slots(),
          enrolled: session.vault.objectRecords(gateKeys(things).map(({ object }) => object)),
          replyKey: reply,
        });
      }),
    );
    // Written before it leaves.
    await session.note(actor, 'credential.reveal', credential.value.name, { reason: 'left the app' });
    return { credential: viewCredential(things, credential), secret };
  },
};

function viewOf({ things }: Session, id: string): Credential {
  return viewCredential(things, { id, value: things.must('credential', id) });
}

function addSmtp(
  { core, actor }: CallContext,
  { name, note, region }: Extract<Input<'credential.add'>, { type: 'smtp' }>,
  key: Found<'accessKey'>,
): Promise<Credential> {
  const session = core.session();
  if (key.value.token !== undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `key: ${key.value.name} is temporary, and no SMTP password follows from it.`,
    );
  }
  return session.write(actor, (draft) => {
    session.things.assertFree('credential', name);
    const id = session.newId();
    const createdAt = core.ports.clock.now();
    draft.put('credential', id, { type: 'smtp', name, key: key.id, note: note ?? '', createdAt, region });
    draft.record('credential.add', name, { reason: `SMTP in ${region}, of ${key.value.name}` });
    return () => viewOf(session, id);
  });
}

function requireNotRotated({ things }: Session, { id, value: { name } }: Found<'credential'>): void {
  const underWay = things
    .all('rotation')
    .some(({ value }) => value.credential?.id === id && value.outcome === undefined);
  if (!underWay) return;
  throw new KeyholdError(
    'InUse',
    `${name} is being rotated. Wait for that, or roll it back first: keyhold rotate rollback ${quotedName(name)}`,
  );
}

async function removeAtIam(call: CallContext, { value }: Found<'credential'>): Promise<void> {
  const { things } = call.core.session();
  if (value.type === 'smtp') {
    throw new KeyholdError('InvalidInput', `${value.name} follows from an access key, and IAM knows nothing of it.`);
  }
  const { type, credentialId: id } = value;
  if (id === undefined) {
    throw new KeyholdError('InvalidInput', `${value.name} is not complete. Add it once more, or remove it here only.`);
  }
  const { iam, userName, ask } = await askIam(call, { id: value.key, value: things.must('accessKey', value.key) });
  const which = { userName, id };
  await ask((signer) =>
    type === 'service' ? iam.deleteCredential(signer, which) : iam.deleteSshKey(signer, which),
  ).catch((error: unknown) => {
    // Somebody else was there before.
    if (!isFault(thrownByAws(error), 'missing')) throw error;
  });
}

/** What the HSM shows something of. */
function secretOf(session: Session, { value }: Found<'credential'>): { key: ObjectRef; smtpRegion?: string } {
  if (value.type === 'smtp') {
    const { secret, status, name } = session.things.must('accessKey', value.key);
    if (status !== 'active') {
      throw new KeyholdError(
        'HsmRefused',
        `The access key ${name} is disabled. Enable it to use what follows from it.`,
      );
    }
    return { key: session.objectRef(secret.id), smtpRegion: value.region };
  }
  if (value.secret === undefined) {
    throw new KeyholdError('InvalidInput', `${value.name} is not complete. Add it once more with the same name first.`);
  }
  return { key: session.objectRef(value.secret.id) };
}
