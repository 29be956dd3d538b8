import type { z } from 'zod';

/** One method of the contract: what it takes, what it answers, and what it is for, in a line. */
export function method<I extends z.ZodType, O extends z.ZodType>(input: I, output: O, summary: string) {
  return { input, output, summary };
}
