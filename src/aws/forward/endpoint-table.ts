import data from './endpoints.json' with { type: 'json' };

/** A trie over method and path segments; a number is an index into `hosts`. `''` ends a path, `*` is any one segment. */
export type PathNode = number | { readonly [label: string]: PathNode };

export interface EndpointHost {
  readonly id: string;
  /** null: every customer has a host of their own. */
  readonly host: string | null;
  readonly at?: Readonly<Record<string, string>>;
}

export interface EndpointEntry {
  readonly hosts: readonly EndpointHost[];
  readonly targets?: Readonly<Record<string, number>>;
  readonly operations?: Readonly<Record<string, number>>;
  readonly query?: number;
  readonly paths?: PathNode;
  readonly strict?: boolean;
}

export interface Partition {
  readonly id: string;
  readonly suffix: string;
  readonly dual: string;
  readonly regions: RegExp;
  /** The region that `aws-global` and its kin stand for. */
  readonly global: string;
}

const services: Readonly<Record<string, EndpointEntry>> = data.services;

/** What scripts/gen-endpoints.py knows about a signing name. */
export function endpointEntry(service: string): EndpointEntry | undefined {
  return Object.hasOwn(services, service) ? services[service] : undefined;
}

export const partitions: readonly Partition[] = data.partitions.map((partition) => ({
  ...partition,
  regions: new RegExp(partition.regions),
}));
