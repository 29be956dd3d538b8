/** Where text stops being JSON, both from 1; null place where the browser does not say. */
export interface JsonFault {
  line: number | null;
  message: string;
}

/** What keeps text from being JSON; null when nothing does. Chromium and Firefox name line and column in their messages, each in its own words. */
export function findJsonFault(text: string): JsonFault | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const place = /line (\d+) column (\d+)/.exec(message);
    const position = /at position (\d+)/.exec(message);
    if (place !== null) return fault(Number(place[1]), Number(place[2]));
    if (position !== null) {
      const before = text.slice(0, Number(position[1])).split('\n');
      return fault(before.length, (before.at(-1)?.length ?? 0) + 1);
    }
    // Chromium names no place where the text ends too early.
    if (/end of (JSON input|data)/i.test(message)) {
      const lines = text.split('\n');
      return fault(lines.length, (lines.at(-1)?.length ?? 0) + 1);
    }
    return { line: null, message: 'This is not JSON yet.' };
  }
}

function fault(line: number, column: number): JsonFault {
  return { line, message: `Line ${line}, column ${column}: this is not JSON yet.` };
}
