import type { DoorClient } from '../../core/door.ts';
import { AwsError } from '../protocol/aws-error.ts';

/**
 * Whether a client, known by its signature, may ask at all right now.
 * @throws AwsError `AccessDenied`, `ExpiredClient`
 */
export function checkClient(client: DoorClient, now: number): void {
  if (!client.enabled) {
    throw new AwsError('AccessDenied', `The client "${client.name}" is disabled in Keyhold.`);
  }
  if (client.expiresAt !== undefined && now >= client.expiresAt) {
    const at = new Date(client.expiresAt).toISOString();
    throw new AwsError('ExpiredClient', `The client key "${client.name}" expired at ${at}. Ask Keyhold for a new one.`);
  }
  if (client.kind === 'remote' && client.key !== undefined && client.key.status !== 'active') {
    throw new AwsError('AccessDenied', `The access key "${client.key.name}" is disabled in Keyhold.`);
  }
}
