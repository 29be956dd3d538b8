import { jsonLeaves } from './json/json-leaves.ts';
import { parseJson } from './json/parse-json.ts';
import type { CommonErrors, ProtocolCodec, WireError } from './protocol-codec.ts';
import { compileTreeReader, type TreeReaders } from './tree/read-tree.ts';
import { compileTreeWriter, type TreeWriters } from './tree/write-tree.ts';

export const JSON_ERRORS: CommonErrors = {
  unknownOperation: ['UnknownOperationException', 400],
  malformedInput: ['SerializationException', 400],
  validation: ['ValidationException', 400],
  accessDenied: ['AccessDeniedException', 400],
  unsupported: ['UnsupportedOperationException', 400],
};

/** What a JSON or CBOR error's body holds; AWS leaves an empty message out. */
export function errorTree({ code, message, members }: WireError): Record<string, unknown> {
  return { __type: code, ...(message === '' ? {} : { message }), ...members };
}

/**
 * AWS JSON 1.0 and 1.1 (Smithy, "aws.protocols#awsJson1_0"): one POST to `/`, the operation in X-Amz-Target, JSON both ways; members under
 * their own names, timestamps as seconds, blobs in base64.
 */
export function awsJson(version: '1.0' | '1.1'): ProtocolCodec {
  const leaves = jsonLeaves(false);
  const readers: TreeReaders = new Map();
  const writers: TreeWriters = new Map();
  const headers = [['Content-Type', `application/x-amz-json-${version}`]] as const;
  return {
    errors: JSON_ERRORS,
    operationOf({ header }, { targetPrefix }) {
      const target = header('x-amz-target') ?? '';
      return target.startsWith(`${targetPrefix}.`) ? target.slice(`${targetPrefix}.`.length) : undefined;
    },
    compile({ input, output }) {
      const read = compileTreeReader(input, leaves, readers);
      const write = compileTreeWriter(output, leaves, writers);
      const empty = output.kind === 'unit';
      return {
        decode: ({ body }) => read(parseJson(body)),
        encode: (value) => ({ status: 200, headers, body: empty ? '' : JSON.stringify(write(value)) }),
      };
    },
    renderError: (error) => ({
      status: error.status,
      headers: [['x-amzn-ErrorType', error.code], ...headers],
      body: JSON.stringify(errorTree(error)),
    }),
  };
}
