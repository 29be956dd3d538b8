import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { authenticate } from './authenticate.ts';
import { breakAnswer, createFaults, type FaultKind, type FaultPlan, isBefore, refusalOf } from './faults.ts';
import { answerFederated, isFederated } from './federation.ts';
import { answerIam } from './iam.ts';
import { awsId, newKey, type StrictKey, type StrictRole, type StrictState, type StrictUser } from './state.ts';
import { answerSts } from './sts.ts';
import { createDevice, type StrictDevice } from './totp.ts';
import { Refusal, type Reply, refuse } from './xml.ts';

/** One call as it was met. */
export interface StrictCall {
  service: string;
  action: string;
  /** Of its action, from 1. */
  nth: number;
  parameters: Readonly<Record<string, string>>;
  /** Undefined until a signature is verified. */
  arn: string | undefined;
  accessKeyId: string | undefined;
  region: string | undefined;
  at: number;
  /** `ok` or the error's code; with a fault that breaks the answer, what it would have been, or `not done`. Undefined while it runs. */
  outcome: string | undefined;
  fault: FaultKind | undefined;
}

export interface StrictAws extends StrictState {
  url: string;
  port: number;
  calls: StrictCall[];
  /** Awaited before a call is carried out; holds it back as long as it likes. */
  onCall: ((call: StrictCall) => void | Promise<void>) | null;
  callsOf(action: string): StrictCall[];
  /** Resolves when call number `nth` of `action` has come in. */
  reached(action: string, nth?: number): Promise<StrictCall>;
  fault(plan: FaultPlan): void;
  clearFaults(): void;
  /** Nobody listens at the port, and open connections are gone. */
  offline(): Promise<void>;
  online(): Promise<void>;
  addUser(name: string, options?: Partial<Pick<StrictUser, 'allow' | 'deny' | 'mfa'>>): StrictUser;
  addKey(userName: string): StrictKey;
  addDevice(userName: string, options?: { seed?: Buffer; name?: string }): StrictDevice;
  addRole(name: string, options: RoleOptions): StrictRole;
  close(): Promise<void>;
}

export interface RoleOptions {
  /** ARNs of users and roles, an account's root or number, or `*`. */
  principals: string[];
  account?: string;
  externalId?: string;
  mfa?: boolean;
  maxSessionSeconds?: number;
  allow?: string[];
  deny?: string[];
}

/**
 * STS and IAM of one account as strict as AWS: signatures, session tokens and their expiry, MFA codes that count once, trust, quotas; in
 * memory, with a clock of its own, and with whatever can go wrong on command.
 * Gaps: one page of every list, no IAM but for users and their keys, devices and inline policies; an attached managed policy grants nothing
 * and takes nothing.
 */
