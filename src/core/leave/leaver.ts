import { KeyholdError } from '../../contract/errors.ts';
import { quotedName } from '../../contract/quoted-name.ts';
import { isTimed, type SessionKind } from '../../contract/roles.ts';
import { wipe } from '../crypto/wipe.ts';
import { type TouchCall, touchCall } from '../gates/touch-call.ts';
import { omitUndefined } from '../omit-undefined.ts';
import { askForSession } from '../sessions/ask-for-session.ts';
import type { StsCredentials } from '../sessions/aws-sts.ts';
import { type Chain, chainOf } from '../sessions/chain.ts';
import { assertEnabled, keyOfChain } from '../sessions/credentials.ts';
import { backOff, type SessionFailure } from '../sessions/failures.ts';
import { keepSession } from '../sessions/keep-session.ts';
import type { BrokerParts } from '../sessions/obtain-session.ts';
import { wasNotAsked } from '../sessions/session-broker.ts';
import { sessionKind } from '../sessions/session-kind.ts';
import { settingsOf } from '../sessions/settings-of.ts';
import type { Found, Things } from '../things.ts';
import { dropLeft, forgetEnded, forgetLeft, leftOf } from './remove-left.ts';

/** What is handed to tools lasts so long where the profile says nothing else. */
const DEFAULT_SECONDS = 3600;
/** It is handed out again until this part of its life is left: AWS's tools ask for the next one a quarter of an hour before its end. */
const LAST_PART = 1 / 3;
/** A kept one that ends this soon is of no use to anybody. */
const LAST_MS = 60_000;
const MOST_TRIES = 3;

interface Flight {
  beforeAsking: (() => Promise<void>) | undefined;
  /** False once it has been revoked meanwhile. */
  wanted(): boolean;
}

/**
 * Temporary credentials that are got to leave: apart from those that requests through the door are signed with, shorter, and in objects that do nothing but leave. Asked for once for all
 * tools of a profile, and handed out again while they are good.
 */
export class Leaver {
  readonly #parts: BrokerParts;
  readonly #flights = new Map<string, { done: Promise<void>; owner: TouchCall | undefined }>();
  readonly #failures = new Map<string, SessionFailure>();

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  /** What a tool of the profile may be given now. `beforeAsking` is awaited before AWS is asked for new ones. Throws why there are none, in a sentence. */
  async forTools(
    profile: Found<'profile'>,
    { client, beforeAsking }: { client: string; beforeAsking?: () => Promise<void> },
  ): Promise<Found<'leftSession'>> {
    const things = await this.#parts.session.need('profile', 'account', 'accessKey', 'awsSession', 'leftSession');
    for (let tries = 0; ; tries++) {
      const value = things.get('profile', profile.id);
      if (value === undefined)
        throw new KeyholdError('NotFound', `The profile ${profile.value.name} has been removed.`);
      const chain = chainOf(things, { id: profile.id, value });
      assertEnabled(keyOfChain(things, chain));
      const kept = this.#kept(things, chain);
      if (kept !== undefined && !this.#isDue(kept)) return kept;
      if (tries === MOST_TRIES) {
        throw new KeyholdError('Cancelled', `The profile ${value.name} keeps being changed. Try again.`);
      }
      try {
        await this.#once(chain, client, beforeAsking);
      } catch (error) {
        if (kept !== undefined && this.#left(kept) > LAST_MS) return kept;
        throw error;
      }
    }
  }

  /** What it failed with last may not be so any more: the next one asks again. */
  retry(profile: string): void {
    this.#failures.delete(profile);
  }

  /** What is under way for it comes to nothing. */
  forget(profile: string): void {
    this.#flights.delete(profile);
    this.#failures.delete(profile);
  }

  /** Temporary credentials for one use that follows at once; kept nowhere. The bytes are the caller's to wipe. */
  async forOneUse(
    profile: Found<'profile'>,
    client: string,
  ): Promise<{ answer: StsCredentials; kind: SessionKind; settings: string }> {
    const things = await this.#parts.session.need('profile', 'account', 'accessKey', 'awsSession', 'leftSession');
    const chain = chainOf(things, profile);
    assertEnabled(keyOfChain(things, chain));
    const { kind, seconds } = wantedOf(chain);
    const { answer } = await askForSession(this.#parts, chain, { kind, client, seconds });
    return { answer, kind, settings: this.#settings(things, chain) };
  }

  /** Undefined where another one has to be got. */
  #kept(things: Things, chain: Chain): Found<'leftSession'> | undefined {
    const settings = this.#settings(things, chain);
    return leftOf(things, chain[0].id).find(
      (one) => one.value.secret !== undefined && one.value.settings === settings && this.#left(one) > 0,
    );
  }

  #isDue(kept: Found<'leftSession'>): boolean {
    return this.#left(kept) <= (kept.value.expiresAt - kept.value.obtainedAt) * LAST_PART;
  }

  #left({ value }: Found<'leftSession'>): number {
    return value.expiresAt - this.#parts.ports.clock.now();
  }

  /** With the profile's own gate: credentials that were got without a touch are not handed out once it wants one. */
  #settings(things: Things, chain: Chain): string {
    const { withinSeconds, keys } = chain[0].value.gate ?? {};
    return `${settingsOf(things, chain)} ${JSON.stringify([wantedOf(chain).seconds, withinSeconds, keys])}`;
  }

