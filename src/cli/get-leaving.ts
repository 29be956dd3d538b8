import { createReplyKey } from '../client/seal.ts';
import type { Result } from '../contract/methods.ts';
import type { Cli } from './cli.ts';

export interface OpenLeaving extends Omit<Result<'leave.process'>, 'secretAccessKey'> {
  secretAccessKey: string;
}

/** Temporary credentials of a profile with their secret opened. AWS takes them until they end. */
export async function getLeaving(cli: Cli, profile: string): Promise<OpenLeaving> {
  const reply = await createReplyKey();
  const got = await cli.call('leave.process', { profile, replyKey: reply.publicKey });
  const secret = await reply.open(got.secretAccessKey, 'session-secret');
  return { ...got, secretAccessKey: new TextDecoder().decode(secret) };
}
