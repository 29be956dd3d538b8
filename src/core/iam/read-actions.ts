import { type Glob, globOf, matchesGlob, wildTokens } from './glob.ts';
import type { JsonMember } from './json.ts';
import type { ActionSet } from './policy.ts';
import { at, type Reading, readEither, readStrings } from './read-element.ts';

const NO_ACTIONS = 'Policy statement must contain actions.';

/** What is wrong with an action pattern, in IAM's words; null when nothing is. */
function actionFault(action: string): string | null {
  if (action === '*') return null;
  const [vendor = '', name, ...more] = action.split(':');
  if (name === undefined) return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
  if (more.length > 0) return 'Actions/Condition can contain only one colon.';
  if (vendor !== '*' && !/^[A-Za-z0-9.-]+$/.test(vendor)) return `Vendor ${vendor} is not valid.`;
  return /^[A-Za-z0-9*?]+$/.test(name) ? null : `Action ${action} is not valid: a name has letters, digits, * and ?.`;
}

/** `Action` or `NotAction`. Actions are compared without regard to case. */
export function readActions(reading: Reading, offset: number, members: ReadonlyMap<string, JsonMember>): ActionSet {
  const found = readEither(reading, members, 'Action');
  if (found === null) throw at(reading, offset, NO_ACTIONS);
  const strings = readStrings(reading, found.member.value, found.name, NO_ACTIONS);
  const exact = new Set<string>();
  const globs: Glob[] = [];
  for (const { offset: where, value } of strings) {
    const fault = actionFault(value);
    if (fault !== null) throw at(reading, where, fault);
    const glob = globOf(wildTokens(value.toLowerCase()));
    if (glob.kind === 'exact') exact.add(glob.text);
    else globs.push(glob);
  }
  return {
    negated: found.negated,
    values: strings.map(({ value }) => value),
    covers(action) {
      if (exact.has(action)) return !found.negated;
      for (const glob of globs) if (matchesGlob(glob, action)) return !found.negated;
      return found.negated;
    },
  };
}
