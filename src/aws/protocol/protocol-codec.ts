import type { Exchange } from '../exchange.ts';
import type { OperationShape } from './shape/shape.ts';

/** A request whose body has been read whole. */
export interface Incoming extends Pick<Exchange, 'wire' | 'header' | 'hostPrefix'> {
  readonly body: Buffer;
}

export interface RenderedAnswer {
  readonly status: number;
  /** Without request id, Date and Content-Length. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | string;
}

/** What the protocols need to know of a service. */
export interface ServiceWire {
  readonly version: string;
  /** X-Amz-Target's first half and the service of an RPC v2 path. */
  readonly targetPrefix?: string | undefined;
  readonly xmlNamespace?: string | undefined;
}

export interface OperationCodec {
  /** The input as the SDK's types describe it, constraints unchecked. Throws MalformedInput. */
  decode(incoming: Incoming): unknown;
  /** The answer. Throws a TypeError for one that the operation's schema cannot carry. */
  encode(output: unknown, requestId: string): RenderedAnswer;
}

export interface WireError {
  readonly code: string;
  /** Left out of the answer where empty. */
  readonly message: string;
  readonly status: number;
  readonly members: Readonly<Record<string, string | number | boolean>>;
}

/** The code and status that services of a protocol use where no service has one of its own. */
export interface CommonErrors {
  readonly unknownOperation: readonly [code: string, status: number];
  readonly malformedInput: readonly [code: string, status: number];
  readonly validation: readonly [code: string, status: number];
  readonly accessDenied: readonly [code: string, status: number];
  /** An operation that Keyhold leaves out on purpose. */
  readonly unsupported: readonly [code: string, status: number];
}

/** One of AWS's protocols, seen from the server. */
export interface ProtocolCodec {
  readonly errors: CommonErrors;
  /**
   * The operation a request names; undefined where it names none that can be told. `operations` are the service's, for protocols
   * whose paths name them.
   */
  operationOf(
    incoming: Incoming,
    service: ServiceWire,
    operations: () => readonly OperationShape[],
  ): string | undefined;
  compile(operation: OperationShape, service: ServiceWire): OperationCodec;
  renderError(error: WireError, requestId: string): RenderedAnswer;
}
