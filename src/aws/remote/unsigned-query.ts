import { endpointOf } from './endpoint-of.ts';
import { formWith } from './form-with-secrets.ts';
import { accepted, FORM, type QuerySigner, type RemoteParts, type RemoteQuery } from './query-remote.ts';
import { sendRemote } from './send-remote.ts';

/**
 * One call of AWS's Query protocol that proves itself by a parameter, and carries no signature. The body is wiped once it has been sent; the parameter's bytes are the caller's.
 * As `signedQuery`.
 */
export async function unsignedQuery(
  { endpointUrl, region }: Pick<QuerySigner, 'endpointUrl' | 'region'>,
  query: RemoteQuery,
  proof: Readonly<Record<string, Uint8Array>>,
  parts: RemoteParts,
): Promise<Buffer> {
  const endpoint = endpointOf({ service: query.service, region, endpointUrl, isQuery: true });
  const body = formWith({ Action: query.action, Version: query.version, ...query.parameters }, proof);
  try {
    const headers = ['Host', endpoint.host, 'Content-Type', FORM];
    const request = { method: 'POST' as const, path: `${endpoint.pathPrefix}/`, headers, body };
    return accepted(await sendRemote(endpoint, request, parts), query, { endpointUrl, parts });
  } finally {
    body.fill(0);
  }
}
