import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll } from 'vitest';
import { createExchange, type Exchange } from '../../../src/aws/exchange.ts';
import { createUpstreamAgents } from '../../../src/aws/index.ts';
import {
  defineService,
  type OperationTable,
  type Service,
  type ServiceDefinition,
} from '../../../src/aws/local/define-service.ts';
import { serveLocal } from '../../../src/aws/local/serve-local.ts';
import { asRefusal } from '../../../src/aws/protocol/as-refusal.ts';
import { renderError } from '../../../src/aws/protocol/render-error.ts';
import type { LocalDoorClient } from '../../../src/core/door.ts';
import { startTestCore } from '../../support/core.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { silentLogger } from '../../support/silent-logger.ts';

export const ACCOUNT_ID = '123456789012';
export const REGION = 'eu-central-1';
export const CREDENTIALS = { accessKeyId: 'AKIAKEYHOLDTESTS', secretAccessKey: 'worth-nothing' };

/** Why the operations of these tests may go on, where authorisation is not what is tested. */
export const FREE = { unrestricted: 'a test', subject: undefined } as const;

/** A service of which a test serves only some operations: what the compiler insists on, completeness, is set aside here. */
export function partOf<Client>(
  definition: Omit<ServiceDefinition<Client>, 'operations'> & { operations: Partial<OperationTable<Client>> },
): Service {
  return defineService(definition as ServiceDefinition<Client>);
}

export interface TestServer {
  readonly url: string;
  readonly now: number;
  /** What has been served, oldest first. */
  readonly exchanges: Exchange[];
  /** Who calls. */
  client: LocalDoorClient;
}

/**
 * Serves services on loopback as the front door does, in a local account of a real vault with the real HSM token; only the signature is taken
 * on trust.
 */
export async function serve(...services: readonly Service[]): Promise<TestServer> {
  const clock = createFakeClock();
  const core = startTestCore({ clock });
  await core.create();
  await core.client.call('account.add', { name: 'lab', accountId: ACCOUNT_ID, kind: 'local', region: REGION });
  const session = core.running.core.session();
  await session.need('account');
  const account = { id: session.things.byName('account', 'lab').id, name: 'lab', accountId: ACCOUNT_ID };

  const table = Object.fromEntries(services.map((service) => [service.signingName, async () => service]));
  const agents = createUpstreamAgents();
  const exchanges: Exchange[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = `00000000-0000-4000-8000-${String(exchanges.length).padStart(12, '0')}`;
    const x = createExchange(id, request, response, false);
    exchanges.push(x);
    const [, region = REGION, service = services[0]?.signingName ?? ''] =
      /Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/.exec(x.header('authorization') ?? '') ?? [];
    const call = { client: server.client, service, region, body: await buffer(request), mfaAge: undefined };
    try {
      await serveLocal(x, call, { backend: core.running.doorBackend, clock, log: silentLogger, agents }, table);
    } catch (error) {
      x.audit.reason = String(error);
      const { status, headers, body } = renderError(asRefusal(error), x.dialect, x.id);
      response.writeHead(status, headers.flat()).end(body);
    }
  };
  const http = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  afterAll(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    agents.destroy();
    await core.dispose();
  });
  const address = http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const server: TestServer = {
    url: `http://127.0.0.1:${address.port}`,
    now: clock.now(),
    exchanges,
    client: {
      kind: 'local',
      id: '0'.repeat(32),
      name: 'tests',
      accessKeyId: CREDENTIALS.accessKeyId,
      enabled: true,
      profile: { name: 'lab', region: REGION, gated: false },
      gated: false,
      account,
      principal: { type: 'root' },
    },
  };
  return server;
}

/** What an SDK client's call is refused with; throws when it is not refused. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string; status: unknown }> {
  const error = await call.then(
    () => new Error('The call was answered.'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('Something else than an Error was thrown.');
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata ? metadata.httpStatusCode : 0;
  return { name: error.name, message: error.message, status };
}