export async function startStrictAws(options: { now?: () => number; account?: string } = {}): Promise<StrictAws> {
  const faults = createFaults();
  const sockets = new Set<Socket>();
  const waiting: { action: string; nth: number; resolve: (call: StrictCall) => void }[] = [];
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      // Whoever waits must hear of a mistake of this stand-in as such.
      response.writeHead(500).end(error instanceof Error ? error.stack : String(error));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const query = new URL(request.url ?? '/', 'http://strict').searchParams;
    const form = request.method === 'POST' ? new URLSearchParams(body.toString()) : query;
    const call = take(form);
    const kind = faults.meet(call.action, call.nth);
    call.fault = kind;
    aws.calls.push(call);
    for (const one of waiting) if (one.action === call.action && one.nth <= call.nth) one.resolve(call);
    await aws.onCall?.(call);
    if (kind !== undefined && isBefore(kind)) {
      const refusal = refusalOf(kind, call.action);
      call.outcome = refusal?.code ?? 'not done';
      if (refusal === undefined) breakAnswer(kind, response, undefined);
      else send(response, refuse(call.service, refusal));
      return;
    }
    const reply = await carryOut(request, body, form, call);
    call.outcome = reply.outcome;
    if (kind === undefined) send(response, reply);
    else breakAnswer(kind, response, reply);
  }

  function take(form: URLSearchParams): StrictCall {
    const action = form.get('Action') ?? '';
    const service = form.get('Version') === '2011-06-15' ? 'sts' : 'iam';
    return {
      service,
      action,
      nth: aws.callsOf(action).length + 1,
      parameters: Object.fromEntries([...form].filter(([name]) => name !== 'Action' && name !== 'Version')),
      arn: undefined,
      accessKeyId: undefined,
      region: undefined,
      at: aws.now(),
      outcome: undefined,
      fault: undefined,
    };
  }

  async function carryOut(
    request: IncomingMessage,
    body: Buffer,
    form: URLSearchParams,
    call: StrictCall,
  ): Promise<Reply> {
    const { service, action } = call;
    try {
      if (service === 'sts' && isFederated(action)) return await answerFederated(action, form, aws);
      const caller = await authenticate(request, body, service, aws);
      call.arn = caller.arn;
      call.accessKeyId = caller.by.accessKeyId;
      call.region = caller.by.region;
      return await (service === 'sts' ? answerSts : answerIam)(action, form, caller, aws);
    } catch (error) {
      if (error instanceof Refusal) return refuse(service, error);
      throw error;
    }
  }

  function send(response: ServerResponse, { status, body, requestId }: Reply): void {
    response.writeHead(status, {
      'content-type': 'text/xml',
      'content-length': String(Buffer.byteLength(body)),
      'x-amzn-requestid': requestId,
      date: new Date(aws.now()).toUTCString(),
    });
    response.end(body);
  }

  const listen = (port: number): Promise<void> =>
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

  const account = options.account ?? '123456789012';
  const aws: StrictAws = {
    url: '',
    port: 0,
    account,
    now: options.now ?? Date.now,
    users: new Map(),
    roles: new Map(),
    keys: new Map(),
    sessions: new Map(),
    devices: new Map(),
    providers: [],
    lag: {},
    calls: [],
    onCall: null,
    callsOf: (action) => aws.calls.filter((call) => call.action === action),
    reached(action, nth = 1) {
      const call = aws.callsOf(action)[nth - 1];
      if (call !== undefined) return Promise.resolve(call);
      return new Promise((resolve) => waiting.push({ action, nth, resolve }));
    },
    fault(plan) {
      const met = plan.action === '*' ? 0 : aws.callsOf(plan.action).length;
      faults.arm({ from: met + 1, ...plan });
    },
    clearFaults: faults.clear,
    offline,
    online: () => listen(aws.port),
    addUser(name, { allow = ['*'], deny = [], mfa = false } = {}) {
      const arn = `arn:aws:iam::${account}:user/${name}`;
      const user = { name, arn, id: awsId('AIDA'), createdAt: aws.now(), allow, deny, mfa, policies: new Map() };
      aws.users.set(name, user);
      return user;
    },
    addKey: (userName) => newKey(aws, userName),
    addDevice(userName, { seed, name = userName } = {}) {
      const device = createDevice(`arn:aws:iam::${account}:mfa/${name}`, userName, aws.now(), seed);
      aws.devices.set(device.serialNumber, device);
      return device;
    },
    addRole(name, given) {
      const owner = given.account ?? account;
      const role = {
        name,
        arn: `arn:aws:iam::${owner}:role/${name}`,
        id: awsId('AROA'),
        account: owner,
        principals: given.principals,
        externalId: given.externalId,
        mfa: given.mfa ?? false,
        maxSessionSeconds: given.maxSessionSeconds ?? 3600,
        allow: given.allow ?? ['*'],
        deny: given.deny ?? [],
      };
      aws.roles.set(role.arn, role);
      return role;
    },
    close: () => (server.listening ? offline() : Promise.resolve()),
  };
  await listen(0);
  const address = server.address();
  aws.port = typeof address === 'object' && address !== null ? address.port : 0;
  aws.url = `http://127.0.0.1:${aws.port}`;
  return aws;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of request) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}
