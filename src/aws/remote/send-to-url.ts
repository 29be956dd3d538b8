import { type RemoteAnswer, type RemoteRequest, sendRemote } from './send-remote.ts';

/** As `sendRemote`, to a whole address; `Host` is put before the headers. */
export function sendToUrl(
  url: URL,
  { headers, ...request }: Pick<RemoteRequest, 'method' | 'headers' | 'body' | 'mostBytes'>,
  parts: Parameters<typeof sendRemote>[2],
): Promise<RemoteAnswer> {
  const endpoint = {
    protocol: url.protocol === 'http:' ? ('http:' as const) : ('https:' as const),
    hostname: url.hostname,
    port: url.port,
    host: url.host,
  };
  return sendRemote(
    endpoint,
    { ...request, path: url.pathname + url.search, headers: ['Host', url.host, ...headers] },
    parts,
  );
}
