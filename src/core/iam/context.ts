import { principalKeys, type RequestPrincipal } from './principal.ts';

/** One condition key of a request. A multivalued key (AWS's `ArrayOf…` types) stays one even when it carries one value. */
export interface ContextValue {
  readonly multivalued: boolean;
  readonly values: readonly string[];
}

/** The condition keys of a request by lower-case name; a key without a value is absent. */
export type RequestContext = Pick<ReadonlyMap<string, ContextValue>, 'get'>;

type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The context of a request: what follows from its principal (`principalKeys`, which `keys` cannot change) and `keys`. A single-valued key is a string, a multivalued one a list. Numbers are decimal, dates ISO 8601 or epoch seconds,
 * booleans `true` and `false`, binary values base64 with padding.
 *
 * Names that differ in case only are one key to IAM. A request can carry such names with different values (two entries of a KMS
 * encryption context); the key then counts as multivalued, so that no condition meant for one value is met by either.
 */
export function requestContext(principal: RequestPrincipal, keys: ConditionKeys): ReadonlyMap<string, ContextValue> {
  return contextMap(principal, keys);
}

/** The same, put together when a policy first asks for a key: most have no conditions and no variables. */
export function lazyRequestContext(principal: RequestPrincipal, keys: () => ConditionKeys): RequestContext {
  let context: Map<string, ContextValue> | undefined;
  return {
    get(key) {
      context ??= contextMap(principal, keys());
      return context.get(key);
    },
  };
}

function contextMap(principal: RequestPrincipal, keys: ConditionKeys): Map<string, ContextValue> {
  const context = new Map<string, ContextValue>();
  for (const [name, value] of Object.entries(keys)) {
    if (value === undefined || (typeof value !== 'string' && value.length === 0)) continue;
    const key = name.toLowerCase();
    const multivalued = typeof value !== 'string';
    const values = typeof value === 'string' ? [value] : [...value];
    const known = context.get(key);
    if (known === undefined) context.set(key, { multivalued, values });
    else if (known.multivalued || multivalued || known.values[0] !== values[0]) {
      context.set(key, { multivalued: true, values: [...known.values, ...values] });
    }
  }
  for (const [name, value] of Object.entries(principalKeys(principal))) {
    if (value === undefined) context.delete(name);
    else context.set(name, { multivalued: false, values: [value] });
  }
  return context;
}

/** The value of a single-valued key; null when it is absent or multivalued (AWS lets only single values be policy variables). */
export function singleValue(context: RequestContext, key: string): string | null {
  const value = context.get(key);
  return value === undefined || value.multivalued ? null : (value.values[0] ?? null);
}
