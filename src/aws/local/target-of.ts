import type { Authorized } from './operation.ts';

/** What a call is about, for the audit log: the ARNs that its decisions name, or undefined where those name nothing in particular. */
export function targetOf(authorized: Authorized<unknown>): string | undefined {
  if ('unrestricted' in authorized) return undefined;
  const [first, ...others] = authorized.decisions;
  // Nearly always: one key, one decision.
  if (others.length === 0) return first.resource === '*' ? undefined : first.resource;
  const named = new Set(authorized.decisions.map(({ resource }) => resource).filter((resource) => resource !== '*'));
  return named.size === 0 ? undefined : [...named].join(', ');
}
