import { awsJson } from '../protocol/aws-json.ts';
import { awsQuery } from '../protocol/aws-query.ts';
import type { OperationCodec, ProtocolCodec, ServiceWire } from '../protocol/protocol-codec.ts';
import { restJson } from '../protocol/rest-json.ts';
import { restXml } from '../protocol/rest-xml.ts';
import { rpcV2Cbor } from '../protocol/rpc-v2-cbor.ts';
import { readOperation } from '../protocol/shape/read-shape.ts';
import type { OperationShape } from '../protocol/shape/shape.ts';
import { isS3 } from '../services.ts';
import { compileConstraints } from './constraints/check-constraints.ts';
import type { ConstraintModel } from './constraints/constraint-model.ts';
import type { HandledOperation, RefusedOperation } from './operation.ts';
import type { ServiceError } from './service-error.ts';

/** The protocols of AWS's services, as Smithy names them. */
export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'restJson1' | 'restXml' | 'rpcv2Cbor';

/** What a client class (`KMS`) has for an operation: the last overload's callback names the output. */
type Method<I, O> = (args: I, options: never, cb: (error: never, data?: O) => void) => void;
type NotOperations =
  | 'send'
  | 'destroy'
  | 'config'
  | 'initConfig'
  | 'middlewareStack'
  | `paginate${string}`
  | `waitUntil${string}`;

/** The operations of an SDK client class: `Encrypt` for its method `encrypt`, … */
export type OperationName<Client> = Capitalize<Exclude<keyof Client & string, NotOperations>>;
type MethodOf<Client, Name extends string> = Client[Uncapitalize<Name> & keyof Client];

type InputOf<Client, Name extends OperationName<Client>> =
  MethodOf<Client, Name> extends Method<infer I, infer _O> ? I : never;
type OutputOf<Client, Name extends OperationName<Client>> =
  MethodOf<Client, Name> extends Method<infer _I, infer O> ? Exclude<O, undefined> : never;

/** Every operation of the client, handled or refused on purpose: a missing, misspelt or mistyped one does not compile. */
export type OperationTable<Client> = {
  readonly [Name in OperationName<Client>]:
    | HandledOperation<InputOf<Client, Name>, OutputOf<Client, Name>>
    | RefusedOperation;
};

interface ServiceParts extends ServiceWire {
  /** Folder and documentation: `kms`. */
  readonly name: string;
  /** The service of the credential scope. */
  readonly signingName: string;
  /** The API's version: `2014-11-01`. */
  readonly version: string;
  /** The first is what the service's clients speak by default. */
  readonly protocols: readonly [Protocol, ...Protocol[]];
  /** What `scripts/gen-constraints.py` wrote. */
  readonly constraints: ConstraintModel;
  /** The largest body in bytes; 1 MiB unless said. */
  readonly bodyBytes?: number;
  /** Errors of the core's own rules for this service, as the client reads them; undefined for any other. */
  readonly toServiceError?: (error: unknown) => ServiceError | undefined;
}

export interface ServiceDefinition<Client> extends ServiceParts {
  readonly operations: OperationTable<Client>;
}

/** What every service understands that is called from within Keyhold, whatever its clients speak (`callService`). */
export const WITHIN: Protocol = 'awsJson1_1';

type AnyOperation = Pick<HandledOperation<unknown, unknown>, 'kind' | 'schema' | 'serve'> | RefusedOperation;

/** One operation as it is served: read, checked and written by what has been compiled of its schema. */
export interface ServedOperation {
  readonly shape: OperationShape;
  readonly operation: AnyOperation;
  /** AWS's sentences for what the input violates. */
  check(input: unknown): string[];
  codec(protocol: Protocol): OperationCodec;
}

/** A service as it is served, whatever its client. */
export interface Service extends ServiceParts {
  readonly operations: ReadonlyMap<string, ServedOperation>;
  codec(protocol: Protocol): ProtocolCodec;
}

function makeCodec(protocol: Protocol, signingName: string): ProtocolCodec {
  switch (protocol) {
    case 'awsJson1_0':
      return awsJson('1.0');
    case 'awsJson1_1':
      return awsJson('1.1');
    case 'awsQuery':
      return awsQuery();
    case 'restJson1':
      return restJson();
    case 'restXml':
      return restXml({ bareErrors: isS3(signingName) });
    case 'rpcv2Cbor':
      return rpcV2Cbor();
  }
}

function isOperation(value: unknown): value is AnyOperation {
  return typeof value === 'object' && value !== null && 'kind' in value && 'schema' in value;
}

function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function lazyMap<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

/**
 * A local service. `Client` is the SDK's client class: `defineService<KMS>({ … })`. Codecs and checks are compiled when an operation is
 * first called, once each.
 */
export function defineService<Client>(definition: ServiceDefinition<Client>): Service {
  const { operations: table, ...parts } = definition;
  const codec = lazyMap((protocol: Protocol) => {
    if (protocol !== WITHIN && !parts.protocols.includes(protocol))
      throw new TypeError(`${parts.name} does not speak ${protocol}.`);
    return makeCodec(protocol, parts.signingName);
  });
  const operations = new Map<string, ServedOperation>();
  for (const [name, operation] of Object.entries<unknown>({ ...table })) {
    if (!isOperation(operation)) throw new TypeError(`${name} is not an operation.`);
    const shape = readOperation(operation.schema);
    if (shape.name !== name) throw new TypeError(`The operation ${name} has the schema of ${shape.name}.`);
    const check = lazy(() => compileConstraints(shape.input, parts.constraints));
    operations.set(name, {
      shape,
      operation,
      check: (input) => check()(input),
      codec: lazyMap((protocol: Protocol) => codec(protocol).compile(shape, parts)),
    });
  }
  return { ...parts, operations, codec };
}
