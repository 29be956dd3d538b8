import { ALGORITHM_V4A, sha256Hex } from '../core/sigv4/index.ts';
import { continueOnce } from './body/body-chunks.ts';
import { holdBody } from './body/hold-body.ts';
import type { DoorParts } from './door-parts.ts';
import type { Exchange } from './exchange.ts';
import { regionOf } from './forward/region-of.ts';
import { relayAnswer } from './forward/relay-answer.ts';
import { resign } from './forward/resign.ts';
import { resolveEndpoint } from './forward/resolve-endpoint.ts';
import { sendUpstream } from './forward/send-upstream.ts';
import { watchForEnd } from './forward/watch-for-end.ts';
import { operationName } from './operation/operation-name.ts';
import { detectDialect } from './protocol/dialect.ts';
import { isS3 } from './services.ts';
import { answerLocally } from './steps/answer-locally.ts';
import { authorise } from './steps/authorise.ts';
import { checkClient } from './steps/check-client.ts';
import { checkClientAgain } from './steps/check-client-again.ts';
import { findClient } from './steps/find-client.ts';
import { heldBody, openBody } from './steps/open-body.ts';
import { readClaim } from './steps/read-claim.ts';
import { refuseAmbiguousFraming } from './steps/refuse-ambiguous-framing.ts';
import { refuseAmbiguousPath } from './steps/refuse-ambiguous-path.ts';
import { refuseForeignCallers } from './steps/refuse-foreign-callers.ts';
import { requireUnlocked } from './steps/require-unlocked.ts';
import { checkTimeAndForm, verifySignature } from './steps/verify-signature.ts';

/**
 * The way of every request, in order. Each step either lets it pass or throws the one refusal that the client will read; the server
 * turns that into an answer and writes the audit entry.
 *
 * Gaps: HTTP/2-only operations (bidirectional event streams), signed event streams and chunks signed with SigV4a from the client, FIPS
 * and dual-stack hosts and those of Multi-Region Access Points (name them in the account's endpointUrl).
 *
 * Client quirks: AWS CLI sends `Expect: 100-continue` with S3 uploads; botocore and SDK v3 sign for the profile's region even where a service
 * has one region per partition, so the region to sign for comes from the endpoint table; SDK v3 addresses buckets as `bucket.localhost` when the
 * endpoint is a name and in the path when it is an address.
 */
export async function passThrough(x: Exchange, door: DoorParts): Promise<void> {
  const { backend, clock, limits } = door;
  x.dialect = detectDialect({ header: x.header, query: x.wire.query, service: undefined });

  // 1. Is this a tool on this machine, and does it speak unambiguous HTTP?
  refuseAmbiguousFraming(x, limits.headerCount);
  refuseForeignCallers(x);

  // 2. Who does it say it is?
  const claim = readClaim(x);
  const { authorization } = claim;
  const { service } = authorization.scope;
  x.audit.action = operationName(x, service);
  requireUnlocked(backend);
  refuseAmbiguousPath(x.wire.path, service, x.hostPrefix !== undefined);
  const client = await findClient(x, claim, backend);
  const region = regionOf(authorization, client.profile.region);
  const form = checkTimeAndForm(x, claim, door);

  // 3. Is that proved? A body that the signature covers without a declared hash has to be read first.
  const onStart = continueOnce(x);
  const early = claim.payload.kind === 'body' ? await holdBody(x, door, onStart) : undefined;
  const bodyHash = early === undefined ? undefined : sha256Hex(early);
  const key = await verifySignature(x, claim, client, { form, bodyHash }, door);
  x.audit.proven = true;
  checkClient(client, clock.now());
  backend.touch();
  if (client.kind === 'local') return answerLocally(x, { claim, client, region, early, onStart }, door);

  // 4. What is asked, and is it allowed?
  const body =
    early === undefined || bodyHash === undefined
      ? await openBody(x, { claim, key, onStart }, door)
      : heldBody(early, bodyHash);
  const action = operationName(x, service, body.held);
  x.audit.action = action;
  authorise({ client, accountId: client.account.accountId, service, region, action });

  // 5. Where does it go?
  const endpoint = resolveEndpoint({
    service,
    region,
    method: x.wire.method,
    path: x.wire.path,
    target: x.header('x-amz-target'),
    isQuery: x.dialect === 'query' || x.dialect === 'ec2',
    accountId: x.header('x-amz-account-id'),
    bucket: isS3(service) ? x.hostPrefix : undefined,
    endpointUrl: client.account.endpointUrl,
  });
  x.audit.upstream = endpoint.host;
  // The body may have taken its time: what was changed meanwhile counts.
  let present = await checkClientAgain(client, door);
  // Nobody is asked to touch anything for what is refused anyway.
  if (present.profile.gated) {
    await backend.passProfile(present, `${x.id} ${x.audit.action}`);
    present = await checkClientAgain(present, door);
  }

  // 6. Sign it anew, send it, and pass the answer on.
  const credentials = await backend.credentials(present);
  if (credentials.session) {
    x.audit.sessionKeyId = credentials.accessKeyId;
    x.audit.assumedRole = credentials.assumedRole;
  }
  const signed = await resign(
    {
      wire: x.wire,
      location: authorization.location,
      signedHeaders: authorization.signedHeaders,
      service,
      regionSet: authorization.algorithm === ALGORITHM_V4A ? authorization.regionSet : undefined,
      payloadHash: body.payloadHash,
    },
    endpoint,
    credentials,
    door,
  );
  x.audit.allowed = true;
  const answer = await sendUpstream(x, signed, endpoint, body.toOutgoing(signed), door);
  if (client.account.endpointUrl === undefined) backend.noteDate(answer.answer.headers.date);
  if (credentials.session) {
    watchForEnd(answer.answer, {
      ended: () => backend.sessionEnded(present, credentials),
      denied: () => backend.sessionDenied(present, credentials),
    });
  }
  await relayAnswer(x, answer, door);
}
