import data from './protocols.json' with { type: 'json' };

export interface Marks {
  /** The operation is in X-Amz-Target (AWS JSON). */
  target: boolean;
  /** The operation is in `Action` (AWS query and EC2). */
  action: boolean;
  /** The operation is in the path (Smithy RPC v2 CBOR). */
  rpcPath: boolean;
}

const json = new Set(data.json);
const query = new Set(data.query);
const cbor = new Set(data.cbor);

/** Where the services of a signing name look for the operation; nowhere of these for REST services and those that are not known (scripts/gen-protocols.py). */
export function marksOf(service: string): Marks {
  return { target: json.has(service), action: query.has(service), rpcPath: cbor.has(service) };
}
