import type { RemoteDoorClient } from '../../core/door.ts';
import type { DoorParts } from '../door-parts.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { checkClient } from './check-client.ts';

/**
 * The client as it is once its request has been read: it may have been disabled, removed, given another profile or a gate meanwhile.
 * @throws AwsError `AccessDenied`, `ExpiredClient`
 */
export async function checkClientAgain(
  before: RemoteDoorClient,
  { backend, clock }: Pick<DoorParts, 'backend' | 'clock'>,
): Promise<RemoteDoorClient> {
  const now = await backend.resolveClient(before.accessKeyId);
  if (now === null || now.id !== before.id || now.kind !== 'remote' || !leadsToTheSame(before, now)) {
    throw new AwsError(
      'AccessDenied',
      `The client "${before.name}" was changed in Keyhold while its request was read. Send it again.`,
    );
  }
  checkClient(now, clock.now());
  // Its signature was verified without the touch that it wants by now.
  if (now.gated && !before.gated) {
    throw new AwsError(
      'AccessDenied',
      `The client "${before.name}" wants a security key to be touched since just now. Send the request again.`,
    );
  }
  return now;
}

/** What was authorised is the account, and where the request goes is its endpoint. */
function leadsToTheSame(before: RemoteDoorClient, now: RemoteDoorClient): boolean {
  return before.account.accountId === now.account.accountId && before.account.endpointUrl === now.account.endpointUrl;
}
