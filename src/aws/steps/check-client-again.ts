import type { DoorClient, LocalDoorClient, RemoteDoorClient } from '../../core/door.ts';
import type { DoorParts } from '../door-parts.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { checkClient } from './check-client.ts';

type Parts = Pick<DoorParts, 'backend' | 'clock'>;

/**
 * The client as it is once its request has been read: it may have been disabled, removed, given another profile or a gate meanwhile.
 * @throws AwsError `AccessDenied`, `ExpiredClient`
 */
export async function checkClientAgain(before: RemoteDoorClient, parts: Parts): Promise<RemoteDoorClient> {
  const now = await parts.backend.resolveClient(before.accessKeyId);
  // What was authorised is the account, and where the request goes is its endpoint.
  const same =
    now?.kind === 'remote' && leadsToTheSame(before, now) && before.account.endpointUrl === now.account.endpointUrl;
  if (!same) throw changed(before);
  checkAsProved(before, now, parts);
  return now;
}

/**
 * The same for the client of a local account, once it was waited for a body or a touch. What it may do is decided by what answers.
 * @throws AwsError `AccessDenied`, `ExpiredClient`
 */
export async function checkLocalClientAgain(before: LocalDoorClient, parts: Parts): Promise<LocalDoorClient> {
  const now = await parts.backend.resolveClient(before.accessKeyId);
  if (now?.kind !== 'local' || !leadsToTheSame(before, now)) throw changed(before);
  checkAsProved(before, now, parts);
  return now;
}

function leadsToTheSame(before: DoorClient, now: DoorClient): boolean {
  return before.id === now.id && before.account.accountId === now.account.accountId;
}

function changed({ name }: DoorClient): AwsError {
  return new AwsError(
    'AccessDenied',
    `The client "${name}" was changed in Keyhold while its request was read. Send it again.`,
  );
}

function checkAsProved(before: DoorClient, now: DoorClient, { clock }: Parts): void {
  checkClient(now, clock.now());
  // Its signature was verified without the touch that it wants by now.
  if (now.gated && !before.gated) {
    throw new AwsError(
      'AccessDenied',
      `The client "${before.name}" wants a security key to be touched since just now. Send the request again.`,
    );
  }
}
