const MOST = 64;
const LONGEST = 1024;

/**
 * A reading of text that is the same each time: a client writes the same credential and the same list of headers in every request. What is
 * answered must not be changed. What anybody can make up is kept in small numbers and sizes only.
 */
export function readBefore<T extends object>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const value = read(text);
    if (text.length > LONGEST) return value;
    // All at once, so that nothing has to be noted with every use.
    if (known.size >= MOST) known.clear();
    known.set(text, value);
    return value;
  };
}
