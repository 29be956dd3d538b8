import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import { RecordId } from '../../contract/schemas.ts';
import { makeEvent } from '../draft.ts';
import type { TouchWanted } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import type { Session } from '../session.ts';
import { credentialIdOf, type GateKey, touchableKeys } from './enrolled-keys.ts';
import type { TouchCall, UsedTouch } from './touch-call.ts';
import type { TouchSource } from './touch-source.ts';

/** What a person has to find the key and touch it. */
const PATIENCE_MS = 30_000;
/** What a caller waits at most, with what others are asked before: tools give up after a minute, and signatures grow old. */
const WHOLE_PATIENCE_MS = 50_000;
/** More at once are not asked for: nobody could tell any more what they allow. */
const MOST_WAITING = 8;

const Wanted = z.object({
  use: z.string(),
  object: RecordId,
  keys: z.union([z.literal('any'), z.array(RecordId)]),
  withinSeconds: z.number(),
});

/** A prompt that several callers wait for: it is given up with the last of them. */
interface Asking {
  result: Promise<UsedTouch>;
  controller: AbortController;
  waiting: number;
}

/**
 * Gets touches for what the HSM has refused with `TouchRequired`: a challenge from the HSM, a signature from a security key, back to the HSM, which judges it. One prompt at a time;
 * many callers of one gate with a window share one, each use of a gate without has its own.
 */
export class TouchBroker {
  readonly #ports: Ports;
  #source: TouchSource;
  readonly #asking = new Map<string, Asking>();
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(ports: Ports, source: TouchSource) {
    this.#ports = ports;
    this.#source = source;
  }

  /** Touches come from there from now on (tests). */
  use(source: TouchSource): void {
    this.#source = source;
  }

