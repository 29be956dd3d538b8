import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../core/ports.ts';

const TOKEN_LIFE_MS = 5 * 60_000;
const SESSION_IDLE_MS = 12 * 3_600_000;
const MAX_TOKENS = 16;
const MAX_SESSIONS = 16;
const MAX_PAGES = 16;

interface Token {
  hash: Buffer;
  until: number;
  gone(): void;
}

interface WebSession {
  hash: Buffer;
  until: number;
  /** Hashes of the keys of the tabs that signed in, oldest first. */
  pages: Buffer[];
}

/**
 * One-time tokens (256 bits, five minutes, single use) and the sessions they become (gone after twelve hours without a request or with the
 * daemon). A session has a secret in the browser's cookie, which all its tabs share, and one for each tab, which only that tab's page holds: cookies
 * go to every port of a host, so a cookie alone opens nothing. All have 256 bits, and only hashes are kept, so that a copy of the daemon's memory
 * holds nothing that works.
 */
export class WebSessions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tokens: Token[] = [];
  readonly #sessions: WebSession[] = [];

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

  /**
   * Signs a tab in: its key, and a cookie where the browser does not have a good one already (a second tab must not end the first one's
   * session). Null for a token that is unknown, used or too old.
   */
  redeem(token: string, cookies: readonly string[]): { pageKey: string; cookie?: string } | null {
    const at = this.#find(this.#tokens, token);
    if (at === -1) return null;
    this.#drop(at);
    const pageKey = this.#secret();
    const known = this.#sessionOf(cookies);
    if (known !== undefined) {
      known.pages.push(hash(pageKey));
      if (known.pages.length > MAX_PAGES) known.pages.shift();
      return { pageKey };
    }
    const cookie = this.#secret();
    this.#sessions.push({ hash: hash(cookie), until: this.#idleUntil(), pages: [hash(pageKey)] });
    if (this.#sessions.length > MAX_SESSIONS) this.#sessions.shift();
    return { pageKey, cookie };
  }

  /** Whether one of the cookies is a session's and the key that of one of its tabs. */
  valid(cookies: readonly string[], pageKey: string): boolean {
    const session = this.#sessionOf(cookies);
    if (session === undefined) return false;
    const wanted = hash(pageKey);
    if (!session.pages.some((page) => timingSafeEqual(page, wanted))) return false;
    session.until = this.#idleUntil();
    return true;
  }

  #sessionOf(cookies: readonly string[]): WebSession | undefined {
    // Another server on this host can set a cookie of the same name: it must not hide ours.
    for (const cookie of cookies) {
      const found = this.#sessions[this.#find(this.#sessions, cookie)];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #idleUntil(): number {
    return this.#clock.monotonic() + SESSION_IDLE_MS;
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
