import { MalformedInput } from '../malformed-input.ts';
import type { Incoming } from '../protocol-codec.ts';
import { parsePairs } from '../query/parse-form.ts';
import type { Member, OperationShape } from '../shape/shape.ts';
import { matchPath, routeOf } from './routes.ts';
import { splitHeader, textReader } from './text-values.ts';

/** How a REST protocol reads the part of the body that its schema describes. */
export interface BodyReader {
  /** The members that are not bound elsewhere, out of a body that has some of them. */
  members(members: readonly Member[], operation: OperationShape): (body: Buffer) => Readonly<Record<string, unknown>>;
  /** A structure, union or document that is the whole body. */
  payload(member: Member): (body: Buffer) => unknown;
}

/** What a request offers to the bindings. */
interface Parts {
  incoming: Incoming;
  labels: ReadonlyMap<string, string>;
  query: readonly (readonly [string, string])[];
}
type Binding = (parts: Parts) => unknown;

/** The path with the bucket that S3's clients put into the host. */
export function fullPath({ wire, hostPrefix }: Incoming): string {
  return hostPrefix === undefined ? wire.path : `/${hostPrefix}${wire.path}`;
}

export function isBoundToBody({ traits }: Member): boolean {
  return !(
    traits.httpLabel ||
    traits.httpPayload ||
    traits.httpQueryParams ||
    traits.httpResponseCode ||
    traits.httpQuery !== undefined ||
    traits.httpHeader !== undefined ||
    traits.httpPrefixHeaders !== undefined
  );
}

function queryBinding(member: Member, name: string): Binding {
  const shape = member.shape();
  if (shape.kind === 'list') {
    const read = textReader(shape.item, 'date-time');
    return ({ query }) => {
      const values = query.filter(([key]) => key === name).map(([, value]) => read(value));
      return values.length === 0 ? undefined : values;
    };
  }
  const read = textReader(member, 'date-time');
  return ({ query }) => {
    const found = query.filter(([key]) => key === name);
    if (found.length > 1) throw new MalformedInput(`The query parameter ${name} is given twice.`);
    const [first] = found;
    return first === undefined ? undefined : read(first[1]);
  };
}

function headerBinding(member: Member, name: string): Binding {
  const shape = member.shape();
  if (shape.kind === 'list') {
    const read = textReader(shape.item, 'http-date');
    return ({ incoming }) => {
      const text = incoming.header(name.toLowerCase());
      return text === undefined || text === '' ? undefined : splitHeader(text, shape.item.shape()).map(read);
    };
  }
  const read = textReader(member, 'http-date');
  return ({ incoming }) => {
    const text = incoming.header(name.toLowerCase());
    return text === undefined || text === '' ? undefined : read(text.trim());
  };
}

function prefixBinding(prefix: string): Binding {
  const lower = prefix.toLowerCase();
  return ({ incoming }) => {
    const map: Record<string, string> = Object.create(null);
    for (const [name] of incoming.wire.headers) {
      const key = name.toLowerCase();
      if (key.startsWith(lower)) map[key.slice(lower.length)] = incoming.header(key) ?? '';
    }
    return Object.keys(map).length === 0 ? undefined : map;
  };
}

/** Every query parameter that no other member takes. */
function queryParamsBinding(member: Member, taken: ReadonlySet<string>): Binding {
  const shape = member.shape();
  const many = shape.kind === 'map' && shape.value.shape().kind === 'list';
  return ({ query }) => {
    const map: Record<string, string | string[]> = Object.create(null);
    for (const [name, value] of query) {
      if (taken.has(name)) continue;
      const known = map[name];
      if (!many) map[name] = value;
      else if (Array.isArray(known)) known.push(value);
      else map[name] = [value];
    }
    return map;
  };
}

function payloadBinding(member: Member, reader: BodyReader): Binding {
  switch (member.shape().kind) {
    case 'blob':
      return ({ incoming }) => incoming.body;
    case 'string':
      return ({ incoming }) => (incoming.body.length === 0 ? undefined : incoming.body.toString('utf8'));
    default: {
      const read = reader.payload(member);
      return ({ incoming }) => (incoming.body.length === 0 ? undefined : read(incoming.body));
    }
  }
}

/** Reads an operation's input out of path, query, headers and body (Smithy, "HTTP binding traits"). */
export function compileRequestReader(operation: OperationShape, reader: BodyReader): (incoming: Incoming) => unknown {
  const route = routeOf(operation);
  const all = operation.input.kind === 'structure' ? operation.input.members : [];
  const taken = new Set([...all.flatMap(({ traits }) => traits.httpQuery ?? []), ...route.query.map(([name]) => name)]);
  const bindings = all
    .filter((member) => !isBoundToBody(member))
    .map((member): { name: string; read: Binding } => {
      const { traits, name } = member;
      if (traits.httpLabel) {
        const read = textReader(member, 'date-time');
        return { name, read: ({ labels }) => read(labels.get(name) ?? '') };
      }
      if (traits.httpQuery !== undefined) return { name, read: queryBinding(member, traits.httpQuery) };
      if (traits.httpHeader !== undefined) return { name, read: headerBinding(member, traits.httpHeader) };
      if (traits.httpPrefixHeaders !== undefined) return { name, read: prefixBinding(traits.httpPrefixHeaders) };
      if (traits.httpPayload) return { name, read: payloadBinding(member, reader) };
      return { name, read: queryParamsBinding(member, taken) };
    });
  const inBody = all.filter(isBoundToBody);
  const readBody = inBody.length === 0 ? undefined : reader.members(inBody, operation);
  return (incoming) => {
    const labels = matchPath(route, fullPath(incoming));
    if (labels === undefined) throw new TypeError(`The request is not one for ${operation.name}.`);
    const parts: Parts = { incoming, labels, query: parsePairs(incoming.wire.query) };
    const input: Record<string, unknown> = readBody === undefined ? {} : { ...readBody(incoming.body) };
    for (const { name, read } of bindings) {
      const value = read(parts);
      if (value !== undefined) input[name] = value;
    }
    return input;
  };
}
