import { KeyholdError } from '../../contract/errors.ts';
import type { Actor } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import { settlePin, settlingEnded } from '../tokens/settle-pin.ts';
import { importPin } from './add-token.ts';
import type { Handler } from './handler.ts';
import { viewToken } from './view-token.ts';

/** What a token answers when it has not done it. Anything else leaves open whether it has. */
const NOT_DONE = new Set(['InvalidInput', 'Unsupported', 'HsmRefused', 'TokenPinRefused']);

/**
 * The token’s PIN and the vault’s differ for an instant, which may be the last one: so the vault has both before the token is asked, and keeps the one that a login has proved.
 */
export const rotateTokenPin: Handler<'token.rotatePin'> = async ({ core, actor }, input) => {
  const session = core.session();
  const things = await session.need('hsmToken', 'kmsKeyStore');
  const { id } = things.byName('hsmToken', input.name);
  // One that was interrupted comes first: the token’s PIN has to be known to change it.
  if (things.must('hsmToken', id).nextPin !== undefined) await settlePin(session, actor, id, 'present');
  const before = things.must('hsmToken', id);
  const next = await importPin(core.ports, session, input.pin, before.name);
  const current = session.objectRef(before.pin.id);
  let sent = false;
  try {
    await session.tokens.changePin(
      before,
      { current, next: next.ref, finalTry: input.finalTry ?? false },
      {
        journal: () => journal(session, actor, id, next, core.ports.clock.now()),
        sent() {
          sent = true;
        },
      },
    );
  } catch (error) {
    if (!(error instanceof KeyholdError)) throw error;
    const open = things.get('hsmToken', id)?.nextPin !== undefined;
    if (!open) throw error;
    if (!sent || NOT_DONE.has(error.code)) {
      await drop(session, actor, id);
      throw error;
    }
    const which = await settleAfter(session, actor, id, error);
    if (which === 'present') throw error;
  }
  if (things.get('hsmToken', id)?.nextPin !== undefined) {
    const which = await settlePin(session, actor, id, 'next');
    if (which === 'present') {
      throw new KeyholdError(
        'HsmRefused',
        `The token says that it has changed its PIN, and still has the one before. Nothing has changed; change it with the vendor’s tool, then enter it with \`keyhold hsm token pin ${before.name}\`.`,
      );
    }
  }
  return viewToken(session, { id, value: things.must('hsmToken', id) });
};

export const settleTokenPin: Handler<'token.settlePin'> = async ({ core, actor }, { name }) => {
  const session = core.session();
  const things = await session.need('hsmToken', 'kmsKeyStore');
  const { id } = things.byName('hsmToken', name);
  await settlingEnded(session, id);
  const view = () => viewToken(session, { id, value: things.must('hsmToken', id) });
  if (things.must('hsmToken', id).nextPin === undefined) return { token: view(), kept: 'certain' };
  await session.write(
    actor,
    (draft) => {
      const present = things.must('hsmToken', id);
      if (present.nextPin === undefined) return () => undefined;
      // A person says so: each may be tried once more.
      draft.put('hsmToken', id, { ...present, nextPin: { ...present.nextPin, tried: [] } });
      return () => undefined;
    },
    ['hsmToken'],
  );
  const kept = await settlePin(session, actor, id, 'present');
  return { token: view(), kept };
};

async function journal(
  session: Session,
  actor: Actor,
  id: string,
  next: Awaited<ReturnType<typeof importPin>>,
  now: number,
): Promise<void> {
  await session.write(
    actor,
    (draft) => {
      const value = session.things.must('hsmToken', id);
      if (value.nextPin !== undefined) {
        throw new KeyholdError('InUse', `The PIN of ${value.name} is being changed already. Wait for that.`);
      }
      draft.putObject(next.ref.id, 1, next.blob);
      draft.put('hsmToken', id, { ...value, nextPin: { pin: { id: next.ref.id }, since: now, tried: [] } });
      return () => undefined;
    },
    ['hsmToken'],
  );
}

async function drop(session: Session, actor: Actor, id: string): Promise<void> {
  await session.write(
    actor,
    (draft) => {
      const value = session.things.must('hsmToken', id);
      if (value.nextPin === undefined) return () => undefined;
      draft.removeObject(value.nextPin.pin.id);
      draft.put('hsmToken', id, omitUndefined({ ...value, nextPin: undefined }));
      return () => undefined;
    },
    ['hsmToken'],
  );
}

/** Whether the token had done it before its answer was lost. */
async function settleAfter(session: Session, actor: Actor, id: string, lost: KeyholdError) {
  try {
    return await settlePin(session, actor, id, 'present');
  } catch (error) {
    if (error instanceof KeyholdError && error.code === 'TokenPinRefused') throw error;
    const { name } = session.things.must('hsmToken', id);
    throw new KeyholdError(
      lost.code,
      `${lost.message} Whether the token has taken the new PIN is not known; the vault keeps both, and finds out as soon as the token is there (keyhold rotate pin ${name} --settle looks at once).`,
      lost.details,
      { cause: error },
    );
  }
}
