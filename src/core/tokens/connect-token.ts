import type { KeyholdError } from '../../contract/errors.ts';
import type { LoginFacts, ModuleFacts } from '../hsm/pkcs11/protocol.ts';
import type { Hsm, ObjectRef } from '../hsm/protocol.ts';
import type { Ports } from '../ports.ts';
import type { TokenDeadlines } from './deadlines.ts';
import { createTokenClient, type TokenClient, unavailable } from './token-client.ts';

/** Where a vendor's module is, and what it is started with. */
export interface ModulePlace {
  /** Absolute path of the shared library. */
  module: string;
  environment: Readonly<Record<string, string>>;
}

/** A token in a module. */
export interface TokenPlace extends ModulePlace {
  label: string;
  /** Null: whichever token has the label. */
  serial: string | null;
}

export interface Connection {
  client: TokenClient;
  module: ModuleFacts;
  facts: LoginFacts;
}

export function startToken(ports: Pick<Ports, 'clock' | 'spawnToken'>, { environment }: ModulePlace): TokenClient {
  return createTokenClient(ports.spawnToken(environment), ports.clock);
}

/** Loads the module in this new process and logs in. The PIN goes from the HSM process to the token process sealed. Whatever goes wrong ends the process. */
export async function connectToken(
  { client, hsm, deadlines }: { client: TokenClient; hsm: Hsm; deadlines: TokenDeadlines },
  place: TokenPlace,
  { pin, finalTry }: { pin: ObjectRef; finalTry: boolean },
): Promise<Connection> {
  try {
    const { publicKey } = await client.call('replyKey', {}, deadlines.connect);
    const module = await client.call('load', { module: place.module }, deadlines.connect);
    const facts = await logIn({ client, hsm, deadlines }, place, { pin, finalTry }, publicKey);
    return { client, module, facts };
  } catch (error) {
    await client.kill(notConnected());
    throw error;
  }
}

/** In a process that has loaded its module and told its reply key. */
export async function logIn(
  { client, hsm, deadlines }: { client: TokenClient; hsm: Hsm; deadlines: TokenDeadlines },
  { label, serial }: Pick<TokenPlace, 'label' | 'serial'>,
  { pin, finalTry }: { pin: ObjectRef; finalTry: boolean },
  publicKey: Uint8Array,
): Promise<LoginFacts> {
  const sealed = await hsm.call('sealTokenPin', { key: pin, replyKey: publicKey });
  const facts = await client.call('login', { label, serial, pin: sealed.pin, finalTry }, deadlines.connect);
  client.setLanes(facts.lanes);
  return facts;
}

export function notConnected(): KeyholdError {
  return unavailable('The token is not connected.');
}
