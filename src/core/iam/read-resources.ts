import { type ArnPattern, type ArnText, arnPatternOf, matchesArn, matchesArnHead } from './arn.ts';
import type { RequestContext } from './context.ts';
import { ANY_RUN, globOf } from './glob.ts';
import type { JsonMember } from './json.ts';
import type { ResourceSet } from './policy.ts';
import { at, type Reading, type ReadString, readEither, readStrings } from './read-element.ts';
import { compileTemplate, fixedTokens, leadingTokens, resolver } from './template.ts';

const NO_RESOURCES = 'Policy statement must contain resources.';
const COLON = 0x3a;
const ARN = 'arn:';

/** Null when a variable has no value. */
type ResourceTest = (resource: ArnText, context: RequestContext) => boolean | null;

/** Variables stand only behind the fifth colon, so the first tokens show the shape of the whole. */
function arnFault(value: string, leading: readonly number[], hasVariables: boolean): string | null {
  const colons = leading.filter((token) => token === COLON).length;
  if (!value.startsWith(ARN) || colons < 3) return `Resource ${value} must be in ARN format or "*".`;
  if (hasVariables && colons < 5) return `Resource ${value} can have policy variables only after its fifth colon.`;
  const [, partition, service] = arnPatternOf(leading);
  if (service?.kind !== 'exact') return 'Resource vendor must be fully qualified and cannot contain regexes.';
  if (service.text === '') return `Resource ${value} names no service.`;
  if (partition?.kind === 'exact' && !/^aws(?:-[a-z]+)*$/.test(partition.text)) {
    return `Partition "${partition.text}" is not valid for resource "${value}".`;
  }
  if (colons < 5 && leading.at(-1) !== ANY_RUN) return `Resource ${value} must be in ARN format or "*".`;
  return null;
}

function compile(reading: Reading, { offset, value }: ReadString): ResourceTest {
  if (value === '*') return () => true;
  const template = compileTemplate(value, { wildcards: true, variables: reading.variables });
  if (template === null) throw at(reading, offset, `Resource ${value} has a "\${" that begins no policy variable.`);
  const fixed = fixedTokens(template);
  const fault = arnFault(value, leadingTokens(template), fixed === null);
  if (fault !== null) throw at(reading, offset, fault);
  const whole = fixed === null ? null : globOf(fixed);
  if (whole?.kind === 'exact') return (resource) => resource.text === whole.text;
  const resolve = resolver<ArnPattern>(template, arnPatternOf);
  const head = arnPatternOf(leadingTokens(template));
  return (resource, context) => {
    if (fixed === null && !matchesArnHead(head, resource)) return false;
    const pattern = resolve(context);
    return pattern === null ? null : matchesArn(pattern, resource);
  };
}

/** `Resource` or `NotResource`: `*`, or ARN patterns. Names are compared with regard to case. */
export function readResources(reading: Reading, offset: number, members: ReadonlyMap<string, JsonMember>): ResourceSet {
  const found = readEither(reading, members, 'Resource');
  if (found === null) throw at(reading, offset, NO_RESOURCES);
  const strings = readStrings(reading, found.member.value, found.name, NO_RESOURCES);
  const tests = strings.map((string) => compile(reading, string));
  return {
    negated: found.negated,
    values: strings.map(({ value }) => value),
    covers(resource, context) {
      let unresolved = false;
      for (const test of tests) {
        const covered = test(resource, context);
        if (covered) return !found.negated;
        if (covered === null) unresolved = true;
      }
      return found.negated && unresolved ? 'unclear' : found.negated;
    },
  };
}
