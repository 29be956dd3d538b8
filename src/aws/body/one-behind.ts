/**
 * Passes pieces on, always one behind: the last one leaves only when the source has ended well. So a body that fails its check at
 * the end never reaches the upstream complete.
 */
export async function* oneBehind<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  let last: { piece: T } | undefined;
  for await (const piece of source) {
    if (last !== undefined) yield last.piece;
    last = { piece };
  }
  if (last !== undefined) yield last.piece;
}
