import type { z } from 'zod';
import { KeyholdError } from '../contract/errors.ts';
import { type Input, type MethodName, methods } from '../contract/methods.ts';
import { describeIssue } from './describe-issue.ts';

/** A call's parameters as its handler gets them. Throws `InvalidInput` that names the field and what is wrong with it. */
export function parseInput<M extends MethodName>(method: M, params: unknown): Input<M> {
  const schema: z.ZodType = methods[method].input;
  const parsed = schema.safeParse(params ?? {});
  // The schema of this very method has produced it; TypeScript cannot follow the index.
  if (parsed.success) return parsed.data as Input<M>;
  // A union says the same of each of its forms.
  const issues = [...new Set(parsed.error.issues.map(describeIssue))];
  throw new KeyholdError('InvalidInput', `${issues.slice(0, 3).join('; ')}.`, {
    fields: parsed.error.issues.map(({ path }) => path.join('.')),
  });
}
