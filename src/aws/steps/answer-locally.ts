import type { LocalDoorClient } from '../../core/door.ts';
import { sha256Hex } from '../../core/sigv4/index.ts';
import { hashMismatch } from '../body/check-hash.ts';
import { holdBody } from '../body/hold-body.ts';
import type { DoorParts } from '../door-parts.ts';
import type { Exchange } from '../exchange.ts';
import { serveLocal } from '../local/serve-local.ts';
import { LOCAL_SERVICES } from '../local-services.ts';
import { operationName } from '../operation/operation-name.ts';
import { AwsError } from '../protocol/aws-error.ts';
import { checkLocalClientAgain } from './check-client-again.ts';
import type { Claim } from './read-claim.ts';
import { servedRegion } from './served-region.ts';

export interface LocalCall {
  claim: Claim;
  client: LocalDoorClient;
  region: string;
  /** The body, where its signature needed it. */
  early: Buffer | undefined;
  onStart: () => void;
}

/**
 * A request to a local account, known and proved: answered here, never forwarded.
 * @throws AwsError `BodyHashMismatch`, `NotSupported`, `SignatureDoesNotMatch`, `AccessDenied`, `ExpiredClient`, and as holding a body and
 * serving do; KeyholdError `TouchRequired`
 */
export async function answerLocally(x: Exchange, call: LocalCall, door: DoorParts): Promise<void> {
  const { claim } = call;
  const { backend } = door;
  const { service } = claim.authorization.scope;
  const region = servedRegion(service, call.region);
  const body = call.early ?? (await provenBody(x, call, door));
  x.audit.action = operationName(x, service, body);
  let { client } = call;
  // The body or the touch that its signature wanted may have taken their time: what was changed meanwhile counts.
  if (x.waited || client.gated) client = await checkLocalClientAgain(client, door);
  // Before it is decided: policies may ask whether there was a touch.
  if (client.profile.gated) {
    await backend.passProfile(client, `${x.id} ${x.audit.action}`);
    client = await checkLocalClientAgain(client, door);
  }
  const mfaAge = client.gated || client.profile.gated ? await backend.touchAge(client) : undefined;
  await serveLocal(x, { client, service, region, body, mfaAge }, door, LOCAL_SERVICES);
}

/** The whole body, which must be what the signature covers: outside S3, AWS takes nobody's word for what a body hashes to. */
async function provenBody(x: Exchange, { claim, onStart }: LocalCall, door: DoorParts): Promise<Buffer> {
  const { payload } = claim;
  if (payload.kind !== 'sha256') {
    throw new AwsError('SignatureDoesNotMatch', 'The signature does not cover the body of the request. Sign the body.');
  }
  const body = await holdBody(x, door, onStart);
  if (sha256Hex(body) !== payload.hash) throw hashMismatch();
  return body;
}
