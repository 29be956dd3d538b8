import { errorTree, JSON_ERRORS } from './aws-json.ts';
import { CBOR_LEAVES } from './cbor/cbor-leaves.ts';
import { decodeCbor } from './cbor/decode-cbor.ts';
import { encodeCbor } from './cbor/encode-cbor.ts';
import type { ProtocolCodec } from './protocol-codec.ts';
import { compileTreeReader, type TreeReaders } from './tree/read-tree.ts';
import { compileTreeWriter, type TreeWriters } from './tree/write-tree.ts';

const PROTOCOL = ['smithy-protocol', 'rpc-v2-cbor'] as const;
const CONTENT = ['Content-Type', 'application/cbor'] as const;
const PATH = /\/service\/([^/]+)\/operation\/([^/]+)$/;

/** Smithy RPC v2 CBOR ("smithy.protocols#rpcv2Cbor"): POST to `/service/NAME/operation/NAME`, CBOR both ways. */
export function rpcV2Cbor(): ProtocolCodec {
  const readers: TreeReaders = new Map();
  const writers: TreeWriters = new Map();
  return {
    errors: { ...JSON_ERRORS, unknownOperation: ['UnknownOperationException', 404] },
    operationOf({ wire }, { targetPrefix }) {
      const found = PATH.exec(wire.path);
      return wire.method === 'POST' && found?.[1] === targetPrefix ? found?.[2] : undefined;
    },
    compile({ input, output }) {
      const read = compileTreeReader(input, CBOR_LEAVES, readers);
      const write = compileTreeWriter(output, CBOR_LEAVES, writers);
      const empty = output.kind === 'unit';
      return {
        decode: ({ body }) => read(body.length === 0 ? {} : decodeCbor(body)),
        encode: (value) =>
          empty
            ? { status: 200, headers: [PROTOCOL], body: '' }
            : { status: 200, headers: [PROTOCOL, CONTENT], body: encodeCbor(write(value)) },
      };
    },
    renderError: (error) => ({
      status: error.status,
      headers: [['x-amzn-ErrorType', error.code], PROTOCOL, CONTENT],
      body: encodeCbor(errorTree(error)),
    }),
  };
}
