import { arnPatternOf, arnText, isWholeArnPattern, matchesArn } from './arn.ts';
import type { RequestContext } from './context.ts';
import { parsePolicyDate } from './date.ts';
import { matchesGlob } from './glob.ts';
import { contains, parseAddress, parseRange } from './ip.ts';
import { compileTemplate, fixedTokens, globResolver, resolver } from './template.ts';

/** Whether a value of the request matches the policy's value that the test was made from. */
export type ValueTest = (value: string, context: RequestContext) => boolean;

export interface Operator {
  /** The `Not…` operators: true when no value of the policy matches. */
  readonly negated: boolean;
  /** Makes the test of one policy value; a string says why the value cannot be used. */
  compile(value: string, variables: boolean): ValueTest | string;
}

const BAD_VARIABLE = 'it has a "${" that begins no policy variable';

function textOperator(negated: boolean, wildcards: boolean, fold: (text: string) => string = (text) => text): Operator {
  return {
    negated,
    compile(value, variables) {
      const template = compileTemplate(value, { wildcards, variables });
      if (template === null) return BAD_VARIABLE;
      if (wildcards) {
        const resolve = globResolver(template);
        return (text, context) => {
          const glob = resolve(context);
          return glob !== null && matchesGlob(glob, text);
        };
      }
      const resolve = resolver(template, (tokens) => fold(tokens.map((unit) => String.fromCharCode(unit)).join('')));
      return (text, context) => fold(text) === resolve(context);
    },
  };
}

/** ArnEquals and ArnLike are the same operator: both know wildcards, both compare the six segments one by one. */
function arnOperator(negated: boolean): Operator {
  return {
    negated,
    compile(value, variables) {
      const template = compileTemplate(value, { wildcards: true, variables });
      if (template === null) return BAD_VARIABLE;
      const fixed = fixedTokens(template);
      if (fixed !== null && !isWholeArnPattern(arnPatternOf(fixed))) {
        return 'an ARN has six parts, separated by ":"; put * for a part that may be anything';
      }
      const resolve = resolver(template, arnPatternOf);
      return (text, context) => {
        const pattern = resolve(context);
        return pattern !== null && isWholeArnPattern(pattern) && matchesArn(pattern, arnText(text));
      };
    },
  };
}

function orderedOperator(
  parse: (text: string) => number | null,
  wanted: string,
  compare: (value: number, limit: number) => boolean,
  negated = false,
): Operator {
  return {
    negated,
    compile(text) {
      const limit = parse(text);
      if (limit === null) return wanted;
      return (valueText) => {
        const value = parse(valueText);
        return value !== null && compare(value, limit);
      };
    },
  };
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function parseDecimal(text: string): number | null {
  return DECIMAL.test(text) ? Number(text) : null;
}

function comparisons(prefix: string, parse: (text: string) => number | null, wanted: string): [string, Operator][] {
  const equals = (value: number, limit: number): boolean => value === limit;
  return [
    [`${prefix}Equals`, orderedOperator(parse, wanted, equals)],
    [`${prefix}NotEquals`, orderedOperator(parse, wanted, equals, true)],
    [`${prefix}LessThan`, orderedOperator(parse, wanted, (value, limit) => value < limit)],
    [`${prefix}LessThanEquals`, orderedOperator(parse, wanted, (value, limit) => value <= limit)],
    [`${prefix}GreaterThan`, orderedOperator(parse, wanted, (value, limit) => value > limit)],
    [`${prefix}GreaterThanEquals`, orderedOperator(parse, wanted, (value, limit) => value >= limit)],
  ];
}

function addressOperator(negated: boolean): Operator {
  return {
    negated,
    compile(text) {
      const range = parseRange(text);
      if (range === null) return 'it is an address or a range such as 203.0.113.0/24 or 2001:db8::/32';
      return (valueText) => {
        const address = parseAddress(valueText);
        return address !== null && contains(range, address);
      };
    },
  };
}

const BOOL: Operator = {
  negated: false,
  compile(text, variables) {
    const template = compileTemplate(text, { wildcards: false, variables });
    if (template === null) return BAD_VARIABLE;
    if (fixedTokens(template) !== null && !isBoolean(text)) return 'it is true or false';
    return textOperator(false, false, (value) => value.toLowerCase()).compile(text, variables);
  },
};

export function isBoolean(text: string): boolean {
  return /^(?:true|false)$/i.test(text);
}

/** Base64 in its only form: padded, and no bits set beyond the last byte. Then equal text means equal bytes. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

const BINARY: Operator = {
  negated: false,
  compile: (text) => (BASE64.test(text) ? (value) => value === text : 'it is base64 with padding'),
};

const fold = (text: string): string => text.toLowerCase();

/** The condition operators by name (IAM User Guide, "IAM JSON policy elements: Condition operators"), except `Null`. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', textOperator(false, false)],
  ['StringNotEquals', textOperator(true, false)],
  ['StringEqualsIgnoreCase', textOperator(false, false, fold)],
  ['StringNotEqualsIgnoreCase', textOperator(true, false, fold)],
  ['StringLike', textOperator(false, true)],
  ['StringNotLike', textOperator(true, true)],
  ['ArnEquals', arnOperator(false)],
  ['ArnLike', arnOperator(false)],
  ['ArnNotEquals', arnOperator(true)],
  ['ArnNotLike', arnOperator(true)],
  ...comparisons('Numeric', parseDecimal, 'it is a decimal number'),
  ...comparisons('Date', parsePolicyDate, 'it is a date such as 2026-01-31T12:00:00Z, or epoch seconds'),
  ['IpAddress', addressOperator(false)],
  ['NotIpAddress', addressOperator(true)],
  ['Bool', BOOL],
  ['BinaryEquals', BINARY],
]);