  /** Gives up all prompts: there is no longer anything that they could allow. */
  cancel(): void {
    for (const { controller } of this.#asking.values()) controller.abort();
  }

  /** Resolves when the HSM has taken a touch for this refusal. Rejects with `TouchRequired` in words that say why not, `Cancelled`, `Locked`. */
  async pass(session: Session, refusal: KeyholdError, call: TouchCall): Promise<UsedTouch> {
    const wanted: TouchWanted = Wanted.parse(refusal.details);
    const name = wanted.withinSeconds > 0 ? `window ${wanted.object}` : `use ${wanted.use} ${session.newId()}`;
    const under = this.#asking.get(name);
    // One that was just given up is nobody's to join.
    const open = under?.controller.signal.aborted === false ? under : this.#ask(name, session, wanted, call);
    return this.#joined(open, call.signal);
  }

  #ask(name: string, session: Session, wanted: TouchWanted, call: TouchCall): Asking {
    const controller = new AbortController();
    const { signal } = controller;
    const result = this.#inTurn(signal, () => this.#touch(session, wanted, call, signal));
    const asking: Asking = { result, controller, waiting: 0 };
    this.#asking.set(name, asking);
    // Given up, it is nobody's to join, even while its turn has yet to come.
    const done = (): void => {
      if (this.#asking.get(name) === asking) this.#asking.delete(name);
    };
    signal.addEventListener('abort', done, { once: true });
    result.then(done, done);
    return asking;
  }

  /** One after the other. What is given up leaves its place at once, not when its turn comes. */
  #inTurn<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) {
      return Promise.reject(refused('Too many touches are being asked for at once.', 'TooManyAttempts'));
    }
    this.#waiting += 1;
    let inside = true;
    const leave = (): void => {
      if (inside) this.#waiting -= 1;
      inside = false;
    };
    signal.addEventListener('abort', leave, { once: true });
    const result = this.#turn.then(work).finally(leave);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #touch(session: Session, wanted: TouchWanted, call: TouchCall, signal: AbortSignal): Promise<UsedTouch> {
    if (signal.aborted) throw cancelled();
    const things = await session.need('securityKey');
    const fitting = touchableKeys(things).filter(({ object }) => wanted.keys === 'any' || wanted.keys.includes(object));
    if (fitting.length === 0) {
      throw refused(
        'No security key that may allow it is enrolled. Enrol one or loosen the gate, with the recovery code.',
      );
    }
    const source = this.#source;
    const names = fitting.map(({ record }) => record.value.name);
    try {
      const used = await this.#exchange(session, wanted, { source, fitting, what: call.what(), signal });
      this.#record(session, used, call.what());
      return used;
    } catch (error) {
      this.#recordRefused(session, error, names, call.what());
      throw asRefusal(error, names);
    }
  }

  async #exchange(
    session: Session,
    wanted: TouchWanted,
    { source, fitting, what, signal }: { source: TouchSource; fitting: GateKey[]; what: string; signal: AbortSignal },
  ): Promise<UsedTouch> {
    const keys = session.vault.objectRecords(fitting.map(({ object }) => object));
    const { challenge, rpId, clientDataHash, credentials } = await session.hsm.call('touchChallenge', {
      use: wanted.use,
      keys,
    });
    const byObject = new Map(fitting.map((key) => [key.object, key]));
    const request = {
      rpId,
      clientDataHash,
      credentials: credentials.map(({ key, credentialId }) => ({
        credentialId,
        name: byObject.get(key)?.record.value.name ?? key,
      })),
      message: `Touch ${oneOf(fitting)} to ${what}.`,
      withinMs: PATIENCE_MS,
    };
    const answer = await this.#patiently(signal, (limited) => source.getAssertion(request, limited));
    const { key, ...taken } = await session.hsm.call('presentTouch', { challenge, ...answer });
    const used = byObject.get(key);
    if (used === undefined) throw new KeyholdError('Internal', 'The HSM process took a touch of an unknown key.');
    session.touches.note(wanted, used, taken, this.#ports.clock.now());
    return { key: used.record.value.name, credentialId: credentialIdOf(used) };
  }

  async #patiently<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const giveUp = (): void => controller.abort();
    signal.addEventListener('abort', giveUp, { once: true });
    let late = false;
    const timer = this.#ports.clock.setTimer(PATIENCE_MS, () => {
      late = true;
      controller.abort();
    });
    const aborted = new Promise<never>((_resolve, reject) => {
      controller.signal.addEventListener('abort', () => reject(late ? tooLate() : cancelled()), { once: true });
    });
    try {
      return await Promise.race([work(controller.signal), aborted]);
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Rejects as soon as this caller has gone or has waited long enough; the prompt goes with the last one. */
  #joined(asking: Asking, signal: AbortSignal | undefined): Promise<UsedTouch> {
    asking.waiting += 1;
    return new Promise((resolve, reject) => {
      let gone = false;
      const leave = (why: KeyholdError): void => {
        if (gone) return;
        gone = true;
        asking.waiting -= 1;
        if (asking.waiting === 0) asking.controller.abort();
        reject(why);
      };
      const onAbort = (): void => leave(cancelled());
      const timer = this.#ports.clock.setTimer(WHOLE_PATIENCE_MS, () => leave(stillWaiting()));
      if (signal?.aborted === true) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
      asking.result.then(resolve, reject).finally(() => {
        gone = true;
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
      });
    });
  }

  #record(session: Session, used: UsedTouch, what: string): void {
    const event = makeEvent(this.#ports, {
      ...{ action: 'gate.touch', actor: 'daemon', target: used.key, reason: what, mfa: [used] },
    });
    session.tell(event);
  }

  #recordRefused(session: Session, error: unknown, names: readonly string[], what: string): void {
    const cloned = error instanceof KeyholdError && error.details?.['finding'] === 'cloned';
    const code = error instanceof KeyholdError ? error.code : 'Internal';
    session.tell(
      makeEvent(this.#ports, {
        ...{ action: 'gate.touch', actor: 'daemon', target: names.join(', '), decision: 'denied' },
        reason: cloned ? `the counter went back: there may be a copy of the key; to ${what}` : `${code}; to ${what}`,
      }),
    );
    if (cloned && error instanceof KeyholdError) session.notice('error', error.message);
  }
}

function oneOf(keys: readonly GateKey[]): string {
  const names = keys.map(({ record }) => `“${record.value.name}”`);
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} or ${last}`;
}

/** Why a touch was not had, as the caller reads it: always the same code, because it is always the same thing that is missing. */
function asRefusal(error: unknown, names: readonly string[]): unknown {
  if (!(error instanceof KeyholdError)) return error;
  switch (error.code) {
    case 'Locked':
    case 'HsmCrashed':
    case 'VaultTampered':
    case 'Cancelled':
      return error;
    case 'TouchTimeout':
      return refused(`Nobody touched ${names.join(' or ')} within ${PATIENCE_MS / 1000} seconds.`, error.code);
    default:
      return refused(error.message, error.code);
  }
}

function refused(why: string, reason = 'NotFound'): KeyholdError {
  const message = `This wants a touch of a security key. ${why}`;
  return new KeyholdError('TouchRequired', message, { reason });
}

function cancelled(): KeyholdError {
  return new KeyholdError(
    'Cancelled',
    'It was given up before the security key was touched. Start again when you like.',
  );
}

function stillWaiting(): KeyholdError {
  return refused(
    `It was waited for ${WHOLE_PATIENCE_MS / 1000} seconds, with what others asked for before.`,
    'TouchTimeout',
  );
}

function tooLate(): KeyholdError {
  return new KeyholdError('TouchTimeout', 'The security key was not touched in time. Try again and touch it.');
}