  /** One call for all who want it; it runs on behalf of the first of them, and when that one goes away, the next one's turn comes. */
  async #once(chain: Chain, client: string, beforeAsking: (() => Promise<void>) | undefined): Promise<void> {
    const [{ id }] = chain;
    for (;;) {
      const under = this.#flights.get(id);
      if (under === undefined) break;
      try {
        return await under.done;
      } catch (error) {
        if (touchCall() === undefined || !wasNotAsked(under, error)) throw error;
      }
    }
    const flight = { done: Promise.resolve(), owner: touchCall() };
    const wanted = (): boolean => this.#flights.get(id) === flight;
    flight.done = this.#obtain(chain, client, { beforeAsking, wanted }).finally(() => {
      if (wanted()) this.#flights.delete(id);
    });
    this.#flights.set(id, flight);
    return flight.done;
  }

  async #obtain(chain: Chain, client: string, { beforeAsking, wanted }: Flight): Promise<void> {
    const { session, ports } = this.#parts;
    const [{ id, value: profile }] = chain;
    const settings = this.#settings(session.things, chain);
    const failure = this.#failures.get(id);
    if (failure?.settings === settings && ports.clock.now() < failure.retryAt) throw failure.error;
    try {
      await beforeAsking?.();
      const { kind, seconds } = wantedOf(chain);
      refuseTemporaryKey(session.things, chain, kind);
      const { answer } = await askForSession(this.#parts, chain, { kind, client, seconds });
      try {
        assertTemporary(answer, profile.name);
        await this.#keep(chain[0], { settings, wanted }, answer);
      } finally {
        wipe(answer.secret, answer.token);
      }
      this.#failures.delete(id);
    } catch (error) {
      const next = backOff(failure, error, { settings, now: ports.clock.now() });
      if (next !== undefined) this.#failures.set(id, next);
      throw error;
    }
  }

  async #keep(
    profile: Found<'profile'>,
    { settings, wanted }: { settings: string } & Pick<Flight, 'wanted'>,
    answer: StsCredentials,
  ): Promise<void> {
    const { session } = this.#parts;
    await keepSession(this.#parts, profile, { purpose: 'leave', settings, wanted }, answer, (draft, kept) => {
      const { things } = session;
      const { accessKeyId, obtainedAt } = kept;
      forgetEnded(draft, things, obtainedAt);
      // A program, for one, may print the same again.
      const same = leftOf(things, profile.id).find(
        ({ value }) => value.accessKeyId === accessKeyId && value.expiresAt > obtainedAt,
      );
      if (same !== undefined) dropLeft(draft, same);
      forgetLeft(draft, things, profile.id, { now: obtainedAt, except: same?.id });
      const { ways = [], leftAt } = same?.value ?? {};
      draft.put('leftSession', session.newId(), omitUndefined({ ...kept, ways, leftAt }));
    });
  }
}

/** How long it is to last: an hour at most, and no longer than the profile's role. */
function wantedOf(chain: Chain): { kind: SessionKind; seconds: number | undefined } {
  const [{ value }] = chain;
  // A key that signs by itself never leaves; a session of its user does.
  const kind = sessionKind(chain) ?? 'session-token';
  if (!isTimed(kind)) return { kind, seconds: undefined };
  const most = value.role?.durationSeconds ?? DEFAULT_SECONDS;
  return { kind, seconds: Math.min(value.leaveSeconds ?? DEFAULT_SECONDS, most) };
}

function refuseTemporaryKey(things: Things, chain: Chain, kind: SessionKind): void {
  const key = keyOfChain(things, chain)?.value;
  if (kind !== 'session-token' || key?.token === undefined) return;
  throw new KeyholdError(
    'Unsupported',
    `The access key ${key.name} is temporary itself, and AWS gives no session for such a key. Use keyhold exec ${quotedName(chain[0].value.name)}, or a profile with a role.`,
  );
}

/** What has no session token does not end: a long-lived key. */
function assertTemporary({ token }: StsCredentials, name: string): void {
  if (token !== undefined) return;
  throw new KeyholdError(
    'Unsupported',
    `What gives the profile ${name} its credentials gives a long-lived key, and those never leave Keyhold. Use keyhold exec ${quotedName(name)}.`,
  );
}
