import { createReplyKey } from '../client/seal.ts';
import type { Params } from '../contract/methods.ts';
import type { IssuedClientKey } from '../contract/schemas.ts';
import type { Cli } from './cli.ts';

/** A client key with its secret opened. It is worth nothing outside this vault's door. */
export interface OpenClientKey extends Omit<IssuedClientKey, 'secretAccessKey'> {
  secretAccessKey: string;
}

/** Asks for an ephemeral client key and opens its secret. */
export async function issueClientKey(
  cli: Cli,
  params: Omit<Params<'client.issue'>, 'replyKey'>,
): Promise<OpenClientKey> {
  const reply = await createReplyKey();
  const issued = await cli.call('client.issue', { ...params, replyKey: reply.publicKey });
  const secret = await reply.open(issued.secretAccessKey, 'client-secret');
  return { ...issued, secretAccessKey: new TextDecoder().decode(secret) };
}

/** The same for a client that a person names. */
export async function addClientKey(cli: Cli, params: Omit<Params<'client.add'>, 'replyKey'>): Promise<OpenClientKey> {
  const reply = await createReplyKey();
  const issued = await cli.call('client.add', { ...params, replyKey: reply.publicKey });
  const secret = await reply.open(issued.secretAccessKey, 'client-secret');
  return { ...issued, secretAccessKey: new TextDecoder().decode(secret) };
}
