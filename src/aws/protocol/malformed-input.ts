/** A request body or parameter that the operation's schema cannot read. Each protocol has a code of its own for it. */
export class MalformedInput extends Error {
  override readonly name = 'MalformedInput';
}
