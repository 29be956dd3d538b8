import type { RenderedAnswer } from '../protocol-codec.ts';
import type { Member, OperationShape } from '../shape/shape.ts';
import { isObject } from '../tree/write-tree.ts';
import { isBoundToBody } from './read-request.ts';
import { joinHeader, textWriter } from './text-values.ts';

export interface WrittenBody {
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

/** How a REST protocol writes the part of the body that its schema describes. */
export interface BodyWriter {
  members(
    members: readonly Member[],
    operation: OperationShape,
  ): (output: Readonly<Record<string, unknown>>) => WrittenBody;
  payload(member: Member): (value: unknown) => WrittenBody;
}

type Headers = [name: string, value: string][];
type HeaderBinding = (value: unknown, headers: Headers) => void;

function headerBinding(member: Member): HeaderBinding | undefined {
  const { httpHeader, httpPrefixHeaders } = member.traits;
  const shape = member.shape();
  if (httpHeader !== undefined && shape.kind === 'list') {
    const write = textWriter(shape.item, 'http-date');
    return (value, headers) => {
      if (!Array.isArray(value)) throw new TypeError(`The header ${httpHeader} needs a list.`);
      headers.push([httpHeader, joinHeader(value.map((one: unknown) => write(one)))]);
    };
  }
  if (httpHeader !== undefined) {
    const write = textWriter(member, 'http-date');
    return (value, headers) => {
      headers.push([httpHeader, write(value)]);
    };
  }
  if (httpPrefixHeaders === undefined) return undefined;
  return (value, headers) => {
    if (!isObject(value)) throw new TypeError(`The headers ${httpPrefixHeaders} need a map.`);
    for (const [name, one] of Object.entries(value)) headers.push([`${httpPrefixHeaders}${name}`, String(one)]);
  };
}

function payloadWriter(member: Member, writer: BodyWriter): (value: unknown) => WrittenBody {
  const { mediaType } = member.traits;
  switch (member.shape().kind) {
    case 'blob':
      return (value) => {
        if (!(value instanceof Uint8Array)) throw new TypeError(`The body ${member.name} has to be bytes.`);
        return { contentType: mediaType ?? 'application/octet-stream', body: value };
      };
    case 'string':
      return (value) => ({ contentType: mediaType ?? 'text/plain', body: String(value) });
    default:
      return writer.payload(member);
  }
}

/** Writes an operation's output into status, headers and body (Smithy, "HTTP binding traits"). */
export function compileResponseWriter(
  operation: OperationShape,
  writer: BodyWriter,
): (output: unknown) => RenderedAnswer {
  const all = operation.output.kind === 'structure' ? operation.output.members : [];
  const inHeaders = all.flatMap((member) => {
    const write = headerBinding(member);
    return write === undefined ? [] : [{ name: member.name, write }];
  });
  const statusMember = all.find(({ traits }) => traits.httpResponseCode)?.name;
  const payload = all.find(({ traits }) => traits.httpPayload);
  const writePayload = payload === undefined ? undefined : payloadWriter(payload, writer);
  const inBody = all.filter(isBoundToBody);
  const writeMembers = inBody.length === 0 ? undefined : writer.members(inBody, operation);
  const usual = operation.http?.status ?? 200;

  return (output) => {
    const values: Readonly<Record<string, unknown>> = isObject(output) ? output : {};
    const headers: Headers = [];
    for (const { name, write } of inHeaders) {
      const value = values[name];
      if (value !== undefined && value !== null) write(value, headers);
    }
    const code = statusMember === undefined ? undefined : values[statusMember];
    const status = typeof code === 'number' ? code : usual;
    const whole = payload === undefined ? undefined : values[payload.name];
    const written =
      writePayload === undefined ? writeMembers?.(values) : whole === undefined ? undefined : writePayload(whole);
    if (written === undefined) return { status, headers, body: '' };
    if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
      headers.push(['Content-Type', written.contentType]);
    }
    return { status, headers, body: written.body };
  };
}
