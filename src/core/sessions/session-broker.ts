import { KeyholdError } from '../../contract/errors.ts';
import { onBehalfOf, onNobodysBehalf, type TouchCall, touchCall } from '../gates/touch-call.ts';
import { assertNotStopped } from '../panic/assert-not-stopped.ts';
import type { Found, Thing, Things } from '../things.ts';
import { type Chain, chainOf } from './chain.ts';
import { type AwsCredentials, assertEnabled, keyCredentials, keyOfChain, openSession } from './credentials.ts';
import { backOff, type SessionFailure } from './failures.ts';
import { type BrokerParts, obtainSession } from './obtain-session.ts';
import { loggedMessage } from './program-failed.ts';
import { refreshTime } from './refresh-time.ts';
import { sessionKind } from './session-kind.ts';
import { partsOf, settingsOf } from './settings-of.ts';

/** A session that ends this soon is waited for: a request takes its time to arrive. */
const LAST_MS = 60_000;
/** A profile that was not used for so long before its session is due is not in use. */
const IN_USE_MS = 15 * 60_000;
/** Of a profile's settings while its session is asked for. */
const MOST_CHANGES = 3;
/** After a refresh ahead of time that did not come about. */
const QUIET_RETRY_MS = 60_000;
/** AWS says of sessions that they have ended at most so often, for one profile: something else is wrong where it says so of each. */
const ENDED_AGAIN_MS = 60_000;
/** A session is got anew at most so often because AWS denied something: mostly it denies that to the next one too. */
const DENIED_AGAIN_MS = 3_600_000;
/** The same where none could be got. */
const DENIED_RETRY_MS = 300_000;
/** Whoever revokes sessions means those that have been about for a while. */
const DENIED_AGE_MS = 300_000;

const KINDS = ['profile', 'account', 'accessKey', 'awsSession', 'panic'] as const;

interface Flight {
  done: Promise<void>;
  /** Who is asked for a touch, where one is wanted; nobody by what runs ahead of time. */
  owner: TouchCall | undefined;
}

/** What is known of a profile's session besides the record; gone with the lock. */
interface Entry {
  flight?: Flight | undefined;
  failure?: SessionFailure | undefined;
  settings?: { parts: readonly unknown[]; hash: string };
  timer?: { cancel(): void } | undefined;
  /** Of the record that was last looked at. */
  refresh?: { of: string; at: number };
  /** By the monotonic clock: what AWS granted ends then, whatever the wall clock says. */
  endsAt?: { of: string; at: number };
  /** The session of which AWS has said that it has ended, and when. */
  ended?: { of: string; at: number };
  /** Until when no other session is got because AWS denies something as it does to revoked ones, by the monotonic clock. */
  believedUntil?: number;
  quietFrom: number;
  lastUsed: number;
}

interface How {
  client: string;
  /** Although it was refused just now. */
  anyway?: boolean;
}

/**
 * Temporary credentials of profiles: asked for once however many want them, kept sealed in the vault, refreshed ahead of their end while they are in use, and on demand.
 * One that has ended is never handed out; one that has not is, while its refresh is under way or fails.
 */
export class SessionBroker {
  readonly #parts: BrokerParts & { changed(): void };
  readonly #entries = new Map<string, Entry>();

  constructor(parts: BrokerParts & { changed(): void }) {
    this.#parts = parts;
  }

  /**
   * What signs for a profile now. `client` is who asks, for the session's name. Throws what AWS, the HSM or the network refuses it with, in a sentence; while a
   * refusal is fresh, that one again.
   */
  async credentials(profile: string, client = 'keyhold'): Promise<AwsCredentials> {
    const { session, ports } = this.#parts;
    const things = await session.need(...KINDS);
    for (let tries = 0; ; tries++) {
      const value = things.get('profile', profile);
      if (value === undefined) throw new KeyholdError('NotFound', 'The profile has been removed from Keyhold.');
      const chain = chainOf(things, { id: profile, value });
      const key = keyOfChain(things, chain);
      assertEnabled(key);
      assertNotStopped(things, chain);
      if (key !== undefined && sessionKind(chain) === undefined) return keyCredentials(session, key);
      this.#entry(profile).lastUsed = ports.clock.now();
      const current = await this.#current(things, chain, { client });
      if (current !== undefined) return openSession(session, current.value);
      if (tries === MOST_CHANGES) {
        throw new KeyholdError('Cancelled', `The profile ${value.name} keeps being changed. Try again.`);
      }
    }
  }

