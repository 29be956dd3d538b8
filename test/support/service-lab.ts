import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createExchange, type Exchange } from '../../src/aws/exchange.ts';
import { createUpstreamAgents } from '../../src/aws/index.ts';
import { type LocalParts, type Services, serveLocal } from '../../src/aws/local/serve-local.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent-logger.ts';

export const LAB_ID = '123456789012';
export const OTHER_ID = '210987654321';
export const REGION = 'eu-central-1';
export type LabAccount = 'lab' | 'other';

export interface ServiceLab {
  core: TestCore;
  clock: FakeClock;
  endpoint: string;
  /** What the log gets of each request, in order. */
  audited: Exchange['audit'][];
  /** A client key: of a client that may do what its policy's statements say; of the account's root without any. */
  issue(
    name: string,
    statements: readonly object[] | undefined,
    account?: LabAccount,
  ): Promise<{ accessKeyId: string; secretAccessKey: string }>;
  /** Locks and unlocks the vault; a fresh HSM. */
  relock(): Promise<void>;
  dispose(): Promise<void>;
}

const SCOPE = /Credential=([A-Z0-9]+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;

/** Two local accounts (`lab`, `other`) on a real vault with the real HSM token, served by the real frame; only the signature is taken on trust. */
export async function startServiceLab(
  services: Services,
  agentOptions?: Parameters<typeof createUpstreamAgents>[0],
): Promise<ServiceLab> {
  const clock = createFakeClock();
  const core = startTestCore({ clock });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', { name: 'lab', accountId: LAB_ID, kind: 'local', region: REGION });
  await core.client.call('account.add', { name: 'other', accountId: OTHER_ID, kind: 'local', region: REGION });
  const agents = createUpstreamAgents(agentOptions);
  const audited: Exchange['audit'][] = [];
  const server = serve(core, clock, agents, audited, services);
  return {
    core,
    clock,
    endpoint: await listen(server),
    audited,
    async issue(name, statements, account = 'lab') {
      const document = JSON.stringify({
        Version: '2012-10-17',
        Statement: statements?.length === 0 ? [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }] : statements,
      });
      const principal = statements === undefined ? { type: 'root' as const } : { type: 'policy' as const, document };
      const { client, secret } = await core.addClient({ name, account, principal });
      return { accessKeyId: client.accessKeyId, secretAccessKey: secret };
    },
    async relock() {
      await core.client.call('vault.lock', {});
      await core.unlock();
    },
    async dispose() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agents.destroy();
      await core.dispose();
    },
  };
}

function serve(
  core: TestCore,
  clock: FakeClock,
  agents: LocalParts['agents'],
  audited: Exchange['audit'][],
  services: Services,
): Server {
  let requests = 0;
  return createServer(async (request, response) => {
    requests += 1;
    const id = `00000000-0000-4000-8000-${String(requests).padStart(12, '0')}`;
    try {
      const x = createExchange(id, request, response, false);
      audited.push(x.audit);
      const [, accessKeyId = '', region = '', service = ''] = SCOPE.exec(x.header('authorization') ?? '') ?? [];
      const backend = core.running.doorBackend;
      const client = await backend.resolveClient(accessKeyId);
      if (client?.kind !== 'local') throw new Error(`no local client has the key ${accessKeyId}`);
      const body = await buffer(request);
      const mfaAge = client.gated ? await backend.touchAge(client) : undefined;
      const call = { client, service, region, body, mfaAge };
      const behalf = { what: () => `let ${client.name} use the lab`, touches: x.audit.touches };
      const parts = { backend, clock, log: silentLogger, agents };
      await backend.onBehalfOf(behalf, () => serveLocal(x, call, parts, services));
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ __type: 'TestFailure', message: String(error) }));
    }
  });
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}
