import { fieldsOf, integerOf, invalid, listOf, recordIdOf } from '../input.ts';
import type { Gate } from '../protocol.ts';

const LONGEST_WINDOW_SECONDS = 86_400;
const MOST_KEYS = 16;

export function gateOf(value: unknown, name: string): Gate {
  const fields = fieldsOf(value, name, ['withinSeconds', 'keys']);
  const withinSeconds = integerOf(fields['withinSeconds'], `${name}.withinSeconds`, 0, LONGEST_WINDOW_SECONDS);
  if (fields['keys'] === 'any') return { withinSeconds, keys: 'any' };
  const keys = listOf(fields['keys'], `${name}.keys`, MOST_KEYS, recordIdOf);
  // A gate that no key opens would be a way to destroy.
  if (keys.length === 0 || new Set(keys).size !== keys.length) throw invalid(`${name}.keys`, 'a list without repeats');
  return { withinSeconds, keys };
}

export function takesKey({ keys }: Gate, key: string): boolean {
  return keys === 'any' || keys.includes(key);
}

/** What a touch that passes all of these passes; its list is empty where no key does. */
export function commonGate(gates: readonly Gate[]): Gate {
  const withinSeconds = Math.min(...gates.map((gate) => gate.withinSeconds));
  const lists = gates.flatMap(({ keys }) => (keys === 'any' ? [] : [keys]));
  const [first] = lists;
  if (first === undefined) return { withinSeconds, keys: 'any' };
  return { withinSeconds, keys: first.filter((key) => lists.every((list) => list.includes(key))) };
}

/** Whether something passes `after` that did not pass `before`. */
export function isLooser(before: Gate | undefined, after: Gate | undefined): boolean {
  if (before === undefined) return false;
  if (after === undefined || after.withinSeconds > before.withinSeconds) return true;
  if (before.keys === 'any') return false;
  return after.keys === 'any' || after.keys.some((key) => !takesKey(before, key));
}