  /** Asks AWS for a new session, also when the present one is good or was refused just now. */
  async refresh(profile: Found<'profile'>): Promise<void> {
    const things = await this.#parts.session.need(...KINDS);
    const chain = chainOf(things, profile);
    assertEnabled(keyOfChain(things, chain));
    assertNotStopped(things, chain);
    await this.#refresh(chain, { client: 'keyhold', anyway: true });
  }

  /**
   * AWS does not take this session any more, before its time: somebody revoked it there. The next request gets another one, unless one was got for the same reason a moment ago.
   */
  ended(profile: string, accessKeyId: string): void {
    const { session, ports, changed } = this.#parts;
    if (session.closed || session.things.sessionOf(profile)?.value.accessKeyId !== accessKeyId) return;
    const entry = this.#entry(profile);
    const now = ports.clock.monotonic();
    if (entry.ended !== undefined && (entry.ended.of === accessKeyId || now - entry.ended.at < ENDED_AGAIN_MS)) return;
    entry.ended = { of: accessKeyId, at: now };
    changed();
  }

  /**
   * AWS has denied a request of this session explicitly. It says the same of sessions from before "Revoke active sessions" and of what a policy denies to all of them, so this one stays in use
   * until another one is there, which is got beside it where that takes no person; the next requests are signed with that.
   */
  denied(profile: string, accessKeyId: string): void {
    const { session, ports } = this.#parts;
    if (session.closed) return;
    const value = session.things.get('profile', profile);
    const held = session.things.sessionOf(profile)?.value;
    if (value === undefined || held?.accessKeyId !== accessKeyId) return;
    const chain = chainOf(session.things, { id: profile, value });
    const entry = this.#entry(profile);
    const now = ports.clock.monotonic();
    const young = ports.clock.now() - held.obtainedAt < DENIED_AGE_MS;
    const lately = entry.believedUntil !== undefined && now < entry.believedUntil;
    if (young || lately || value.origin?.kind === 'saml' || this.held(session.things, chain) === undefined) return;
    entry.believedUntil = now + DENIED_AGAIN_MS;
    void this.#refreshAhead(entry, chain).then((got) => {
      if (got) return this.#noteDenial(value.name, accessKeyId);
      entry.believedUntil = ports.clock.monotonic() + DENIED_RETRY_MS;
      return undefined;
    });
  }

  /** The record of a session that is of use for the profile as it is now. */
  held(things: Things, chain: Chain): Found<'awsSession'> | undefined {
    const found = things.sessionOf(chain[0].id);
    if (found === undefined || found.value.settings !== this.#settings(things, chain)) return undefined;
    if (this.#entries.get(chain[0].id)?.ended?.of === found.value.accessKeyId) return undefined;
    return this.#left(found) > 0 ? found : undefined;
  }

  view(profile: string): { refreshing: boolean; failure: SessionFailure | undefined; refreshAt: number | undefined } {
    const entry = this.#entries.get(profile);
    return { refreshing: entry?.flight !== undefined, failure: entry?.failure, refreshAt: entry?.refresh?.at };
  }

  /** What it failed with last may not be so any more: the next one asks again. */
  retry(profile: string): void {
    const entry = this.#entries.get(profile);
    if (entry !== undefined) entry.failure = undefined;
  }

  /** What is under way for it comes to nothing, and it is not refreshed by itself. */
  forget(profile: string): void {
    this.#entries.get(profile)?.timer?.cancel();
    this.#entries.delete(profile);
  }

  stop(): void {
    for (const profile of this.#entries.keys()) this.forget(profile);
  }

  /** Undefined once a new one has been got: it is to be seen whether it is what the profile wants now, for its settings may have been changed meanwhile. */
  async #current(things: Things, chain: Chain, how: How): Promise<Found<'awsSession'> | undefined> {
    const entry = this.#entry(chain[0].id);
    const held = this.held(things, chain);
    if (held !== undefined && this.#left(held) > LAST_MS) {
      if (this.#parts.ports.clock.now() >= this.#refreshAt(entry, held)) void this.#refreshAhead(entry, chain);
      else this.#arm(entry, held);
      return held;
    }
    try {
      await this.#refresh(chain, how);
    } catch (error) {
      if (held !== undefined && this.#left(held) > 0) return held;
      throw error;
    }
    return undefined;
  }

  /** One call to AWS for all who want it. */
  async #refresh(chain: Chain, how: How): Promise<void> {
    for (;;) {
      const entry = this.#entry(chain[0].id);
      const { flight } = entry;
      if (flight === undefined) return this.#fly(entry, chain, how);
      try {
        return await flight.done;
      } catch (error) {
        if (touchCall() === undefined || !wasNotAsked(flight, error)) throw error;
      }
    }
  }

  #fly(entry: Entry, chain: Chain, how: How): Promise<void> {
    const { session, ports, changed } = this.#parts;
    const settings = this.#settings(session.things, chain);
    const { failure } = entry;
    const fresh = failure?.settings === settings && ports.clock.now() < failure.retryAt;
    if (failure !== undefined && fresh && how.anyway !== true) return Promise.reject(failure.error);
    const done = this.#obtain(entry, chain, settings, how).finally(() => {
      entry.flight = undefined;
      changed();
    });
    entry.flight = { done, owner: touchCall() };
    return done;
  }

  async #obtain(entry: Entry, chain: Chain, settings: string, { client }: How): Promise<void> {
    const { session, ports } = this.#parts;
    const [{ id, value: profile }] = chain;
    const kind = sessionKind(chain);
    if (kind === undefined) {
      throw new KeyholdError('InvalidInput', `The profile ${profile.name} signs with its key and has no session.`);
    }
    try {
      const { endsAt } = await askedOpenly(profile, () =>
        obtainSession(this.#parts, chain, { kind, settings, client, wanted: () => this.#entries.get(id) === entry }),
      );
      const made = session.things.sessionOf(id);
      entry.failure = undefined;
      if (made === undefined) return;
      entry.endsAt = { of: made.value.accessKeyId, at: endsAt };
      this.#arm(entry, made);
    } catch (error) {
      entry.failure = backOff(entry.failure, error, { settings, now: ports.clock.now() });
      if (error instanceof KeyholdError && error.code === 'ServiceRefused')
        await this.#noteRefusal(profile.name, error);
      throw error;
    }
  }

  async #noteRefusal(profile: string, error: KeyholdError): Promise<void> {
    const { session, ports } = this.#parts;
    const entry = { profile, service: 'sts', decision: 'denied' as const, reason: loggedMessage(error).slice(0, 300) };
    await session.note('daemon', 'session.obtain', profile, entry).catch((failed: unknown) => {
      ports.log.warn('a refused session could not be recorded', { error: failed });
    });
  }

  async #noteDenial(profile: string, sessionKeyId: string): Promise<void> {
    const { session, ports } = this.#parts;
    const reason = 'AWS denied a request as it does when sessions have been revoked: another one was got';
    await session
      .note('daemon', 'session.doubt', profile, { profile, sessionKeyId, reason })
      .catch((failed: unknown) => {
        ports.log.warn('a denied session could not be recorded', { error: failed });
      });
  }

  /** Nobody waits for it and nobody is asked for a touch. What it fails with is kept; the next one tries again. Whether there is another one now. */
  async #refreshAhead(entry: Entry, chain: Chain): Promise<boolean> {
    const now = this.#parts.ports.clock.now();
    if (entry.flight !== undefined || now < entry.quietFrom) return false;
    entry.quietFrom = now + QUIET_RETRY_MS;
    try {
      await onNobodysBehalf(() => this.#refresh(chain, { client: 'keyhold' }));
      return true;
    } catch (error) {
      // That a person has to be there is how it was set up.
      const expected =
        error instanceof KeyholdError && ['TouchRequired', 'SignInRequired', 'Locked'].includes(error.code);
      if (!expected) this.#parts.ports.log.warn('a session could not be refreshed ahead of its end', { error });
      const held = this.#parts.session.closed ? undefined : this.#parts.session.things.sessionOf(chain[0].id);
      if (held !== undefined) this.#arm(entry, held, QUIET_RETRY_MS);
      return false;
    }
  }

  /** Looks again when the session is due. */
  #arm(entry: Entry, held: Found<'awsSession'>, atLeast = 1): void {
    if (this.#parts.session.closed) return;
    const { clock } = this.#parts.ports;
    const at = this.#refreshAt(entry, held);
    if (entry.timer !== undefined && atLeast === 1) return;
    entry.timer?.cancel();
    const wait = Math.max(atLeast, at - clock.now());
    const { profile } = held.value;
    // A timer belongs to whoever set it, and nobody must be asked for a touch by one that rings hours later.
    entry.timer = onNobodysBehalf(() => clock.setTimer(wait, () => this.#due(entry, profile)));
  }

  #due(entry: Entry, profile: string): void {
    entry.timer = undefined;
    const { session, ports } = this.#parts;
    if (session.closed || this.#entries.get(profile) !== entry) return;
    const value = session.things.get('profile', profile);
    if (value === undefined) {
      this.forget(profile);
      return;
    }
    if (ports.clock.now() - entry.lastUsed > IN_USE_MS) return;
    const chain = chainOf(session.things, { id: profile, value });
    const held = this.held(session.things, chain);
    if (held !== undefined) void this.#refreshAhead(entry, chain);
  }

  #refreshAt(entry: Entry, { value }: Found<'awsSession'>): number {
    if (entry.refresh?.of !== value.accessKeyId) {
      entry.refresh = { of: value.accessKeyId, at: refreshTime(value, this.#parts.ports.random) };
      entry.timer?.cancel();
      entry.timer = undefined;
      entry.quietFrom = 0;
    }
    return entry.refresh.at;
  }

  /** Milliseconds that a session is good for: a clock that was set back does not lengthen it. */
  #left({ value }: Found<'awsSession'>): number {
    const { clock } = this.#parts.ports;
    const endsAt = this.#entries.get(value.profile)?.endsAt;
    const byWall = value.expiresAt - clock.now();
    return endsAt?.of === value.accessKeyId ? Math.min(byWall, endsAt.at - clock.monotonic()) : byWall;
  }

  #settings(things: Things, chain: Chain): string {
    const entry = this.#entry(chain[0].id);
    const parts = partsOf(things, chain);
    const { settings } = entry;
    if (settings?.parts.length === parts.length && parts.every((part, i) => part === settings.parts[i])) {
      return settings.hash;
    }
    entry.settings = { parts, hash: settingsOf(things, chain) };
    return entry.settings.hash;
  }

  #entry(profile: string): Entry {
    const entry = this.#entries.get(profile) ?? { quietFrom: 0, lastUsed: 0 };
    this.#entries.set(profile, entry);
    return entry;
  }
}

/** Who is asked for a touch hears that it lets more pass than one request. */
function askedOpenly<T>({ name }: Thing<'profile'>, work: () => Promise<T>): Promise<T> {
  const call = touchCall();
  if (call === undefined) return work();
  const what = (): string => `${call.what()}, and begin a session of ${name} for what follows`;
  return onBehalfOf({ what, signal: call.signal, touches: call.touches }, work);
}

/** Whether a failure says nothing about this caller: nobody was asked for a touch, or who was asked has gone. */
export function wasNotAsked({ owner }: Pick<Flight, 'owner'>, error: unknown): boolean {
  if (!(error instanceof KeyholdError)) return false;
  if (error.code === 'TouchRequired') return owner === undefined;
  return error.code === 'Cancelled' && owner?.signal?.aborted === true;
}
