import type { Duplex } from 'node:stream';
import { KeyholdError } from '../../contract/errors.ts';
import { FILE_PART_BYTES } from '../../contract/files.ts';

/** The longest frame of a message that is held until its tag is there. */
const MOST_FRAME_BYTES = 64 * 1024 * 1024;
/** A frame begins and ends within parts. */
const MOST_WITHIN = MOST_FRAME_BYTES + FILE_PART_BYTES;

/**
 * Sends a file through a stream part by part: whoever has the file asks for what came out of each part before the next one goes in, so that neither
 * side ever holds more than about a part, or a frame where a message has longer ones. Streams of the Encryption SDK throw past every handler when they are destroyed in the middle; one that is
 * given up is only let go of.
 */
export class PartExchange {
  readonly #stream: Duplex;
  #out: Buffer[] = [];
  /** Bytes that went in since something came out: the stream holds them. */
  #within = 0;
  #failure: unknown;
  #fail: (error: unknown) => void = () => undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (bytes: Buffer) => {
      this.#within = 0;
      this.#out.push(bytes);
    });
    // More than once: some errors come from two of the streams inside.
    stream.on('error', (error) => this.abandon(error));
  }

  /**
   * What has come out once the stream has taken the part, or has ended after the last one. Rejects with the stream’s error, and with `Unsupported` for
   * a frame that is too long to be held.
   */
  async pass(bytes: Uint8Array, last: boolean): Promise<Buffer[]> {
    this.#within += bytes.length;
    if (this.#within > MOST_WITHIN) this.abandon(FRAME_TOO_LONG);
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

const FRAME_TOO_LONG = new KeyholdError(
  'Unsupported',
  'A frame of this file is longer than 64 MiB, which is more than is held in memory here. Decrypt it on the command line: keyhold decrypt FILE',
);
