import type { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import { type Input, type MethodName, methods } from '../contract/methods.ts';

/** A call's parameters as its handler gets them. Throws `InvalidInput` that names the field and what is wrong with it. */
export function parseInput<M extends MethodName>(method: M, params: unknown): Input<M> {
  const schema: z.ZodType = methods[method].input;
  const parsed = schema.safeParse(params ?? {});
  // The schema of this very method has produced it; TypeScript cannot follow the index.
  if (parsed.success) return parsed.data as Input<M>;
  const issues = parsed.error.issues.map(describe);
  throw new KeyholdError('InvalidInput', `${issues.slice(0, 3).join('; ')}.`, {
    fields: parsed.error.issues.map(({ path }) => path.join('.')),
  });
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `${issue.keys.join(', ')}: there is no such parameter`;
  const field = issue.path.join('.') || 'parameters';
  if (issue.code === 'invalid_type' && issue.input === undefined) return `${field}: this is needed`;
  return `${field}: ${issue.message.replace(/^Invalid input: /, '').replace(/\.$/, '')}`;
}
