import { KeyholdError } from '../../contract/errors.ts';
import { signerOf } from '../../core/api/signer.ts';
import type { RemotePlace } from '../../core/core.ts';
import type { Scope } from '../../core/hsm/protocol.ts';
import type { Clock } from '../../core/ports.ts';
import { sha256Hex } from '../../core/sigv4/hash.ts';
import { authorizationHeader, prepareHeaderSigning } from '../../core/sigv4/sign-headers.ts';
import type { UpstreamAgents } from '../forward/agents.ts';
import { elementOf } from './element-of.ts';
import { endpointOf } from './endpoint-of.ts';
import { type RemoteAnswer, sendRemote } from './send-remote.ts';

export interface RemoteParts {
  readonly clock: Clock;
  readonly agents: UpstreamAgents;
  /** Hears the Date of AWS's own answers. */
  onDate(date: string | undefined): void;
}

export interface RemoteQuery {
  /** Signing name. */
  service: string;
  /** `2010-05-08` */
  version: string;
  action: string;
  parameters: Readonly<Record<string, string>>;
}

export const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

/** Credentials for a call, and where it goes. */
export interface QuerySigner {
  endpointUrl: string | undefined;
  region: string;
  accessKeyId: string;
  sessionToken: string | undefined;
  sign(scope: Scope, stringToSign: string): Promise<string>;
}

/** One call of AWS's Query protocol with what a profile works with, or with the access key that the place names. As `signedQuery`. */
export async function queryRemote(place: RemotePlace, query: RemoteQuery, parts: RemoteParts): Promise<Buffer> {
  const signer = await signerOf(place.session, place.profile, place.key);
  const region = place.region ?? place.profile.value.region;
  // What AWS counts as a use of the key is one by this vault.
  if (signer.session.sessionKeyId === undefined && signer.keyId !== undefined) {
    place.session.usage.noteKey(signer.keyId, { at: parts.clock.now(), service: query.service, region });
  }
  return signedQuery({ ...signer, endpointUrl: signer.account.endpointUrl, region }, query, parts);
}

/**
 * One call of AWS's Query protocol. The answer's bytes are the caller's to wipe.
 * @throws KeyholdError `Unreachable`, `Timeout`, and `ServiceRefused` with AWS's own sentence, its error's name (`details.name`) and the HTTP status (`details.status`)
 */
export async function signedQuery(signer: QuerySigner, query: RemoteQuery, parts: RemoteParts): Promise<Buffer> {
  const { endpointUrl } = signer;
  const endpoint = endpointOf({ service: query.service, region: signer.region, endpointUrl, isQuery: true });
  const body = Buffer.from(
    new URLSearchParams({ Action: query.action, Version: query.version, ...query.parameters }).toString(),
  );
  const prepared = prepareHeaderSigning(
    {
      method: 'POST',
      path: `${endpoint.pathPrefix}/`,
      query: '',
      headers: [
        ['host', endpoint.host],
        ['content-type', FORM],
      ],
    },
    {
      accessKeyId: signer.accessKeyId,
      region: endpoint.region,
      service: query.service,
      now: parts.clock.now(),
      payloadHash: sha256Hex(body),
      ...(signer.sessionToken === undefined ? {} : { sessionToken: signer.sessionToken }),
    },
  );
  const signature = await signer.sign(prepared.scope, prepared.stringToSign);
  const headers = [...prepared.headers, ['Authorization', authorizationHeader(prepared, signature)] as const];
  const request = { method: 'POST' as const, path: `${endpoint.pathPrefix}/`, headers: headers.flat(), body };
  return accepted(await sendRemote(endpoint, request, parts), query, { endpointUrl, parts });
}

/** The bytes of an answer that is none of an error. Throws `ServiceRefused`, as `signedQuery`. */
export function accepted(
  { status, date, bytes }: RemoteAnswer,
  query: RemoteQuery,
  { endpointUrl, parts }: { endpointUrl: string | undefined; parts: RemoteParts },
): Buffer {
  // A test server or another store may have a clock of its own.
  if (endpointUrl === undefined) parts.onDate(date);
  if (status >= 200 && status < 300) return bytes;
  const name = elementOf(bytes, 'Code')?.toString('utf8') ?? `HTTP ${status}`;
  const message = elementOf(bytes, 'Message')?.toString('utf8') ?? `AWS answered ${query.action} with ${status}.`;
  bytes.fill(0);
  throw new KeyholdError('ServiceRefused', `${query.action}: ${message.slice(0, 500)} (${name})`, {
    name,
    status,
    service: query.service,
    action: query.action,
  });
}
