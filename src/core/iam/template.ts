import { type RequestContext, singleValue } from './context.ts';
import { type Glob, globOf, literalTokens, wildTokens } from './glob.ts';

/** A policy variable (`${aws:username}`, `${aws:PrincipalTag/team, 'none'}`). */
interface Variable {
  /** Lower case. */
  readonly key: string;
  /** The default of the policy; null without one. */
  readonly fallback: string | null;
}

/** A string of a policy, cut into tokens (see glob.ts) and variables. */
export interface Template {
  readonly parts: readonly (readonly number[] | Variable)[];
}

/** What the strings of a policy may hold depends on where they stand and on the policy's version. */
export interface TemplateRules {
  readonly wildcards: boolean;
  /** Policy variables, including `${*}`, `${?}` and `${$}`: only from version 2012-10-17 on. */
  readonly variables: boolean;
}

const VARIABLE = /\$\{\s*([^\s:,'{}]+:[^,'{}]*)(?:,\s*'([^']*)'\s*)?\}/y;
const ESCAPE = /\$\{([*?$])\}/y;

function append(tokens: number[], more: readonly number[]): void {
  for (const token of more) tokens.push(token);
}

/** Cuts `text` up; null when it has a `${` that begins no policy variable. */
export function compileTemplate(text: string, rules: TemplateRules): Template | null {
  const plain = rules.wildcards ? wildTokens : literalTokens;
  if (!rules.variables) return { parts: [plain(text)] };
  const parts: (readonly number[] | Variable)[] = [];
  let tokens: number[] = [];
  let at = 0;
  for (;;) {
    const dollar = text.indexOf('${', at);
    append(tokens, plain(text.slice(at, dollar === -1 ? text.length : dollar)));
    if (dollar === -1) break;
    ESCAPE.lastIndex = VARIABLE.lastIndex = dollar;
    const literal = ESCAPE.exec(text);
    const variable = literal === null ? VARIABLE.exec(text) : null;
    const found = literal ?? variable;
    if (found === null) return null;
    if (variable === null) {
      append(tokens, literalTokens(found[1] ?? ''));
    } else {
      parts.push(tokens, { key: (variable[1] ?? '').trim().toLowerCase(), fallback: variable[2] ?? null });
      tokens = [];
    }
    at = dollar + found[0].length;
  }
  if (tokens.length > 0 || parts.length === 0) parts.push(tokens);
  return { parts };
}

function isVariable(part: readonly number[] | Variable): part is Variable {
  return 'key' in part;
}

/** The tokens of a template without variables; null when it has some. */
export function fixedTokens(template: Template): readonly number[] | null {
  const [first] = template.parts;
  return template.parts.length === 1 && first !== undefined && !isVariable(first) ? first : null;
}

/** The first tokens, up to the first variable. */
export function leadingTokens(template: Template): readonly number[] {
  const [first] = template.parts;
  return first === undefined || isVariable(first) ? [] : first;
}

/** Puts values in place of the variables, taken literally; null when one has no single value and no default. */
export function resolveTokens(template: Template, context: RequestContext): number[] | null {
  const resolved: (readonly number[])[] = [];
  for (const part of template.parts) {
    if (isVariable(part)) {
      const value = singleValue(context, part.key) ?? part.fallback;
      if (value === null) return null;
      resolved.push(literalTokens(value));
    } else {
      resolved.push(part);
    }
  }
  return resolved.flat();
}

/** What stays of a template once a request is known: the same thing each time when it has no variables. */
export function resolver<T>(
  template: Template,
  make: (tokens: readonly number[]) => T,
): (context: RequestContext) => T | null {
  const fixed = fixedTokens(template);
  if (fixed !== null) {
    const made = make(fixed);
    return () => made;
  }
  return (context) => {
    const tokens = resolveTokens(template, context);
    return tokens === null ? null : make(tokens);
  };
}

export function globResolver(template: Template): (context: RequestContext) => Glob | null {
  return resolver(template, globOf);
}
