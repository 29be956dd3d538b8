import { KeyholdError } from '../contract/errors.ts';

const NEWLINE = 0x0a;

/**
 * Splits a byte stream into lines. Keeps at most `maxBytes` of an unfinished line; each byte is looked at once. `push` throws
 * `InvalidInput` for a line that is too long or not UTF-8; the stream is of no use afterwards.
 */
export class FrameReader {
  readonly #maxBytes: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True while a line has begun and not ended. */
  get unfinished(): boolean {
    return this.#heldBytes > 0;
  }

  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      if (end === -1) break;
      lines.push(this.#finish(chunk.subarray(from, end)));
      from = end + 1;
    }
    if (from < chunk.length) this.#hold(chunk.subarray(from));
    return lines;
  }

  #hold(part: Uint8Array): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > this.#maxBytes) throw this.#tooLong();
    this.#held.push(part);
  }

  #finish(last: Uint8Array): string {
    if (this.#heldBytes + last.length > this.#maxBytes) throw this.#tooLong();
    const whole = this.#held.length === 0 ? last : Buffer.concat([...this.#held, last]);
    this.#held = [];
    this.#heldBytes = 0;
    try {
      return this.#decoder.decode(whole);
    } catch (cause) {
      throw new KeyholdError('InvalidInput', 'A frame is UTF-8 text; this one is not.', undefined, { cause });
    }
  }

  #tooLong(): KeyholdError {
    return new KeyholdError('InvalidInput', `A frame has at most ${this.#maxBytes} bytes; this one is longer.`);
  }
}
