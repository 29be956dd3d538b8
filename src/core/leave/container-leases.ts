import { KeyholdError } from '../../contract/errors.ts';
import type { ContainerLease } from '../../contract/leave.ts';
import type { Core } from '../core.ts';
import { equal } from '../crypto/equal.ts';
import { sha256 } from '../crypto/sha256.ts';
import { wipe } from '../crypto/wipe.ts';
import { hexId } from '../draft.ts';
import { onBehalfOf } from '../gates/touch-call.ts';
import type { Things } from '../things.ts';
import { instant } from '../views.ts';
import { letLeave, passProfileGate } from './let-leave.ts';
import { assertMayLeave } from './may-leave.ts';

const TOKEN_BYTES = 32;
/** More at once are a mistake of somebody's. */
const MOST_LEASES = 256;

/** What a tool gets at the container endpoint. The bytes are the caller's to wipe. */
export interface ContainerCredentials {
  accessKeyId: string;
  secret: Uint8Array;
  token: Uint8Array;
  /** ms since epoch */
  expiresAt: number;
}

interface Lease {
  id: string;
  /** Record id. */
  profile: string;
  label: string;
  since: number;
  expiresAt: number | undefined;
  /** SHA-256 of the bearer token, which is kept nowhere. */
  proof: Uint8Array;
  fetches: number;
}

/**
 * Who may fetch temporary credentials at the container endpoint: in memory alone, for as long as the command runs that it was made for, or until a time. While the vault is locked a
 * lease is worth nothing; after the next unlock it goes on.
 */
export class ContainerLeases {
  readonly #core: () => Pick<Core, 'ports' | 'session' | 'lifecycle' | 'emit'>;
  readonly #leases = new Map<string, Lease>();
  /** Told when the last one has ended: nobody needs the endpoint any more. */
  onEmpty: (() => void) | undefined;

  constructor(core: () => Pick<Core, 'ports' | 'session' | 'lifecycle' | 'emit'>) {
    this.#core = core;
  }

  /** `connection` ends it when it aborts. */
  add(
    profile: string,
    {
      label,
      expiresAt,
      connection,
    }: { label: string; expiresAt?: number | undefined; connection?: AbortSignal | undefined },
  ): { id: string; token: string } {
    const { ports } = this.#core();
    this.#forgetExpired();
    if (this.#leases.size >= MOST_LEASES) {
      throw new KeyholdError(
        'TooManyAttempts',
        `${MOST_LEASES} commands fetch credentials at the container endpoint already. End some of them first.`,
      );
    }
    const id = hexId(ports);
    const token = Buffer.from(ports.random.bytes(TOKEN_BYTES)).toString('base64url');
    const since = ports.clock.now();
    this.#leases.set(id, { id, profile, label, since, expiresAt, proof: proofOf(token), fetches: 0 });
    connection?.addEventListener('abort', () => this.end(id), { once: true });
    if (connection?.aborted === true) this.end(id);
    this.#changed();
    return { id, token };
  }

  end(id: string): void {
    if (!this.#leases.delete(id)) return;
    this.#changed();
    if (this.#leases.size === 0) this.onEmpty?.();
  }

  /** Answers how many there were. */
  endOf(profile: string): number {
    const ended = [...this.#leases.values()].filter((lease) => lease.profile === profile);
    for (const { id } of ended) this.end(id);
    return ended.length;
  }

  list(things: Things): ContainerLease[] {
    this.#forgetExpired();
    return [...this.#leases.values()].flatMap((lease) => {
      const profile = things.get('profile', lease.profile);
      return profile === undefined ? [] : [viewLease(lease, profile.name)];
    });
  }

  view(things: Things, id: string): ContainerLease {
    const lease = this.#leases.get(id);
    if (lease === undefined) throw unknown();
    return viewLease(lease, things.must('profile', lease.profile).name);
  }

  /**
   * What the tool behind this request gets. `caller` aborts when it has gone. Throws `Unauthorized` for a token that is not a lease's, and why there is nothing for it otherwise.
   */
  async fetch(id: string, token: string, caller: AbortSignal): Promise<ContainerCredentials> {
    this.#forgetExpired();
    const lease = this.#leases.get(id);
    // As long for a lease that there is not.
    const right = equal(proofOf(token), lease?.proof ?? proofOf(''));
    if (lease === undefined || !right) throw unknown();
    const core = this.#core();
    const session = core.session();
    core.lifecycle.touch();
    const things = await session.need('profile', 'account', 'accessKey', 'leftSession', 'settings');
    const value = things.get('profile', lease.profile);
    if (value === undefined) {
      this.end(id);
      throw unknown();
    }
    const profile = { id: lease.profile, value };
    assertMayLeave(things, profile, 'container');
    const behalf = {
      what: () => `let ${lease.label} have new temporary credentials of ${value.name}`,
      signal: caller,
      touches: [],
    };
    return onBehalfOf(behalf, async () => {
      const found = await session.leaver.forTools(profile, {
        client: lease.label,
        beforeAsking: () => passProfileGate(session, profile),
      });
      const left = await letLeave(
        { session, ports: core.ports, actor: 'daemon' },
        { id: found.id, way: 'container', client: lease.label },
      );
      lease.fetches += 1;
      const { accessKeyId, expiresAt } = left;
      const opened = await session.hsm.call('leaveSecret', { key: session.objectRef(left.secret) });
      if (!('secret' in opened)) throw new KeyholdError('Internal', 'The HSM process sealed what was asked for open.');
      try {
        const { token: bytes } = await session.hsm.call('openToken', { key: session.objectRef(left.token) });
        return { accessKeyId, secret: opened.secret, token: bytes, expiresAt };
      } catch (error) {
        wipe(opened.secret);
        throw error;
      }
    });
  }

  #forgetExpired(): void {
    const now = this.#core().ports.clock.now();
    for (const { id, expiresAt } of [...this.#leases.values()]) {
      if (expiresAt !== undefined && expiresAt <= now) this.end(id);
    }
  }

  #changed(): void {
    this.#core().emit({ type: 'changed', what: ['sessions'] });
  }
}

function viewLease({ id, label, since, expiresAt, fetches }: Lease, profile: string): ContainerLease {
  return {
    id,
    profile,
    label,
    since: instant(since),
    ...(expiresAt === undefined ? {} : { expiresAt: instant(expiresAt) }),
    fetches,
  };
}

function proofOf(token: string): Uint8Array {
  return sha256(Buffer.from(token, 'utf8'));
}

function unknown(): KeyholdError {
  return new KeyholdError(
    'Unauthorized',
    'Keyhold knows no command with this token: it has ended, or Keyhold was started anew. Start the command again with keyhold exec --container.',
  );
}
