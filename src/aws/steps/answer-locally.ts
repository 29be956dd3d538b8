import type { LocalDoorClient } from '../../core/door.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Claim } from './read-claim.ts';

export interface LocalCall {
  claim: Claim;
  client: LocalDoorClient;
  region: string;
  /** The body, where its signature needed it. */
  early: Buffer | undefined;
  onStart: () => void;
}

/** A request to a local account, known and proved: answered here, never forwarded. */
export async function answerLocally(_x: Exchange, { claim, client }: LocalCall, _door: DoorParts): Promise<void> {
  const { service } = claim.authorization.scope;
  throw new AwsError(
    'NotSupported',
    `The local account "${client.account.name}" has no service ${service} in Keyhold.`,
  );
}
