import type { ShapeConstraints } from './constraint-model.ts';

/** One rule in AWS's words, and whether a value meets it. */
export interface Rule {
  readonly text: string;
  holds(value: unknown): boolean;
}

/** Longer strings are refused for their length alone, and cost no pattern. */
const MAX_PATTERN_INPUT = 32_768;

/** Unicode scalar values, as Smithy counts a string's length; bytes, items or entries of anything else. */
export function lengthOf(value: unknown): number {
  if (typeof value === 'string') {
    let length = value.length;
    for (let i = 1; i < value.length; i += 1) {
      const unit = value.charCodeAt(i);
      // The second half of a surrogate pair; strings have been found well-formed.
      if (unit >= 0xdc00 && unit <= 0xdfff) length -= 1;
    }
    return length;
  }
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

/**
 * The model's patterns are Java's: they have to match the whole string, and may begin with `(?i)`. What only JavaScript's older syntax takes
 * is read by that.
 */
function compilePattern(pattern: string): RegExp {
  const anyCase = pattern.startsWith('(?i)');
  const whole = `^(?:${anyCase ? pattern.slice(4) : pattern})$`;
  const flags = anyCase ? 'i' : '';
  try {
    return new RegExp(whole, `u${flags}`);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    return new RegExp(whole, flags);
  }
}

function lengthRules({ min, max }: ShapeConstraints): { min: Rule[]; max: Rule[] } {
  return {
    min:
      min === undefined
        ? []
        : [
            {
              text: `Member must have length greater than or equal to ${min}`,
              holds: (value) => lengthOf(value) >= min,
            },
          ],
    max:
      max === undefined
        ? []
        : [{ text: `Member must have length less than or equal to ${max}`, holds: (value) => lengthOf(value) <= max }],
  };
}

function numberRules({ min, max, integer }: ShapeConstraints): { min: Rule[]; max: Rule[] } {
  const rules: { min: Rule[]; max: Rule[] } = { min: [], max: [] };
  if (min !== undefined) {
    rules.min.push({
      text: `Member must have value greater than or equal to ${min}`,
      holds: (value) => typeof value === 'number' && value >= min,
    });
  }
  if (max !== undefined) {
    rules.max.push({
      text: `Member must have value less than or equal to ${max}`,
      holds: (value) => typeof value === 'number' && value <= max,
    });
  }
  if (integer === true) {
    rules.max.push({ text: 'Member must be an integer', holds: (value) => Number.isSafeInteger(value) });
  }
  return rules;
}

function otherRules({ pattern, enum: values }: ShapeConstraints): Rule[] {
  const rules: Rule[] = [];
  if (pattern !== undefined) {
    const regexp = compilePattern(pattern);
    rules.push({
      text: `Member must satisfy regular expression pattern: ${pattern}`,
      holds: (value) => typeof value === 'string' && (value.length > MAX_PATTERN_INPUT || regexp.test(value)),
    });
  }
  if (values !== undefined) {
    const set: ReadonlySet<unknown> = new Set(values);
    rules.push({
      text: `Member must satisfy enum value set: [${values.join(', ')}]`,
      holds: (value) => set.has(value),
    });
  }
  return rules;
}

/** The rules of one value, in the order in which AWS complains of several. */
export function rulesOf(constraints: ShapeConstraints, isNumber: boolean): Rule[] {
  const { min, max } = isNumber ? numberRules(constraints) : lengthRules(constraints);
  return [...min, ...max, ...otherRules(constraints)];
}

/** The same for the items of a list or the keys or values of a map, which AWS names together and in another order. */
export function sharedRule(constraints: ShapeConstraints, isNumber: boolean): Rule | undefined {
  const { min, max } = isNumber ? numberRules(constraints) : lengthRules(constraints);
  const rules = [...max, ...min, ...otherRules(constraints)];
  if (rules.length === 0) return undefined;
  return {
    text: `[${[...rules.map(({ text }) => text), 'Member must not be null'].join(', ')}]`,
    holds: (value) => rules.every((rule) => rule.holds(value)),
  };
}
