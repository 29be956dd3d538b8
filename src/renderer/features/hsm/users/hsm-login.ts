import { useQuery } from '@tanstack/react-query';
import type { Seal } from '../../../../client/client.ts';
import { wipe } from '../../../../client/import/credential-values.ts';
import { createReplyKey } from '../../../../client/seal.ts';
import type { MethodName, Params, Result } from '../../../../contract/methods.ts';
import type { Sealed } from '../../../../contract/schemas.ts';
import { callSealed } from '../../../api/keyhold.ts';

/** What `hsm.login` gave this page; in its memory alone, and worth nothing once the HSM has forgotten the session. */
let secret: Uint8Array | null = null;

/** The session sealed, where somebody has logged in here, for calls that may do without. */
export async function sealedSession(seal: Seal): Promise<{ session?: Sealed }> {
  return secret === null ? {} : { session: await seal('hsm-session', secret) };
}

/** Users, quorum and tokens, and who is logged in here. */
export function useHsmUsers() {
  return useQuery({ queryKey: ['hsm', 'users'], queryFn: () => callSealed('hsm.users', sealedSession), staleTime: 0 });
}

/** Throws `WrongSecret`, `TooManyAttempts`. The password stays the caller's to wipe. */
export async function logIn(name: string, password: Uint8Array): Promise<void> {
  if (secret !== null) await logOut();
  const reply = await createReplyKey();
  const login = await callSealed('hsm.login', async (seal) => ({
    name,
    password: await seal('hsm-password', password),
    replyKey: reply.publicKey,
  }));
  secret = await reply.open(login.session, 'hsm-session');
}

export async function logOut(): Promise<void> {
  try {
    await callAsUser('hsm.logout', async (session) => ({ session }));
  } finally {
    forgetLogin();
  }
}

function forgetLogin(): void {
  wipe(secret ?? undefined);
  secret = null;
}

/** A call as the user who is logged in here; with no session, the HSM says what to do. */
export function callAsUser<M extends MethodName>(
  method: M,
  build: (session: Sealed, seal: Seal) => Promise<Params<M>>,
): Promise<Result<M>> {
  return callSealed(method, async (seal) => build(await seal('hsm-session', secret ?? new Uint8Array(32)), seal));
}
