import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import type { Actor } from '../draft.ts';
import type { TokenFacts } from '../hsm/pkcs11/protocol.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import type { Thing } from '../things.ts';
import { withPinOf } from './pin-turn.ts';

export type Which = 'present' | 'next';

/**
 * Finds out which of two PINs a token has, by logging in with each at most once, `first` before the other; and keeps that one alone. That a PIN is tried is written before it is: whatever ends this,
 * none is tried twice by itself, and a few wrong ones lock a token for good. Throws `TokenUnavailable` where the token is not there, with nothing tried, and `TokenPinRefused` where neither is right or
 * none is left to try. The caller has the PIN to itself (`withPinOf`).
 */
export async function settlePin(session: Session, actor: Actor, id: string, first: Which): Promise<Which> {
  await session.need('hsmToken');
  const order: readonly Which[] = first === 'next' ? ['next', 'present'] : ['present', 'next'];
  for (const which of order) {
    const value = tokenOf(session, id);
    if (value.nextPin === undefined) return 'present';
    if (value.nextPin.tried.includes(which)) continue;
    const pin = session.objectRef(which === 'next' ? value.nextPin.pin.id : value.pin.id);
    try {
      await session.tokens.loginAfter(value, pin, async (tokens) => {
        requireThere(value, tokens);
        await noteTried(session, actor, id, which);
      });
    } catch (error) {
      const tried = tokenOf(session, id).nextPin?.tried.includes(which) === true;
      if (tried && error instanceof KeyholdError && error.code === 'TokenPinRefused') continue;
      throw error;
    }
    await adopt(session, actor, id, which);
    return which;
  }
  throw new KeyholdError(
    'TokenPinRefused',
    `The token ${tokenOf(session, id).name} takes neither its PIN nor the new one, as far as they were tried, once each. Enter the right one with \`keyhold hsm token pin\`, or have both tried again with \`keyhold rotate pin NAME --settle\`.`,
  );
}

/** Without a PIN: a token that is away, or about to lock itself, uses up no try. */
function requireThere({ name, label, serial }: Thing<'hsmToken'>, tokens: readonly TokenFacts[]): void {
  const there = tokens.find((one) => one.label === label && (serial === null || one.serial === serial));
  if (there === undefined) {
    throw new KeyholdError(
      'TokenUnavailable',
      `The token ${name} is not there. Plug it in: which PIN it has is found out then.`,
    );
  }
  if (there.pin !== 'final-try' && there.pin !== 'locked') return;
  throw new KeyholdError(
    'TokenPinRefused',
    there.pin === 'locked'
      ? `The token ${name} has locked its PIN after wrong ones. Its security officer can set a new one; enter that with \`keyhold hsm token pin\`.`
      : `One more wrong PIN would lock the token ${name}, so none is tried by itself. Enter the right one with \`keyhold hsm token pin ${quotedName(name)} --final-try\`.`,
  );
}

function noteTried(session: Session, actor: Actor, id: string, which: Which): Promise<void> {
  return session.write(
    actor,
    (draft) => {
      const value = tokenOf(session, id);
      const { nextPin } = value;
      if (nextPin === undefined) throw new KeyholdError('Cancelled', `The PIN of ${value.name} is certain already.`);
      draft.put('hsmToken', id, { ...value, nextPin: { ...nextPin, tried: [...nextPin.tried, which] } });
      return () => undefined;
    },
    ['hsmToken'],
  );
}

async function adopt(session: Session, actor: Actor, id: string, which: Which): Promise<void> {
  await session.write(
    actor,
    (draft) => {
      const value = tokenOf(session, id);
      const { nextPin, pin } = value;
      if (nextPin === undefined) return () => undefined;
      const [kept, gone] = which === 'next' ? [nextPin.pin, pin] : [pin, nextPin.pin];
      draft.removeObject(gone.id);
      draft.put('hsmToken', id, omitUndefined({ ...value, pin: kept, nextPin: undefined, pinRefusedAt: undefined }));
      draft.record('token.rotate-pin', value.name, {
        reason: which === 'next' ? 'the token has the new PIN' : 'the token has kept its PIN',
      });
      return () => undefined;
    },
    ['hsmToken'],
  );
  await session.tokens.forget(id);
}

/** Those whose change was interrupted, without anybody asking. Never rejects. */
export async function settleTokenPins(session: Session, ports: Pick<Ports, 'log'>): Promise<void> {
  try {
    const things = await session.need('hsmToken');
    for (const { id, value } of things.all('hsmToken')) {
      if (value.nextPin === undefined || value.nextPin.tried.length === 2) continue;
      const which = await withPinOf(session, id, async () => {
        // The change that it was may have ended meanwhile.
        const open = things.get('hsmToken', id)?.nextPin !== undefined;
        return open ? settlePin(session, 'daemon', id, 'present') : undefined;
      });
      if (which === undefined) continue;
      session.notice(
        'info',
        which === 'next'
          ? `The token ${value.name} has its new PIN.`
          : `The PIN of the token ${value.name} was not changed; begin again.`,
      );
    }
  } catch (error) {
    const code = error instanceof KeyholdError ? error.code : undefined;
    if (code === 'Locked' || code === 'HsmCrashed' || code === 'Cancelled') return;
    if (error instanceof KeyholdError && code === 'TokenPinRefused') session.notice('warning', error.message);
    ports.log.warn('a token’s PIN is not certain', { code, ...(code === undefined ? { error } : {}) });
  }
}

/** Throws `NotFound`: it may have been removed while it was asked. */
export function tokenOf(session: Session, id: string): Thing<'hsmToken'> {
  const value = session.things.get('hsmToken', id);
  if (value === undefined) throw new KeyholdError('NotFound', 'This token is no longer in the vault.');
  return value;
}
