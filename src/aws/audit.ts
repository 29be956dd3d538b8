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
  backend.record(
    {
      time: new Date(clock.now()).toISOString(),
      action: audit.action,
      decision: audit.allowed ? 'allowed' : 'denied',
      ...(audit.reason === undefined ? {} : { reason: audit.reason.slice(0, MAX_REASON) }),
      ...(client === null ? {} : { client: client.name, profile: client.profile.name, account: client.account.name }),
      ...(audit.clientKeyId === undefined ? {} : { clientKeyId: audit.clientKeyId }),
      ...(audit.service === undefined ? {} : { service: audit.service }),
      ...(audit.target === undefined ? {} : { target: audit.target }),
      ...(audit.region === undefined ? {} : { region: audit.region }),
      ...(audit.sessionKeyId === undefined ? {} : { sessionKeyId: audit.sessionKeyId }),
      ...(audit.assumedRole === undefined ? {} : { assumedRole: audit.assumedRole }),
      ...(METHOD.test(method) ? { method } : {}),
      ...(audit.upstream === undefined ? {} : { upstream: audit.upstream }),
      ...(audit.status === undefined ? {} : { status: audit.status }),
      ...(answered === undefined ? {} : { answered }),
      latencyMs: Math.round((clock.monotonic() - startedAt) * 1000) / 1000,
      bytesIn: audit.bytesIn,
      bytesOut: audit.bytesOut,
      requestId: x.id,
      // Who has proved nothing has no touch either.
      ...(audit.touches.length === 0 || !audit.proven ? {} : { mfa: audit.touches }),
    },
    client,
    audit.proven ? undefined : kindOf(x),
  );
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
