import { wipe } from '../../../client/import/credential-values.ts';
import { createReplyKey } from '../../../client/seal.ts';
import type { Result } from '../../../contract/methods.ts';
import { call } from '../../api/keyhold.ts';

export interface RotatedClient {
  name: string;
  accessKeyId: string;
  /** Shown once, where it was asked for. */
  secret: string;
  previous: Result<'client.rotate'>['previous'];
}

/** A new key for a tool; its secret is sealed to this page alone. */
export async function rotateClient(name: string, overlapSeconds: number): Promise<RotatedClient> {
  const reply = await createReplyKey();
  const issued = await call('client.rotate', { name, overlapSeconds, replyKey: reply.publicKey });
  const bytes = await reply.open(issued.secretAccessKey, 'client-secret');
  try {
    return {
      name: issued.client.name,
      accessKeyId: issued.accessKeyId,
      secret: new TextDecoder().decode(bytes),
      previous: issued.previous,
    };
  } finally {
    wipe(bytes);
  }
}
