import type { DoorParts } from './door-parts.ts';
import type { Exchange } from './exchange.ts';
import type { AwsError } from './protocol/aws-error.ts';
import { errorCode } from './protocol/error-code.ts';
import { isFromWebPage } from './steps/refuse-foreign-callers.ts';

/** Some reasons quote what the client sent. */
const MAX_REASON = 300;
const METHOD = /^[A-Z-]{1,16}$/;

/** Puts one request, answered or broken off, into the audit log. Called exactly once for each. */
export function auditExchange(x: Exchange, startedAt: number, { backend, clock }: DoorParts): void {
  const { audit, client, response } = x;
  const { method } = x.wire;
  const answered = audit.answered ?? (response.headersSent ? response.statusCode : undefined);
  // One field after the other: every request of the door makes such an entry, and spreading a dozen small objects into it takes longer than the rest of it.
  const event: Parameters<typeof backend.record>[0] = {
    time: new Date(clock.now()).toISOString(),
    action: audit.action,
    decision: audit.allowed ? 'allowed' : 'denied',
    latencyMs: Math.round((clock.monotonic() - startedAt) * 1000) / 1000,
    bytesIn: audit.bytesIn,
    bytesOut: audit.bytesOut,
    requestId: x.id,
  };
  if (audit.reason !== undefined) event.reason = audit.reason.slice(0, MAX_REASON);
  if (client !== null) {
    event.client = client.name;
    event.profile = client.profile.name;
    event.account = client.account.name;
  }
  if (audit.clientKeyId !== undefined) event.clientKeyId = audit.clientKeyId;
  if (audit.service !== undefined) event.service = audit.service;
  if (audit.target !== undefined) event.target = audit.target;
  if (audit.region !== undefined) event.region = audit.region;
  if (audit.sessionKeyId !== undefined) event.sessionKeyId = audit.sessionKeyId;
  if (audit.assumedRole !== undefined) event.assumedRole = audit.assumedRole;
  if (METHOD.test(method)) event.method = method;
  if (audit.upstream !== undefined) event.upstream = audit.upstream;
  if (audit.status !== undefined) event.status = audit.status;
  if (answered !== undefined) event.answered = answered;
  // Who has proved nothing has no touch either.
  if (audit.touches.length > 0 && audit.proven) event.mfa = audit.touches;
  backend.record(event, client, audit.proven ? undefined : kindOf(x));
}

/** What refusals are counted by when they are many: why, and whether a web page sent the request. */
function kindOf({ audit, wire }: Exchange): string {
  return `${audit.refusal ?? 'gone'} ${isFromWebPage(wire.headers) ? 'page' : 'tool'}`;
}

/** The same for what could not be read as a request at all. */
export function auditUnreadable(
  requestId: string,
  refusal: AwsError,
  method: string | undefined,
  { backend, clock }: DoorParts,
): void {
  backend.record(
    {
      time: new Date(clock.now()).toISOString(),
      action: 'unreadable',
      decision: 'denied',
      reason: refusal.message,
      ...(method !== undefined && METHOD.test(method) ? { method } : {}),
      answered: errorCode(refusal, 's3').status,
      requestId,
    },
    null,
    `${refusal.refusal} unreadable`,
  );
}
