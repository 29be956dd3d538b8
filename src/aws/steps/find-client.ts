import type { DoorBackend, DoorClient } from '../../core/door.ts';
import type { Exchange } from '../exchange.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Claim } from './read-claim.ts';

/** @throws AwsError `UnknownClient` */
export async function findClient(x: Exchange, claim: Claim, backend: DoorBackend): Promise<DoorClient> {
  const client = await backend.resolveClient(claim.authorization.accessKeyId);
  if (client === null) {
    throw new AwsError(
      'UnknownClient',
      'The security token included in the request is invalid: Keyhold does not know this client key.',
    );
  }
  x.client = client;
  // Client keys have none, so whoever sends one signs with something else than was handed out, or with half of it.
  const { sessionToken } = claim.authorization;
  if (sessionToken !== undefined && sessionToken !== '') {
    throw new AwsError(
      'UnknownClient',
      'The security token included in the request is invalid: client keys of Keyhold have none. Unset AWS_SESSION_TOKEN, or take aws_session_token out of the profile.',
    );
  }
  return client;
}
