import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { answerOidc } from './oidc.ts';
import { answerPortal } from './portal.ts';
import { newSecret, SsoRefusal, type SsoReply, type SsoState } from './state.ts';

type Fault = 'lost' | 'unreachable' | 'throttled' | 'broken';

export interface SsoStandIn extends SsoState {
  url: string;
  /** `POST /token refresh_token`, `GET /federation/credentials` */
  calls: string[];
  callsOf(beginning: string): string[];
  /** Resolves when a call that begins so has been answered from now on. */
  reached(beginning: string): Promise<void>;
  /** As it was when it was started; `issue` and the secrets stay. */
  reset(): void;
  /** Of the next call that begins so. */
  fault(beginning: string, kind: Fault): void;
  /** Awaited before a call is answered. */
  onCall: ((call: string) => void | Promise<void>) | null;
  /** The person types the code that the device flow shows, and decides. */
  decide(userCode: string, decision: 'approved' | 'denied'): void;
  /** The person's browser is sent to the address, and answers where it is sent back to. */
  browse(address: string, decision?: 'approved' | 'denied'): string;
  /** An administrator ends all sessions of the person. */
  endSessions(): void;
  offline(): Promise<void>;
  online(): Promise<void>;
  close(): Promise<void>;
}

/**
 * AWS IAM Identity Center of one person in memory: the token service (SSO OIDC) and the portal at one address, with AWS's wire shapes and errors, and a clock of its own.
 * Gaps: no page to sign in with, its buttons are methods here; scopes but `sso:account:access` grant nothing; no CreateTokenWithIAM.
 */
export async function startSso(options: { now?: () => number } = {}): Promise<SsoStandIn> {
  const waiting: { beginning: string; resolve: () => void }[] = [];
  const sockets = new Set<Socket>();
  const faults: { beginning: string; kind: Fault }[] = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sso');
    const parts: Buffer[] = [];
    for await (const chunk of request) parts.push(Buffer.from(chunk));
    const body = fieldsOf(Buffer.concat(parts).toString());
    const method = request.method ?? '';
    const grant = typeof body['grantType'] === 'string' ? ` ${body['grantType'].split(':').at(-1)}` : '';
    const call = `${method} ${url.pathname}${grant}`;
    sso.calls.push(call);
    const index = faults.findIndex(({ beginning }) => call.startsWith(beginning));
    const [fault] = index === -1 ? [] : faults.splice(index, 1);
    await sso.onCall?.(call);
    if (fault?.kind === 'unreachable') {
      request.socket.destroy();
      return;
    }
    if (fault?.kind === 'throttled') {
      const errorType = 'TooManyRequestsException';
      send(response, { status: 429, errorType, body: { message: 'HTTP 429 Unknown Code' } });
      return;
    }
    if (fault?.kind === 'broken') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to the hotel’s network</html>');
      return;
    }
    const token = request.headers['x-amz-sso_bearer_token'];
    const what = {
      method,
      path: url.pathname,
      query: url.searchParams,
      token: typeof token === 'string' ? token : undefined,
    };
    const reply = carryOut(what, body);
    if (fault?.kind === 'lost') request.socket.destroy();
    else send(response, reply);
    for (const one of waiting) if (call.startsWith(one.beginning)) one.resolve();
  }

  function carryOut(what: Parameters<typeof answerPortal>[0], body: Record<string, unknown>): SsoReply {
    try {
      const oidc = what.method === 'POST' ? answerOidc(what.path, body, sso.url, sso) : undefined;
      return oidc ?? answerPortal(what, sso) ?? { status: 404, body: { message: `nothing at ${what.path}` } };
    } catch (error) {
      if (error instanceof SsoRefusal) return error.reply;
      throw error;
    }
  }

  function send(response: ServerResponse, { status, body, errorType }: SsoReply): void {
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      'x-amzn-requestid': randomBytes(16).toString('hex'),
      ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
    });
    response.end(bytes);
  }

  let port = 0;
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const offline = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });

  const sso: SsoStandIn = {
    url: '',
    now: options.now ?? Date.now,
    ...fixture(),
    clients: new Map(),
    devices: new Map(),
    codes: new Map(),
    tokens: new Map(),
    refreshTokens: new Map(),
    sessions: [],
    issue: (_accountId, _roleName) => ({
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(300).toString('base64'),
      expiration: sso.now() + sso.lives.role * 1000,
    }),
    secrets: [],
    calls: [],
    callsOf: (beginning) => sso.calls.filter((call) => call.startsWith(beginning)),
    reached: (beginning) => new Promise((resolve) => void waiting.push({ beginning, resolve })),
    reset() {
      Object.assign(sso, fixture());
      for (const table of [sso.clients, sso.devices, sso.codes, sso.tokens, sso.refreshTokens]) table.clear();
      for (const list of [sso.sessions, sso.calls, faults, waiting]) list.length = 0;
      sso.onCall = null;
    },
    fault: (beginning, kind) => void faults.push({ beginning, kind }),
    onCall: null,
    decide(userCode, decision) {
      const device = [...sso.devices.values()].find((one) => one.userCode === userCode);
      if (device === undefined) throw new Error(`nobody waits for ${userCode}`);
      device.decided = decision;
    },
    browse(address, decision = 'approved') {
      const { pathname, searchParams: query } = new URL(address);
      const client = sso.clients.get(query.get('client_id') ?? '');
      const redirectUri = new URL(query.get('redirect_uri') ?? '');
      const registered = new URL(redirectUri);
      registered.port = '';
      if (pathname !== '/authorize' || client?.redirectUris.includes(registered.href) !== true) {
        throw new Error(`the page refuses ${address}`);
      }
      const challenge = query.get('code_challenge') ?? '';
      const asAwsWantsIt =
        query.get('response_type') === 'code' &&
        query.get('code_challenge_method') === 'S256' &&
        /^[\w-]{43}$/.test(challenge) &&
        query.get('scopes') === client.scopes.join(' ');
      if (!asAwsWantsIt) throw new Error(`the page misses something in ${address}`);
      redirectUri.searchParams.set('state', query.get('state') ?? '');
      if (decision === 'denied') redirectUri.searchParams.set('error', 'access_denied');
      else {
        const code = newSecret(sso, 'code-', 100);
        redirectUri.searchParams.set('code', code);
        const given = { clientId: client.clientId, redirectUri: query.get('redirect_uri') ?? '', challenge };
        sso.codes.set(code, { ...given, expiresAt: sso.now() + 600_000 });
      }
      return redirectUri.href;
    },
    endSessions() {
      for (const session of sso.sessions) session.ended = true;
    },
    offline,
    online: listen,
    close: () => (server.listening ? offline() : Promise.resolve()),
  };
  await listen();
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
  sso.url = `http://127.0.0.1:${port}`;
  return sso;
}

function fixture(): Pick<SsoState, 'startUrl' | 'accounts' | 'lives' | 'pageSize'> {
  return {
    startUrl: 'https://d-1234567890.awsapps.com/start',
    accounts: [
      {
        accountId: '111111111111',
        accountName: 'Sandbox',
        emailAddress: 'sandbox@example.com',
        roles: ['Admin', 'Read'],
      },
      { accountId: '222222222222', accountName: 'Production', emailAddress: 'prod@example.com', roles: ['Read'] },
    ],
    lives: { token: 3600, session: 8 * 3600, device: 600, interval: 1, role: 3600, client: 90 * 86_400 },
    pageSize: 100,
  };
}

function fieldsOf(text: string): Record<string, unknown> {
  if (text === '') return {};
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value));
}
