import type { Duplex } from 'node:stream';

/**
 * Sends a file through a stream part by part: whoever has the file asks for what came out of each part before the next one goes in, so that neither
 * side ever holds more than about a part. Streams of the Encryption SDK throw past every handler when they are destroyed in the middle; one that is
 * given up is only let go of.
 */
export class PartExchange {
  readonly #stream: Duplex;
  #out: Buffer[] = [];
  #failure: unknown;
  #fail: (error: unknown) => void = () => undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => this.#out.push(bytes));
    // More than once: some errors come from two of the streams inside.
    stream.on('error', (error) => this.abandon(error));
  }

  /** What has come out once the stream has taken the part, or has ended after the last one. Rejects with the stream’s error. */
  async pass(bytes: Uint8Array, last: boolean): Promise<Buffer[]> {
    await new Promise<void>((resolve, reject) => {
      this.#fail = reject;
      if (this.#failure !== undefined) return reject(this.#failure);
      if (last) {
        this.#stream.once('end', resolve);
        this.#stream.end(bytes.length === 0 ? undefined : bytes);
      } else {
        this.#stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }
    });
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** Nothing more comes out; a part under way is rejected with the reason. */
  abandon(reason: unknown): void {
    this.#failure ??= reason;
    this.#out = [];
    this.#fail(this.#failure);
  }
}
