import { accepted, endpointOf, FORM, type QuerySigner, type RemoteParts, type RemoteQuery } from './query-remote.ts';
import { sendRemote } from './send-remote.ts';

/**
 * One call of AWS's Query protocol that proves itself by a parameter, and carries no signature. The body is wiped once it has been sent; the parameter's bytes are the caller's.
 * As `signedQuery`.
 */
export async function unsignedQuery(
  { endpointUrl, region }: Pick<QuerySigner, 'endpointUrl' | 'region'>,
  query: RemoteQuery,
  proof: { name: string; value: Uint8Array },
  parts: RemoteParts,
): Promise<Buffer> {
  const endpoint = endpointOf(query.service, region, endpointUrl);
  const form = new URLSearchParams({ Action: query.action, Version: query.version, ...query.parameters });
  const value = percentEncoded(proof.value);
  const body = Buffer.concat([Buffer.from(`${form.toString()}&${proof.name}=`), value]);
  try {
    const headers = ['Host', endpoint.host, 'Content-Type', FORM];
    const request = { method: 'POST' as const, path: `${endpoint.pathPrefix}/`, headers, body };
    return accepted(await sendRemote(endpoint, request, parts), query, { endpointUrl, parts });
  } finally {
    value.fill(0);
    body.fill(0);
  }
}

const UNRESERVED = /[A-Za-z0-9._-]/;

/** By hand: what encodes text would leave a copy that cannot be wiped. */
function percentEncoded(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(bytes.length * 3);
  let length = 0;
  for (const byte of bytes) {
    if (byte < 0x80 && UNRESERVED.test(String.fromCharCode(byte))) out[length++] = byte;
    else length += out.write(`%${byte.toString(16).toUpperCase().padStart(2, '0')}`, length, 'latin1');
  }
  const exact = Buffer.from(out.subarray(0, length));
  out.fill(0);
  return exact;
}
