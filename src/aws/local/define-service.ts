import type { HandledOperation, RefusedOperation } from './operation.ts';
import type { ServiceError } from './service-error.ts';

/** The protocols of AWS's services, as Smithy names them. */
export type Protocol = 'awsJson1_0' | 'awsJson1_1' | 'awsQuery' | 'restJson1' | 'restXml' | 'rpcv2Cbor';

/** What a client class (`KMS`) has for an operation: the last overload's callback names the output. */
type Method<I, O> = (args: I, options: never, cb: (error: never, data?: O) => void) => void;
type NotOperations = 'send' | 'destroy' | 'config' | 'middlewareStack' | `paginate${string}` | `waitUntil${string}`;

/** The operations of an SDK client class: `Encrypt` for its method `encrypt`, … */
export type OperationName<Client> = Capitalize<Exclude<keyof Client & string, NotOperations>>;
type MethodOf<Client, Name extends string> = Client[Uncapitalize<Name> & keyof Client];

export type InputOf<Client, Name extends OperationName<Client>> =
  MethodOf<Client, Name> extends Method<infer I, infer _O> ? I : never;
export type OutputOf<Client, Name extends OperationName<Client>> =
  MethodOf<Client, Name> extends Method<infer _I, infer O> ? Exclude<O, undefined> : never;

/** Every operation of the client, handled or refused on purpose: a missing, misspelt or mistyped one does not compile. */
export type OperationTable<Client> = {
  readonly [Name in OperationName<Client>]:
    | HandledOperation<InputOf<Client, Name>, OutputOf<Client, Name>>
    | RefusedOperation;
};

export interface ServiceDefinition<Client> {
  /** Folder and documentation: `kms`. */
  readonly name: string;
  /** The service of the credential scope. */
  readonly signingName: string;
  /** The API's version: `2014-11-01`. */
  readonly version: string;
  /** The first is what the service's clients speak by default. */
  readonly protocols: readonly [Protocol, ...Protocol[]];
  /** X-Amz-Target's first half and the service of an RPC v2 path (`TrentService`); for awsJson and rpcv2Cbor. */
  readonly targetPrefix?: string;
  /** For awsQuery and restXml. */
  readonly xmlNamespace?: string;
  /** What `scripts/gen-constraints.py` wrote. */
  readonly constraints: unknown;
  /** Errors of the core's own rules for this service, as the client reads them; undefined for any other. */
  readonly toServiceError?: (error: unknown) => ServiceError | undefined;
  readonly operations: OperationTable<Client>;
}

/** A service as it is served, whatever its client. */
export interface Service extends Omit<ServiceDefinition<never>, 'operations'> {
  readonly operations: ReadonlyMap<string, HandledOperation<never, unknown> | RefusedOperation>;
}

/** A local service. `Client` is the SDK's client class: `defineService<KMS>({ … })`. */
export function defineService<Client>(definition: ServiceDefinition<Client>): Service {
  const operations = new Map<string, HandledOperation<never, unknown> | RefusedOperation>(
    Object.entries(definition.operations),
  );
  return { ...definition, operations };
}
