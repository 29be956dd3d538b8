import type { ProtocolCodec } from './protocol-codec.ts';
import { type BodyReader, compileRequestReader } from './rest/read-request.ts';
import { routedOperation } from './rest/routed-operation.ts';
import { type BodyWriter, compileResponseWriter, type WrittenBody } from './rest/write-response.ts';
import type { Member, OperationShape, XmlNamespace } from './shape/shape.ts';
import { isObject } from './tree/write-tree.ts';
import { parseXml } from './xml/parse-xml.ts';
import { compileXmlReader, type XmlReaders } from './xml/read-xml.ts';
import { compileXmlWriter, element, namespaceAttribute, type XmlWriters } from './xml/write-xml.ts';
import { errorElements, errorResponse } from './xml-error.ts';

const CONTENT_TYPE = 'application/xml';
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The root element of a body that a structure's members make up. */
function rootOf(operation: OperationShape, which: 'input' | 'output'): { name: string; namespace?: XmlNamespace } {
  const shape = operation[which];
  if (shape.kind !== 'structure') return { name: operation.name };
  return {
    name: shape.xmlName ?? shape.name,
    ...(shape.xmlNamespace === undefined ? {} : { namespace: shape.xmlNamespace }),
  };
}

/**
 * REST XML ("aws.protocols#restXml"): HTTP bindings, and XML for what they leave. `bareErrors`: S3 answers `<Error>` without the
 * `<ErrorResponse>` around it, and names requests in headers of its own.
 */
export function restXml({ bareErrors }: { bareErrors: boolean }): ProtocolCodec {
  const readers: XmlReaders = new Map();
  const writers: XmlWriters = new Map();
  const reader: BodyReader = {
    members(members, { name }) {
      const read = compileXmlReader({ kind: 'structure', name, union: false, members }, readers);
      return (body) => {
        const value = body.length === 0 ? {} : read(parseXml(body));
        return isObject(value) ? value : {};
      };
    },
    payload(member) {
      const read = compileXmlReader(member.shape(), readers);
      return (body) => read(parseXml(body));
    },
  };
  const writerFor = (serviceNamespace: XmlNamespace | undefined): BodyWriter => {
    const write = (root: string, namespace: XmlNamespace | undefined, member: Pick<Member, 'shape'>) => {
      const xml = compileXmlWriter(member.shape(), writers);
      const attributes = namespaceAttribute(namespace ?? serviceNamespace);
      return (value: unknown): WrittenBody => ({
        contentType: CONTENT_TYPE,
        body: DECLARATION + element(root, xml, value, attributes),
      });
    };
    return {
      members(members, operation) {
        const { name, namespace } = rootOf(operation, 'output');
        return write(name, namespace, { shape: () => ({ kind: 'structure', name, union: false, members }) });
      },
      payload(member) {
        const shape = member.shape();
        const own = shape.kind === 'structure' ? shape : undefined;
        const name = member.traits.xmlName ?? own?.xmlName ?? own?.name ?? member.name;
        return write(name, member.traits.xmlNamespace ?? own?.xmlNamespace, member);
      },
    };
  };
  return {
    errors: {
      unknownOperation: ['MethodNotAllowed', 405],
      malformedInput: ['MalformedXML', 400],
      validation: bareErrors ? ['InvalidArgument', 400] : ['ValidationError', 400],
      accessDenied: ['AccessDenied', 403],
      unsupported: ['NotImplemented', 501],
    },
    operationOf: routedOperation(),
    compile(operation, { xmlNamespace }) {
      const namespace = xmlNamespace === undefined ? undefined : { prefix: '', uri: xmlNamespace };
      return {
        decode: compileRequestReader(operation, reader),
        encode: compileResponseWriter(operation, writerFor(namespace)),
      };
    },
    renderError: (error, requestId) => ({
      status: error.status,
      headers: [['Content-Type', CONTENT_TYPE]],
      body:
        DECLARATION +
        (bareErrors
          ? `<Error>${errorElements(error)}<RequestId>${requestId}</RequestId><HostId>${requestId}</HostId></Error>`
          : errorResponse(error, requestId, '')),
    }),
  };
}
