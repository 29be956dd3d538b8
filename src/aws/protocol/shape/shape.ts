/** How a timestamp is written where nothing else is said; a `timestampFormat` trait says it for one member. */
export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export interface XmlNamespace {
  /** `''`: the default namespace. */
  readonly prefix: string;
  readonly uri: string;
}

/** The traits of Smithy's protocols that a server has to know of a member. */
export interface Traits {
  readonly jsonName?: string;
  readonly xmlName?: string;
  readonly xmlFlattened: boolean;
  readonly xmlAttribute: boolean;
  readonly xmlNamespace?: XmlNamespace;
  readonly httpLabel: boolean;
  readonly httpPayload: boolean;
  readonly httpResponseCode: boolean;
  readonly httpQueryParams: boolean;
  readonly httpQuery?: string;
  readonly httpHeader?: string;
  readonly httpPrefixHeaders?: string;
  readonly mediaType?: string;
}

export interface StructureShape {
  readonly kind: 'structure';
  /** `EncryptRequest` */
  readonly name: string;
  readonly union: boolean;
  /** As the root of an XML document. */
  readonly xmlName?: string;
  readonly xmlNamespace?: XmlNamespace;
  readonly members: readonly Member[];
}
export interface ListShape {
  readonly kind: 'list';
  readonly item: Member;
}
export interface MapShape {
  readonly kind: 'map';
  readonly key: Member;
  readonly value: Member;
}
export interface TimestampShape {
  readonly kind: 'timestamp';
  readonly format: TimestampFormat | undefined;
}
export interface SimpleShape {
  readonly kind: 'string' | 'number' | 'boolean' | 'blob' | 'bigInteger' | 'document' | 'unit';
}
export type Shape = StructureShape | ListShape | MapShape | TimestampShape | SimpleShape;

/** A member of a structure, the items of a list (`member`), or key and value of a map. */
export interface Member {
  readonly name: string;
  readonly traits: Traits;
  /** Shapes may contain themselves, so they are looked up when they are needed. */
  shape(): Shape;
}

export interface OperationShape {
  /** `Encrypt` */
  readonly name: string;
  readonly input: Shape;
  readonly output: Shape;
  /** REST only. */
  readonly http?: { readonly method: string; readonly uri: string; readonly status: number };
}
