import { writeFileSync } from 'node:fs';
import type { Cli } from '../cli.ts';
import { count } from '../words.ts';

/** A new file is its owner’s alone, for it has names of keys; one that is there is written anew as readable as it was, since calendars are fetched by others. */
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
