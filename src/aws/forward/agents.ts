import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type AgentOptions as HttpsAgentOptions } from 'node:https';
import nodeTls from 'node:tls';

export interface UpstreamAgentOptions {
  /** PEM certificates to trust besides the system's (NODE_EXTRA_CA_CERTS is honoured by Node itself). */
  ca?: string | string[];
  maxSockets?: number;
  /** How long an idle connection is kept, in milliseconds. */
  idleMs?: number;
}

export interface UpstreamAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  destroy(): void;
}

/**
 * Keep-alive connections to upstreams, one pool per origin. Certificates are always verified: there is no option to turn that off.
 * An idle connection is closed here before AWS closes it (S3 does so after about 20 seconds), so that few requests meet a
 * connection that is already gone.
 */
export function createUpstreamAgents(options: UpstreamAgentOptions = {}): UpstreamAgents {
  const shared: AgentOptions = {
    keepAlive: true,
    keepAliveMsecs: 15_000,
    maxSockets: options.maxSockets ?? 256,
    maxFreeSockets: 64,
    scheduling: 'lifo',
    timeout: options.idleMs ?? 10_000,
  };
  const tls: HttpsAgentOptions = { ...shared, rejectUnauthorized: true, minVersion: 'TLSv1.2' };
  if (options.ca !== undefined) tls.ca = [...trusted(), ...[options.ca].flat()];
  const http = new HttpAgent(shared);
  const https = new HttpsAgent(tls);
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

/** What Node trusts by itself, NODE_EXTRA_CA_CERTS included where this Node can tell (22.15 on). */
function trusted(): readonly string[] {
  const {
    getCACertificates,
    rootCertificates,
  }: Partial<Pick<typeof nodeTls, 'getCACertificates'>> & Pick<typeof nodeTls, 'rootCertificates'> = nodeTls;
  return getCACertificates?.('default') ?? rootCertificates;
}
