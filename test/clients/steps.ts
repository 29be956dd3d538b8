import { z } from 'zod';

const Step = z.object({ step: z.string(), value: z.unknown() });

/** The JSON lines of a tour, by step. */
export function stepsOf(stdout: string): Record<string, unknown> {
  const steps: Record<string, unknown> = {};
  for (const line of stdout.split('\n')) {
    if (line.trim() === '') continue;
    const { step, value } = Step.parse(JSON.parse(line));
    steps[step] = value;
  }
  return steps;
}
