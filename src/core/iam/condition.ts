import type { RequestContext } from './context.ts';
import type { ValueTest } from './operators.ts';

export type SetOperator = 'ForAllValues' | 'ForAnyValue';

/** One key under one operator of a `Condition` element. */
export interface Condition {
  /** As written, with set operator and `IfExists`. */
  readonly operator: string;
  /** As written. */
  readonly key: string;
  readonly values: readonly string[];
  readonly holds: (context: RequestContext) => ConditionResult;
}

/**
 * `unclear`: the request has a multivalued key and the condition no set operator, which AWS requires and whose meaning without one it
 * leaves open. It is taken against the requester: an Allow does not apply, a Deny does.
 */
export type ConditionResult = boolean | 'unclear';

/** AWS counts a lone empty string as no value where a set operator is at work. */
function setOf(values: readonly string[] | undefined): readonly string[] {
  return values === undefined || (values.length === 1 && values[0] === '') ? [] : values;
}

/**
 * The meaning of an operator (IAM User Guide, "Condition operators", "Multivalued context keys"): the policy's values are alternatives;
 * a negated operator is true when none of them matches. Without the key a plain operator is false, a negated one and `…IfExists` true,
 * `ForAllValues:` true, and `ForAnyValue:` false even with `IfExists`.
 */
export function comparison(options: {
  readonly key: string;
  readonly negated: boolean;
  readonly ifExists: boolean;
  readonly setOperator: SetOperator | null;
  readonly tests: readonly ValueTest[];
}): (context: RequestContext) => ConditionResult {
  const { negated, ifExists, setOperator, tests } = options;
  const key = options.key.toLowerCase();

  function test(value: string, context: RequestContext): boolean {
    for (const matches of tests) if (matches(value, context)) return !negated;
    return negated;
  }

  return (context) => {
    const present = context.get(key);
    if (setOperator === 'ForAllValues') return setOf(present?.values).every((value) => test(value, context));
    if (setOperator === 'ForAnyValue') return setOf(present?.values).some((value) => test(value, context));
    if (present === undefined) return negated || ifExists;
    return present.multivalued ? 'unclear' : test(present.values[0] ?? '', context);
  };
}

/** `Null`: whether the key is absent (`true` in the policy) or present (`false`). */
export function nullCheck(keyAsWritten: string, absent: readonly boolean[]): (context: RequestContext) => boolean {
  const key = keyAsWritten.toLowerCase();
  return (context) => absent.includes(context.get(key) === undefined);
}
