import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../core/ports.ts';

const TOKEN_LIFE_MS = 5 * 60_000;
const SESSION_IDLE_MS = 12 * 3_600_000;
const MAX_TOKENS = 16;
const MAX_SESSIONS = 16;

/**
 * One-time tokens (256 bits, five minutes, single use) and the sessions they become (256 bits, gone after twelve hours without a
 * request or with the daemon). Only hashes are kept, so a copy of the daemon's memory does not hold a working cookie.
 */
export class WebSessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tokens: { hash: Buffer; until: number; gone(): void }[] = [];
  readonly #sessions: { hash: Buffer; until: number }[] = [];

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** `onGone` is called once, when the token was used, grew too old or had to make room. */
  issueToken(onGone: () => void = () => undefined): string {
    const token = this.#secret();
    const timer = this.#clock.setTimer(TOKEN_LIFE_MS, () => this.#drop(this.#tokens.indexOf(one)));
    const one = {
      hash: hash(token),
      until: this.#clock.monotonic() + TOKEN_LIFE_MS,
      gone() {
        timer.cancel();
        onGone();
      },
    };
    this.#tokens.push(one);
    if (this.#tokens.length > MAX_TOKENS) this.#drop(0);
    return token;
  }

  /** The new session's id, or null for a token that is unknown, used or too old. */
  redeem(token: string): string | null {
    const at = this.#find(this.#tokens, token);
    if (at === -1) return null;
    this.#drop(at);
    const session = this.#secret();
    this.#sessions.push({ hash: hash(session), until: this.#clock.monotonic() + SESSION_IDLE_MS });
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift();
    return session;
  }

  valid(session: string): boolean {
    const at = this.#find(this.#sessions, session);
    const found = this.#sessions[at];
    if (found === undefined) return false;
    found.until = this.#clock.monotonic() + SESSION_IDLE_MS;
    return true;
  }

  #drop(at: number): void {
    const [token] = at === -1 ? [] : this.#tokens.splice(at, 1);
    token?.gone();
  }

  #secret(): string {
    return Buffer.from(this.#random.bytes(32)).toString('base64url');
  }

  #find(among: readonly { hash: Buffer; until: number }[], secret: string): number {
    const wanted = hash(secret);
    const now = this.#clock.monotonic();
    return among.findIndex((one) => timingSafeEqual(one.hash, wanted) && now < one.until);
  }
}

function hash(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
