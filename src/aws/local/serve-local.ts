import { STATUS_CODES } from 'node:http';
import { partitionOf } from '../../contract/partitions.ts';
import type { DoorBackend, LocalDoorClient } from '../../core/door.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import type { Exchange } from '../exchange.ts';
import type { UpstreamAgents } from '../forward/agents.ts';
import { AwsError } from '../protocol/aws-error.ts';
import type { Incoming, RenderedAnswer } from '../protocol/protocol-codec.ts';
import { isS3 } from '../services.ts';
import { chooseProtocol, dialectOf } from './choose-protocol.ts';
import type { Protocol, ServedOperation, Service } from './define-service.ts';
import { localCaller } from './local-caller.ts';
import type { OperationContext } from './operation-context.ts';
import { asServiceError, failure, runOperation } from './run-operation.ts';

/** A request to a local account whose signature and body have been found right. */
export interface ServiceCall {
  client: LocalDoorClient;
  /** Service and region of the credential scope. */
  service: string;
  region: string;
  /** The whole body. */
  body: Buffer;
  /** Seconds since the touch that the client comes with. */
  mfaAge: number | undefined;
}

/** What serving needs of the door. */
export interface LocalParts {
  readonly backend: Pick<DoorBackend, 'session'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly agents: UpstreamAgents;
}

/** The local services by signing name, loaded when first asked for. */
export type Services = Readonly<Record<string, () => Promise<Service>>>;

const BODY_BYTES = 1024 * 1024;

/**
 * Answers a request to a local account: decode, check the model's constraints, authorise, handle, encode. What the service answers with,
 * errors included, is written here; what is thrown is the door's to refuse.
 * @throws AwsError `NotSupported`, `BodyTooLarge`; KeyholdError
 */
export async function serveLocal(x: Exchange, call: ServiceCall, parts: LocalParts, services: Services): Promise<void> {
  const load = Object.hasOwn(services, call.service) ? services[call.service] : undefined;
  if (load === undefined) {
    throw new AwsError(
      'NotSupported',
      `The local account "${call.client.account.name}" has no service ${call.service} in Keyhold.`,
    );
  }
  const service = await load();
  const incoming: Incoming = { wire: x.wire, header: x.header, hostPrefix: x.hostPrefix, body: call.body };
  const protocol = chooseProtocol(service, incoming);
  x.dialect = dialectOf(protocol, service);
  const most = service.bodyBytes ?? BODY_BYTES;
  if (call.body.length > most) {
    throw new AwsError(
      'BodyTooLarge',
      `The request body is larger than ${most} bytes, the most that ${service.name} takes.`,
    );
  }
  send(x, service, await answer(x, call, parts, { service, protocol, incoming }));
}

interface Addressed {
  service: Service;
  protocol: Protocol;
  incoming: Incoming;
}

async function answer(
  x: Exchange,
  call: ServiceCall,
  parts: LocalParts,
  { service, protocol, incoming }: Addressed,
): Promise<RenderedAnswer> {
  try {
    const served = findOperation(x, service, protocol, incoming);
    return await runOperation(
      { service, protocol, served, incoming },
      {
        requestId: x.id,
        context: (operation) => context(x, call, parts, operation),
        onTarget: (arn) => {
          x.audit.target = arn;
        },
        onDenied: (reason) => {
          x.audit.reason = reason;
        },
        onAllowed: () => {
          x.audit.allowed = true;
        },
      },
    );
  } catch (error) {
    const known = asServiceError(error, service, protocol);
    if (known === undefined) throw error;
    if (known.denied) {
      // Policies had allowed it, the HSM's officers have not.
      x.audit.allowed = false;
      x.audit.reason = known.message;
    }
    // Messages of services quote what the client sent.
    x.audit.reason ??= known.code;
    return service.codec(protocol).renderError(known, x.id);
  }
}

/** Throws MalformedInput; ServiceError for an operation that the service does not have. */
function findOperation(x: Exchange, service: Service, protocol: Protocol, incoming: Incoming): ServedOperation {
  const codec = service.codec(protocol);
  const name = codec.operationOf(incoming, service, () => [...service.operations.values()].map(({ shape }) => shape));
  const served = name === undefined ? undefined : service.operations.get(name);
  if (served === undefined) {
    const message = `Keyhold knows no such operation of ${service.name} (${service.version}).`;
    throw failure(codec.errors.unknownOperation, message);
  }
  x.audit.action = served.shape.name;
  return served;
}

function context(x: Exchange, call: ServiceCall, parts: LocalParts, operation: string): OperationContext {
  const { client, region, service } = call;
  const session = parts.backend.session();
  const partition = partitionOf(region);
  const { socket } = x.request;
  return {
    caller: localCaller(client, partition, session),
    account: { id: client.account.id, accountId: client.account.accountId, partition },
    region,
    service,
    operation,
    requestId: x.id,
    now: () => parts.clock.now(),
    session,
    ip: socket.remoteAddress ?? '127.0.0.1',
    secure: 'encrypted' in socket && socket.encrypted === true,
    userAgent: x.header('user-agent'),
    mfaAge: call.mfaAge,
    log: parts.log,
    outbound: { agents: parts.agents, clock: parts.clock },
  };
}

function send(x: Exchange, service: Service, { status, headers, body }: RenderedAnswer): void {
  const { response } = x;
  const length = typeof body === 'string' ? Buffer.byteLength(body, 'utf8') : body.length;
  const flat = isS3(service.signingName)
    ? ['x-amz-request-id', x.id, 'x-amz-id-2', x.id]
    : ['x-amzn-RequestId', x.id, 'Cache-Control', 'no-cache, no-store, must-revalidate, private'];
  for (const [name, value] of headers) flat.push(name, value);
  // An answer to HEAD says how long the body would be, which only its operation knows.
  const bodiless = x.request.method === 'HEAD' || status === 204 || status === 304;
  if (!bodiless) flat.push('Content-Length', String(length));
  response.writeHead(status, STATUS_CODES[status] ?? 'Error', flat);
  if (bodiless) {
    response.end();
    return;
  }
  x.audit.bytesOut += length;
  // Text goes out in one piece with the headers.
  response.end(body);
}
