import { errorTree, JSON_ERRORS } from './aws-json.ts';
import { jsonLeaves } from './json/json-leaves.ts';
import { parseJson } from './json/parse-json.ts';
import type { ProtocolCodec } from './protocol-codec.ts';
import { type BodyReader, compileRequestReader } from './rest/read-request.ts';
import { routedOperation } from './rest/routed-operation.ts';
import { type BodyWriter, compileResponseWriter } from './rest/write-response.ts';
import { compileTreeReader, type TreeReaders } from './tree/read-tree.ts';
import { compileTreeWriter, isObject, type TreeWriters } from './tree/write-tree.ts';

const CONTENT_TYPE = 'application/json';

/** REST JSON ("aws.protocols#restJson1"): HTTP bindings, and JSON for what they leave. */
export function restJson(): ProtocolCodec {
  const leaves = jsonLeaves(true);
  const readers: TreeReaders = new Map();
  const writers: TreeWriters = new Map();
  const reader: BodyReader = {
    members(members, { name }) {
      const read = compileTreeReader({ kind: 'structure', name, union: false, members }, leaves, readers);
      return (body) => {
        const value = read(parseJson(body));
        return isObject(value) ? value : {};
      };
    },
    payload(member) {
      const read = compileTreeReader(member.shape(), leaves, readers);
      return (body) => read(parseJson(body));
    },
  };
  const writer: BodyWriter = {
    members(members, { name }) {
      const write = compileTreeWriter({ kind: 'structure', name, union: false, members }, leaves, writers);
      return (output) => ({ contentType: CONTENT_TYPE, body: JSON.stringify(write(output)) });
    },
    payload(member) {
      const write = compileTreeWriter(member.shape(), leaves, writers);
      return (value) => ({ contentType: CONTENT_TYPE, body: JSON.stringify(write(value)) });
    },
  };
  return {
    errors: {
      ...JSON_ERRORS,
      unknownOperation: ['UnknownOperationException', 404],
      accessDenied: ['AccessDeniedException', 403],
    },
    operationOf: routedOperation(),
    compile: (operation) => ({
      decode: compileRequestReader(operation, reader),
      encode: compileResponseWriter(operation, writer),
    }),
    renderError: (error) => ({
      status: error.status,
      headers: [
        ['x-amzn-ErrorType', error.code],
        ['Content-Type', CONTENT_TYPE],
      ],
      body: JSON.stringify(errorTree(error)),
    }),
  };
}
