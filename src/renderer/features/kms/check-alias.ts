/** What is wrong with an alias, given without its prefix `alias/`; null when nothing is. */
export function aliasProblem(name: string): string | null {
  if (!/^[a-zA-Z0-9/_-]+$/.test(name)) return 'An alias has letters, digits, slashes, dashes and underscores only.';
  if (/^aws(\/|$)/.test(name)) return 'Names that begin with aws/ are for AWS managed keys.';
  if (name.length > 250) return 'An alias has at most 250 characters.';
  return null;
}
