import { randomUUID } from 'node:crypto';
import { KeyholdError } from '../../contract/errors.ts';
import { isServedRegion, notServed, partitionOf } from '../../contract/partitions.ts';
import type { ServiceCall } from '../../core/core.ts';
import { KMS_KINDS } from '../../core/kms/remove-records.ts';
import type { Clock, Logger } from '../../core/ports.ts';
import type { UpstreamAgents } from '../forward/agents.ts';
import type { Incoming } from '../protocol/protocol-codec.ts';
import { type Service, WITHIN } from './define-service.ts';
import type { OperationContext } from './operation-context.ts';
import { asServiceError, runOperation } from './run-operation.ts';
import type { Services } from './serve-local.ts';
import { ServiceError } from './service-error.ts';

/** What a call without the door needs. */
export interface CallParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly agents: UpstreamAgents;
}

/**
 * One operation of a local service for the window and the command line, as the account's root: the same reading, constraints, decision and
 * writing as a request through the door, without HTTP and signature. Input and output are AWS JSON 1.1.
 * @throws KeyholdError `ServiceRefused` with `details.name`, the AWS error's name; `Unsupported` for a service there is not; `InvalidInput` for a Region
 */
export async function callService(
  call: ServiceCall,
  parts: CallParts,
  services: Services,
): Promise<Record<string, unknown>> {
  const load = Object.hasOwn(services, call.service) ? services[call.service] : undefined;
  if (load === undefined) {
    throw new KeyholdError('Unsupported', `Local accounts have no service ${call.service} in Keyhold.`);
  }
  await requireRegion(call);
  const service = await load();
  try {
    return await run(call, service, parts);
  } catch (error) {
    const known = asServiceError(error, service, WITHIN);
    if (known === undefined) throw error;
    const message = known.message === '' ? `The ${service.name} service answered ${known.code}.` : known.message;
    throw new KeyholdError('ServiceRefused', message, { name: known.code, ...known.members }, { cause: error });
  }
}

/** What is kept of Regions that were taken once can still be seen and removed. */
async function requireRegion({ account, region, session }: ServiceCall): Promise<void> {
  if (isServedRegion(region)) return;
  const { kms } = await session.need(...KMS_KINDS);
  if (kms.keysIn(account.id, region).length === 0) {
    throw new KeyholdError('InvalidInput', `region: ${notServed(region)}`);
  }
}

async function run(call: ServiceCall, service: Service, parts: CallParts): Promise<Record<string, unknown>> {
  const served = service.operations.get(call.operation);
  if (served === undefined) {
    throw new ServiceError('UnknownOperationException', `${service.name} has no operation ${call.operation}.`);
  }
  const requestId = randomUUID();
  const { body } = await runOperation(
    { service, protocol: WITHIN, served, incoming: jsonRequest(call.input) },
    { requestId, context: (operation) => rootContext(call, operation, requestId, parts), onTarget: call.onTarget },
  );
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  return isRecord(answer) ? answer : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonRequest(input: ServiceCall['input']): Incoming {
  return {
    wire: { method: 'POST', path: '/', query: '', headers: [], charset: 'latin1' },
    header: () => undefined,
    hostPrefix: undefined,
    body: Buffer.from(JSON.stringify(input), 'utf8'),
  };
}

function rootContext(
  { account, region, service, session }: ServiceCall,
  operation: string,
  requestId: string,
  { clock, log, agents }: CallParts,
): OperationContext {
  const partition = partitionOf(region);
  const { accountId } = account.value;
  return {
    caller: {
      type: 'root',
      arn: `arn:${partition}:iam::${accountId}:root`,
      accessKeyId: '',
      principal: { type: 'root', partition, account: accountId },
      policies: [],
    },
    account: { id: account.id, accountId, partition },
    region,
    service,
    operation,
    requestId,
    now: () => clock.now(),
    session,
    ip: '127.0.0.1',
    secure: true,
    userAgent: 'Keyhold',
    mfaAge: undefined,
    log,
    outbound: { agents, clock },
  };
}
