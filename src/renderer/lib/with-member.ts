/** The set with the one in it, or without. */
export function withMember<T>(members: ReadonlySet<T>, one: T, isIn: boolean): ReadonlySet<T> {
  const next = new Set(members);
  if (isIn) next.add(one);
  else next.delete(one);
  return next;
}
