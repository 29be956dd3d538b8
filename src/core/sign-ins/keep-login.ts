import { KeyholdError } from '../../contract/errors.ts';
import type { Actor } from '../draft.ts';
import type { HsmOutput } from '../hsm/protocol.ts';
import { sealForHsm } from '../hsm/seal-for-hsm.ts';
import { omitUndefined } from '../omit-undefined.ts';
import type { Session } from '../session.ts';
import { instant } from '../views.ts';
import type { Login, SignInParts } from './driver.ts';
import type { SignInRecord } from './record.ts';

interface How {
  actor: Actor;
  action: 'signIn.login' | 'signIn.renew';
  /** Asked last: what was signed out or changed meanwhile stays so. */
  wanted(now: SignInRecord): boolean;
}

/** Seals a login and commits it in the place of the one before; its bytes are wiped, whatever comes of it. Throws `Cancelled` for one that is not wanted any more. */
export async function keepLogin(parts: SignInParts, id: string, login: Login, how: How): Promise<void> {
  const { session, ports } = parts;
  const { registration } = login;
  try {
    const { name } = session.things.must('signIn', id);
    const seal = (secret: Uint8Array | undefined, what: string, notAfter?: number) =>
      secret === undefined ? undefined : sealToken(parts, secret, `${name} ${what}`, notAfter);
    const access = await sealToken(parts, login.access, `${name} access token`, login.expiresAt);
    const refresh = await seal(login.refresh, 'refresh token');
    const client = await seal(registration?.secret, 'client secret', registration?.expiresAt);
    await session.write(
      how.actor,
      (draft) => {
        const value = session.things.get('signIn', id);
        if (value === undefined || !how.wanted(value)) {
          throw new KeyholdError('Cancelled', `The sign-in ${name} was changed or signed out meanwhile. Try again.`);
        }
        const { login: before } = value;
        const renewed = how.action === 'signIn.renew';
        // A renewal may leave the token that renews as it is.
        const keptRefresh = renewed && refresh === undefined ? before?.refresh : undefined;
        if (before !== undefined) draft.removeObject(before.access.id);
        if (before?.refresh !== undefined && keptRefresh === undefined) draft.removeObject(before.refresh.id);
        if (registration !== undefined && value.registration !== undefined) {
          draft.removeObject(value.registration.secret.id);
        }
        for (const made of [access, refresh, client]) {
          if (made !== undefined) draft.putObject(made.attributes.id, 1, made.blob);
        }
        const next: SignInRecord = omitUndefined({
          ...value,
          ended: undefined,
          signedInAt: renewed ? value.signedInAt : ports.clock.now(),
          login: omitUndefined({
            who: login.who ?? (renewed ? before?.who : undefined),
            subject: login.subject ?? (renewed ? before?.subject : undefined),
            expiresAt: login.expiresAt,
            access: handleOf(access),
            refresh: refresh === undefined ? keptRefresh : handleOf(refresh),
          }),
          registration:
            registration === undefined || client === undefined
              ? value.registration
              : { ...omitSecret(registration), secret: handleOf(client) },
        });
        draft.put('signIn', id, next);
        draft.record(how.action, value.name, { reason: `until ${instant(login.expiresAt)}` });
        return () => undefined;
      },
      ['signIn'],
    );
  } finally {
    wipeLogin(login);
  }
}

/** Keeps what renews a login the next time, and nothing else of a renewal that is of no use otherwise. The bytes are the caller's to wipe. */
export async function keepRefresh(
  parts: SignInParts,
  id: string,
  secret: Uint8Array,
  isIt: (login: NonNullable<SignInRecord['login']>) => boolean,
): Promise<void> {
  const { session } = parts;
  const { name } = session.things.must('signIn', id);
  const refresh = await sealToken(parts, secret, `${name} refresh token`);
  await session.write(
    'daemon',
    (draft) => {
      const value = session.things.get('signIn', id);
      if (value?.login === undefined || !isIt(value.login)) return () => undefined;
      if (value.login.refresh !== undefined) draft.removeObject(value.login.refresh.id);
      draft.putObject(refresh.attributes.id, 1, refresh.blob);
      draft.put('signIn', id, { ...value, login: { ...value.login, refresh: handleOf(refresh) } });
      draft.record('signIn.renew', value.name, { reason: 'what came with it is not taken' });
      return () => undefined;
    },
    ['signIn'],
  );
}

export function wipeLogin({ access, refresh, registration }: Login): void {
  for (const secret of [access, refresh, registration?.secret]) secret?.fill(0);
}

/** Seals what is no key but as secret: it leaves the HSM only as a token does, for one request. */
async function sealToken(
  { ports, session }: SignInParts,
  secret: Uint8Array,
  label: string,
  notAfter?: number,
): Promise<HsmOutput<'importObject'>> {
  return session.hsm.call('importObject', {
    id: session.newId(),
    sealed: await sealForHsm(session.hsm, 'session-token', secret),
    purpose: 'session-token',
    attributes: {
      class: 'data',
      spec: 'GENERIC_SECRET',
      usage: [],
      extractable: false,
      label,
      createdAt: ports.clock.now(),
      policy: notAfter === undefined ? {} : { notAfter },
    },
  });
}

/** What a login is kept in, in the clear, for one request. The bytes are the caller's to wipe. */
export async function openKept(session: Session, { id }: { id: string }): Promise<Uint8Array> {
  const { token } = await session.hsm.call('openToken', { key: session.objectRef(id) });
  return token;
}

function handleOf({ attributes: { id } }: HsmOutput<'importObject'>): { id: string } {
  return { id };
}

function omitSecret({ secret: _secret, ...rest }: NonNullable<Login['registration']>) {
  return rest;
}
