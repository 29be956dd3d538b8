import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { ObjectRef } from '../../../../core/hsm/protocol.ts';
import { PROXY_SERVICE } from '../../../../core/kms/proxy-credential.ts';
import type { ExternalStore } from '../../../../core/kms/records.ts';
import { finishHeaderSigning, type Header, prepareHeaderSigning, sha256Hex } from '../../../../core/sigv4/index.ts';
import type { OperationContext } from '../../../local/operation-context.ts';
import { ProxyFailure, proxyErrorNamed } from './proxy-failure.ts';

/** KMS gives a proxy this long for a whole answer, connecting included (XKS Proxy API specification, "KMS Considerations"). */
const BUDGET_MS = 250;
/** The longest answer that there can be is the base64 of some 4,300 bytes. */
const MOST_BYTES = 64 * 1024;
/** Errors of TLS as OpenSSL and Node name them. */
const TLS_CODES =
  /^(?:CERT_|ERR_TLS|ERR_SSL|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|HOSTNAME_MISMATCH|INVALID_CA|EPROTO)/;
/** The specification has these two headers signed, and a proxy may count on no others. */
const UNSIGNED: ReadonlySet<string> = new Set(['content-type']);

/** A proxy with the HSM object that signs for it, which need not be in the vault yet. */
export interface XksProxy {
  readonly backing: Omit<ExternalStore, 'secret'>;
  readonly secret: ObjectRef;
}

/**
 * Asks a proxy: `path` comes after the store's own (`/health`, `/keys/ID/encrypt`). The signature is made in the HSM process. A call that met a kept
 * connection which the proxy had just closed is sent once more: asking twice changes nothing.
 * @throws ProxyFailure
 */
export async function callProxy(
  ctx: OperationContext,
  proxy: XksProxy,
  path: string,
  input: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown>> {
  const url = new URL(proxy.backing.uriEndpoint + proxy.backing.uriPath + path);
  const body = Buffer.from(JSON.stringify(input), 'utf8');
  const headers = await sign(ctx, proxy, url, body);
  const { status, text } = await send(ctx, url, headers, body);
  const answer = parse(text);
  if (status === 200 && answer !== undefined) return answer;
  const named = proxyErrorNamed(answer?.['errorName']);
  if (status === 200 || named === undefined) throw new ProxyFailure('malformed', `HTTP ${status} from ${url.host}`);
  throw new ProxyFailure(named, printable(answer?.['errorMessage']));
}

async function sign(ctx: OperationContext, { backing, secret }: XksProxy, url: URL, body: Buffer): Promise<Header[]> {
  const prepared = prepareHeaderSigning(
    {
      method: 'POST',
      path: url.pathname,
      query: '',
      headers: [
        ['Host', url.host],
        ['Content-Type', 'application/json'],
      ],
    },
    {
      accessKeyId: backing.accessKeyId,
      region: ctx.region,
      service: PROXY_SERVICE,
      now: ctx.now(),
      payloadHash: sha256Hex(body),
      unsignedHeaders: UNSIGNED,
    },
  );
  const { scope, stringToSign } = prepared;
  const { signature } = await ctx.session.hsm.call('sigv4Sign', { key: secret, scope, stringToSign });
  return finishHeaderSigning(prepared, signature);
}

interface Received {
  status: number;
  text: string;
}

function send(ctx: OperationContext, url: URL, headers: readonly Header[], body: Buffer): Promise<Received> {
  const { agents, clock } = ctx.outbound;
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    let settled = false;
    let stop = (): void => {};
    const settle = (end: () => void): void => {
      if (settled) return;
      settled = true;
      timer.cancel();
      end();
    };
    const fail = (failure: ProxyFailure): void => settle(() => reject(failure));
    const timer = clock.setTimer(BUDGET_MS, () => {
      fail(new ProxyFailure('timeout', `no answer from ${url.host} within ${BUDGET_MS} ms`));
      stop();
    });
    const attempt = (again: boolean): void => {
      const sent = (secure ? httpsRequest : httpRequest)({
        agent: secure ? agents.https : agents.http,
        host: url.hostname,
        port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
        method: 'POST',
        path: url.pathname,
        headers: [...headers, ['Content-Length', String(body.length)] as const].flat(),
        setHost: false,
      });
      stop = () => void sent.destroy();
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (settled) return;
        if (again && sent.reusedSocket) return attempt(false);
        fail(new ProxyFailure(TLS_CODES.test(codeOf(error)) ? 'tls' : 'unreachable', error.message, { cause: error }));
      });
      sent.on('response', (answer) => {
        read(answer).then(
          (text) => settle(() => resolve({ status: answer.statusCode ?? 0, text })),
          (error: unknown) => {
            sent.destroy();
            fail(
              error instanceof ProxyFailure
                ? error
                : new ProxyFailure('unreachable', `the answer of ${url.host} broke off`, { cause: error }),
            );
          },
        );
      });
      sent.end(body);
    };
    attempt(true);
  });
}

async function read(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of answer) {
    length += part.length;
    if (length > MOST_BYTES) throw new ProxyFailure('malformed', `an answer of more than ${MOST_BYTES} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function codeOf(error: NodeJS.ErrnoException): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0] ?? new Error('no cause'));
  return error.code ?? '';
}

/** The specification has a proxy's text in printable ASCII of less than 512 characters, and it goes into our log. */
function printable(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 512).replace(/[^\x20-\x7e]/g, '?') : '';
}
