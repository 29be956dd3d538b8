import { KeyholdError } from '../../contract/errors.ts';
import { base32 } from '../client-key-id.ts';
import type { Found, Things } from '../things.ts';
import type { Handler } from './handler.ts';
import { issuedClientKey, makeClientKey, replyKeyBytes } from './make-client-key.ts';

const DEFAULT_LIFE_SECONDS = 12 * 3600;

/**
 * An ephemeral client key. `exec` and `env` always get a new one; `credential-process` gets the profile's present one, sealed to the caller again,
 * until half of its life is over, unless it lives longer than is asked for. An `exec` client goes when the connection that asked for it does.
 */
export const issueClient: Handler<'client.issue'> = async ({ core, actor, connection }, input) => {
  const session = core.session();
  // Its address is part of the answer.
  await core.shell.doorSettled();
  const { things } = session;
  return session.write(actor, async (draft) => {
    const profile = things.byName('profile', input.profile);
    if (input.purpose === 'credential-process') {
      const kept = findKept(things, profile.id, core.ports.clock.now(), input.expiresInSeconds);
      if (kept !== undefined && !kept.value.enabled) {
        throw new KeyholdError(
          'Unauthorized',
          `The client ${kept.value.name} of the profile ${profile.value.name} is disabled; enable it or remove it first.`,
        );
      }
      if (kept !== undefined) {
        const { secret } = await session.hsm.call('revealClientSecret', {
          key: session.objectRef(kept.value.secret.id),
          replyKey: replyKeyBytes(input.replyKey),
          purpose: 'client-secret',
        });
        return () => issuedClientKey(core, session, kept, secret);
      }
    }
    const finish = await makeClientKey(core, session, draft, {
      name: freshName(things, core.ports.random, input.label ?? input.purpose, profile.value.name),
      purpose: input.purpose,
      profile,
      expiresInSeconds: input.expiresInSeconds ?? DEFAULT_LIFE_SECONDS,
      replyKey: input.replyKey,
    });
    return () => {
      const issued = finish();
      if (input.purpose === 'exec' && connection !== undefined) core.leases.hold(issued.accessKeyId, connection);
      return issued;
    };
  });
};

/**
 * The profile's credential-process client with at least half of its life ahead and no more than was asked for: the one that lasts longest. A disabled one comes
 * first and counts until it has expired.
 */
function findKept(
  things: Things,
  profile: string,
  now: number,
  seconds: number | undefined,
): Found<'client'> | undefined {
  const latest = seconds === undefined ? Number.POSITIVE_INFINITY : now + seconds * 1000;
  const expiry = ({ value }: Found<'client'>): number => value.expiresAt ?? 0;
  return things
    .all('client')
    .filter(({ value }) => value.profile === profile && value.purpose === 'credential-process')
    .filter(({ value: { enabled, createdAt, expiresAt } }) => {
      if (expiresAt === undefined || expiresAt <= now) return false;
      return !enabled || (expiresAt <= latest && now < createdAt + (expiresAt - createdAt) / 2);
    })
    .sort((a, b) => Number(a.value.enabled) - Number(b.value.enabled) || expiry(b) - expiry(a))[0];
}

/** e.g. `terraform-prod-k3fq7a`: what a person sees in the list of clients, and can type. */
function freshName(things: Things, random: Parameters<typeof base32>[0], label: string, profile: string): string {
  const clean = label.replaceAll(/[\p{C}/\\\s]+/gu, '-').slice(0, 40);
  for (;;) {
    const name = `${clean}-${profile}-${base32(random, 6).toLowerCase()}`;
    if (things.findByName('client', name) === undefined) return name;
  }
}
