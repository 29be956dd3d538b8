import { writeFileSync } from 'node:fs';
import type { Cli } from '../cli.ts';
import { count } from '../words.ts';

/** Readable for its owner only: the names of keys are nobody else’s business. */
export async function writeCalendarFile(
  cli: Cli,
  { out, withIds }: { out?: string; withIds?: boolean },
): Promise<void> {
  const { text, events } = await cli.call('rotation.calendar', { withIds: withIds === true });
  if (out === undefined) {
    cli.print({ text, events }, () => text);
    return;
  }
  writeFileSync(out, text, { mode: 0o600 });
  cli.print(
    { path: out, events },
    () => `${count(events, 'key')} in ${out}. Import it into your calendar; a later one moves the same entries.\n`,
  );
}
