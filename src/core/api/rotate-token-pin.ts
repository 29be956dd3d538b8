import { KeyholdError } from '../../contract/errors.ts';
import type { Params } from '../../contract/methods.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Token } from '../../contract/tokens.ts';
import type { Actor } from '../draft.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import { withPinOf } from '../tokens/pin-turn.ts';
import { settlePin, tokenOf } from '../tokens/settle-pin.ts';
import { importPin } from './add-token.ts';
import type { CallContext, Handler } from './handler.ts';
import { viewToken } from './view-token.ts';

/** Answers of a token that has certainly not changed its PIN (PKCS#11 v2.40, section 5.5). Anything else, such as CKR_GENERAL_ERROR, leaves open whether it has. */
const NOT_DONE: readonly unknown[] = [
  'CKR_PIN_INVALID',
  'CKR_PIN_LEN_RANGE',
  'CKR_PIN_INCORRECT',
  'CKR_PIN_LOCKED',
  'CKR_FUNCTION_NOT_SUPPORTED',
  'CKR_SESSION_READ_ONLY',
  'CKR_TOKEN_WRITE_PROTECTED',
];

/**
 * The token’s PIN and the vault’s differ for an instant, which may be the last one: so the vault has both before the token is asked, and keeps the one that a login has proved.
 */
export const rotateTokenPin: Handler<'token.rotatePin'> = async (call, input) => {
  const session = call.core.session();
  const things = await session.need('hsmToken', 'kmsKeyStore');
  const { id } = things.byName('hsmToken', input.name);
  return withPinOf(session, id, () => rotate(call, session, id, input));
};

async function rotate(
  { core, actor }: CallContext,
  session: Session,
  id: string,
  input: Params<'token.rotatePin'>,
): Promise<Token> {
  const { things } = session;
  // One that was interrupted comes first: the token’s PIN has to be known to change it.
  if (tokenOf(session, id).nextPin !== undefined) await settlePin(session, actor, id, 'present');
  const before = tokenOf(session, id);
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
    if (things.get('hsmToken', id)?.nextPin?.pin.id !== next.ref.id) throw error;
    if (!sent || NOT_DONE.includes(error.details?.['ckr'])) {
      await drop(session, actor, id, next.ref.id);
      throw error;
    }
    if ((await settleAfter(session, actor, id, error)) === 'present') throw error;
  }
  if (tokenOf(session, id).nextPin !== undefined) await settlePin(session, actor, id, 'next');
  const value = tokenOf(session, id);
  if (value.pin.id !== next.ref.id) {
    throw new KeyholdError(
      'HsmRefused',
      `The token says that it has changed its PIN, and still has the one before. Nothing has changed; change it with the vendor’s tool, then enter it with \`keyhold hsm token pin ${quotedName(before.name)}\`.`,
    );
  }
  return viewToken(session, { id, value });
}

export const settleTokenPin: Handler<'token.settlePin'> = async ({ core, actor }, { name }) => {
  const session = core.session();
  const things = await session.need('hsmToken', 'kmsKeyStore');
  const { id } = things.byName('hsmToken', name);
  const view = () => viewToken(session, { id, value: tokenOf(session, id) });
  return withPinOf(session, id, async () => {
    if (tokenOf(session, id).nextPin === undefined) return { token: view(), kept: 'certain' };
    await session.write(
      actor,
      (draft) => {
        const present = tokenOf(session, id);
        if (present.nextPin === undefined) return () => undefined;
        // A person says so: each may be tried once more.
        draft.put('hsmToken', id, { ...present, nextPin: { ...present.nextPin, tried: [] } });
        return () => undefined;
      },
      ['hsmToken'],
    );
    const kept = await settlePin(session, actor, id, 'present');
    return { token: view(), kept };
  });
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
      const value = tokenOf(session, id);
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

/** The new PIN of this change, and no other’s. */
async function drop(session: Session, actor: Actor, id: string, pin: string): Promise<void> {
  await session.write(
    actor,
    (draft) => {
      const value = tokenOf(session, id);
      if (value.nextPin?.pin.id !== pin) return () => undefined;
      draft.removeObject(pin);
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
    const { name } = tokenOf(session, id);
    throw new KeyholdError(
      lost.code,
      `${lost.message} Whether the token has taken the new PIN is not known; the vault keeps both, and finds out as soon as the token is there (keyhold rotate pin ${quotedName(name)} --settle looks at once).`,
      lost.details,
      { cause: error },
    );
  }
}
