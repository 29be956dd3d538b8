import type { AwsError } from './aws-error.ts';
import { encodeCbor } from './cbor/encode-cbor.ts';
import type { Dialect } from './dialect.ts';
import { errorCode } from './error-code.ts';

export interface RenderedError {
  status: number;
  code: string;
  /** In wire order, without Date, Connection and Content-Length. */
  headers: [name: string, value: string][];
  body: Uint8Array;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as XML 1.0 character data; characters that XML cannot carry become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function xml(inner: string): Uint8Array {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${inner}`, 'utf8');
}

/** A refusal as the service the client meant to call would answer it, with the request id in headers and body. `api` as in `errorCode`. */
export function renderError(
  error: AwsError,
  dialect: Dialect,
  requestId: string,
  api?: string | undefined,
): RenderedError {
  const { code, status } = errorCode(error, dialect, api);
  const message = error.message;
  const escaped = escapeXml(message);
  const type = ['x-amzn-ErrorType', code] as const;
  const id = ['x-amzn-RequestId', requestId] as const;
  switch (dialect) {
    case 's3':
      return {
        status,
        code,
        headers: [
          ['x-amz-request-id', requestId],
          ['x-amz-id-2', requestId],
          // Where nothing told which protocol the client speaks, a JSON client still finds its own code here.
          ['x-amzn-ErrorType', errorCode({ refusal: error.refusal, s3: undefined }, 'json').code],
          ['Content-Type', 'application/xml'],
        ],
        body: xml(
          `<Error><Code>${code}</Code><Message>${escaped}</Message><RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`,
        ),
      };
    case 'query': {
      const side = status >= 500 ? 'Receiver' : 'Sender';
      return {
        status,
        code,
        headers: [[...id], ['Content-Type', 'text/xml']],
        body: xml(
          `<ErrorResponse><Error><Type>${side}</Type><Code>${code}</Code><Message>${escaped}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
        ),
      };
    }
    case 'ec2':
      return {
        status,
        code,
        headers: [[...id], ['Content-Type', 'text/xml;charset=UTF-8']],
        body: xml(
          `<Response><Errors><Error><Code>${code}</Code><Message>${escaped}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
        ),
      };
    case 'json':
    case 'rest-json':
      return {
        status,
        code,
        headers: [
          [...id],
          [...type],
          ['Content-Type', dialect === 'json' ? 'application/x-amz-json-1.1' : 'application/json'],
        ],
        body: Buffer.from(JSON.stringify({ __type: code, message }), 'utf8'),
      };
    case 'cbor':
      return {
        status,
        code,
        headers: [[...id], [...type], ['smithy-protocol', 'rpc-v2-cbor'], ['Content-Type', 'application/cbor']],
        body: encodeCbor({ __type: code, message }),
      };
    case 'plain':
      return {
        status,
        code,
        headers: [[...id], ['Content-Type', 'text/plain; charset=utf-8']],
        body: Buffer.from(`${message}\n`, 'utf8'),
      };
  }
}
