import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { KMS, type KMSServiceException } from '@aws-sdk/client-kms';
import { createExchange, type Exchange } from '../../src/aws/exchange.ts';
import { createUpstreamAgents } from '../../src/aws/index.ts';
import { kms } from '../../src/aws/kms/index.ts';
import { type LocalParts, serveLocal } from '../../src/aws/local/serve-local.ts';
import { startTestCore, type TestCore } from './core.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent-logger.ts';

export const LAB_ID = '123456789012';
export const OTHER_ID = '210987654321';
export const REGION = 'eu-central-1';

export interface Lab {
  core: TestCore;
  clock: FakeClock;
  /** What the log gets of each request, in order. */
  audited: Exchange['audit'][];
  /** The SDK's client of the account's root. */
  root: KMS;
  /** The same in another Region. */
  rootIn(region: string, account?: 'lab' | 'other'): Promise<KMS>;
  /** A client that may do what its policy's statements say; `arn` is its principal's. */
  user(name: string, statements?: readonly object[], account?: 'lab' | 'other'): Promise<{ kms: KMS; arn: string }>;
  /** Locks and unlocks the vault; a fresh HSM. */
  relock(): Promise<void>;
  dispose(): Promise<void>;
}

const SCOPE = /Credential=([A-Z0-9]+)\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request/;

/** Two local accounts (`lab`, `other`) on a real vault with the real HSM token, served by the real frame; only the signature is taken on trust. */
export async function startLab(agentOptions?: Parameters<typeof createUpstreamAgents>[0]): Promise<Lab> {
  const clock = createFakeClock();
  const core = startTestCore({ clock });
  await core.create();
  await core.client.call('settings.update', { autoLockMinutes: 0 });
  await core.client.call('account.add', { name: 'lab', accountId: LAB_ID, kind: 'local', region: REGION });
  await core.client.call('account.add', { name: 'other', accountId: OTHER_ID, kind: 'local', region: REGION });
  const agents = createUpstreamAgents(agentOptions);
  const audited: Exchange['audit'][] = [];
  const server = serve(core, clock, agents, audited);
  const endpoint = await listen(server);
  const made: KMS[] = [];

  const connect = (issued: { accessKeyId: string; secret: string }, region: string): KMS => {
    const client = new KMS({
      endpoint,
      region,
      credentials: { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secret },
      maxAttempts: 1,
    });
    made.push(client);
    return client;
  };
  const rootIn = async (region: string, account: 'lab' | 'other' = 'lab'): Promise<KMS> => {
    const name = `root ${account} ${made.length}`;
    const issued = await core.addClient({ name, account, principal: { type: 'root' } });
    return connect({ accessKeyId: issued.client.accessKeyId, secret: issued.secret }, region);
  };
  return {
    core,
    clock,
    audited,
    root: await rootIn(REGION),
    rootIn,
    async user(name, statements = [], account = 'lab') {
      const document = JSON.stringify({
        Version: '2012-10-17',
        Statement: statements.length > 0 ? statements : [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
      });
      const issued = await core.addClient({ name, account, principal: { type: 'policy', document } });
      const id = account === 'lab' ? LAB_ID : OTHER_ID;
      return {
        kms: connect({ accessKeyId: issued.client.accessKeyId, secret: issued.secret }, REGION),
        arn: `arn:aws:iam::${id}:user/keyhold/${name}`,
      };
    },
    async relock() {
      await core.client.call('vault.lock', {});
      await core.unlock();
    },
    async dispose() {
      for (const client of made) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agents.destroy();
      await core.dispose();
    },
  };
}

function serve(core: TestCore, clock: FakeClock, agents: LocalParts['agents'], audited: Exchange['audit'][]): Server {
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
      await backend.onBehalfOf(behalf, () => serveLocal(x, call, parts, { kms: async () => kms }));
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

/** What a call is refused with: error name, text and HTTP status; throws when it is not refused. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    if (!isServiceException(error)) throw error;
    return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
  }
  throw new Error('the call was not refused');
}

function isServiceException(error: unknown): error is KMSServiceException {
  return error instanceof Error && '$metadata' in error;
}

/** A key's id from CreateKey's answer. */
export async function newKey(
  client: KMS,
  input: Parameters<KMS['createKey']>[0] = {},
): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await client.createKey(input);
  if (KeyMetadata?.KeyId === undefined || KeyMetadata.Arn === undefined) throw new Error('no key');
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** What the SDK says for an error that comes without a text. */
export const NO_TEXT = 'UnknownError';
