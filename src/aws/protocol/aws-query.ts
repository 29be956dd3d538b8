import type { Incoming, ProtocolCodec } from './protocol-codec.ts';
import { type FormNode, parseForm } from './query/parse-form.ts';
import { compileFormReader, type FormReaders } from './query/read-form.ts';
import { escapeXml } from './render-error.ts';
import { compileXmlWriter, type XmlWriters } from './xml/write-xml.ts';
import { errorResponse } from './xml-error.ts';

const HEADERS = [['Content-Type', 'text/xml']] as const;

/** A request is read twice, for its action and for its input; what it was parsed to is kept for the second time. */
const parsed = new WeakMap<Incoming, FormNode>();

function formOf(incoming: Incoming): FormNode {
  let form = parsed.get(incoming);
  if (form === undefined) {
    const isForm =
      incoming.header('content-type')?.toLowerCase().startsWith('application/x-www-form-urlencoded') === true;
    form = parseForm(incoming.wire.query, isForm ? incoming.body.toString('latin1') : '');
    parsed.set(incoming, form);
  }
  return form;
}

/**
 * The AWS Query protocol ("aws.protocols#awsQuery"): `Action`, `Version` and the input's members as a form or in the query; XML back.
 */
export function awsQuery(): ProtocolCodec {
  const readers: FormReaders = new Map();
  const writers: XmlWriters = new Map();
  return {
    errors: {
      unknownOperation: ['InvalidAction', 400],
      malformedInput: ['MalformedInput', 400],
      validation: ['ValidationError', 400],
      accessDenied: ['AccessDenied', 403],
      unsupported: ['UnsupportedOperation', 400],
    },
    operationOf(incoming, { version }) {
      const { children } = formOf(incoming);
      const asked = children.get('Version')?.value;
      return asked === undefined || asked === version ? children.get('Action')?.value : undefined;
    },
    compile({ name, input, output }, { xmlNamespace = '' }) {
      const read = compileFormReader(input, readers);
      const writer = compileXmlWriter(output, writers);
      const head = `<${name}Response xmlns="${escapeXml(xmlNamespace)}">`;
      const result = (value: unknown): string =>
        output.kind === 'unit' ? '' : `<${name}Result>${writer.content(value)}</${name}Result>`;
      return {
        decode: (incoming) => read(formOf(incoming)),
        encode: (value, requestId) => ({
          status: 200,
          headers: HEADERS,
          body: `${head}${result(value)}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
        }),
      };
    },
    renderError: (error, requestId) => ({
      status: error.status,
      headers: HEADERS,
      body: errorResponse(error, requestId, ''),
    }),
  };
}
