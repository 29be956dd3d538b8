import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Seal } from '../../client/client.ts';
import { wipe } from '../../client/import/credential-values.ts';
import { KeyholdError } from '../../contract/errors.ts';
import type { MethodName, Params, Result } from '../../contract/methods.ts';
import type { Sealed } from '../../contract/schemas.ts';
import { writeFileAtomically } from '../../daemon/write-file-atomically.ts';
import type { Cli } from '../cli.ts';

/**
 * What `keyhold hsm login` leaves for the commands after it. Worth nothing once the vault has been locked, the user has logged out or nothing was done for 15
 * minutes: what it says is checked by the HSM process, which has forgotten the session then.
 */
const SessionFile = z.object({ name: z.string(), session: z.base64() });

function pathOf(cli: Cli): string {
  return join(cli.home, 'hsm-session.json');
}

export function writeSession(cli: Cli, name: string, secret: Uint8Array): void {
  writeFileAtomically(pathOf(cli), JSON.stringify({ name, session: Buffer.from(secret).toString('base64') }));
}

export function forgetSession(cli: Cli): void {
  rmSync(pathOf(cli), { force: true });
}

/** The session's secret, the caller's to wipe; null where nobody has logged in. */
function readSession(cli: Cli): Uint8Array | null {
  try {
    const parsed = SessionFile.safeParse(JSON.parse(readFileSync(pathOf(cli), 'utf8')));
    return parsed.success ? new Uint8Array(Buffer.from(parsed.data.session, 'base64')) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** A call as the user who is logged in. Throws `HsmLoginRequired`, `NotFound` where the HSM has no users. */
export async function callAsUser<M extends MethodName>(
  cli: Cli,
  method: M,
  build: (session: Sealed, seal: Seal) => Promise<Params<M>>,
): Promise<Result<M>> {
  const secret = readSession(cli);
  if (secret === null) {
    const { users } = await cli.call('hsm.users', {});
    if (users.length === 0) {
      throw new KeyholdError(
        'NotFound',
        'This HSM has no users; the owner of the vault does everything. Make the first crypto officer with "keyhold hsm users init NAME".',
      );
    }
    throw new KeyholdError(
      'HsmLoginRequired',
      'Nobody is logged in to the HSM here. Log in with "keyhold hsm login NAME".',
    );
  }
  try {
    return await cli.callSealed(method, async (seal) => build(await seal('hsm-session', secret), seal));
  } finally {
    wipe(secret);
  }
}

/** Logs out who is logged in here, if anybody is; the name, null where the session had ended already. */
export async function logOut(cli: Cli): Promise<string | null> {
  try {
    const { name } = await callAsUser(cli, 'hsm.logout', async (session) => ({ session }));
    return name;
  } finally {
    forgetSession(cli);
  }
}

/** Before another login takes its place: a session that nobody holds any more would live on. */
export async function endFormerSession(cli: Cli): Promise<void> {
  const secret = readSession(cli);
  if (secret === null) return;
  wipe(secret);
  await logOut(cli);
}

/** The session sealed, where somebody has logged in, for calls that may do without. */
export async function sealedSession(cli: Cli, seal: Seal): Promise<{ session?: Sealed }> {
  const secret = readSession(cli);
  if (secret === null) return {};
  try {
    return { session: await seal('hsm-session', secret) };
  } finally {
    wipe(secret);
  }
}
