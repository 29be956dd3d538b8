import { closeSync, openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { ReadStream } from 'node:tty';
import { Cancelled } from './errors.ts';

/** The person at the keyboard, whatever standard input and output are connected to. */
export interface Terminal {
  /** One line, shown while it is typed. */
  ask(question: string): Promise<string>;
  /** One line that is not shown: UTF-8 bytes, to be wiped by the caller. */
  askSecret(question: string): Promise<Uint8Array>;
  /** Enter means `preset`. */
  confirm(question: string, preset: boolean): Promise<boolean>;
  say(text: string): void;
  close(): void;
}

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const CTRL_U = 0x15;
const CTRL_W = 0x17;
const ESCAPE = 0x1b;
const DELETE = 0x7f;
const MAX_SECRET_BYTES = 16_384;

/** Opens the controlling terminal; null when there is none to ask at. */
export function openTerminal(): Terminal | null {
  if (process.platform === 'win32') return process.stdin.isTTY ? terminalOn(process.stdin, 2, () => {}) : null;
  let fd: number;
  try {
    fd = openSync('/dev/tty', 'r+');
  } catch {
    return null;
  }
  const output = openSync('/dev/tty', 'w');
  const input = new ReadStream(fd);
  return terminalOn(input, output, () => {
    input.destroy();
    closeSync(output);
  });
}

function terminalOn(input: ReadStream, output: number, release: () => void): Terminal {
  const say = (text: string): void => {
    writeSync(output, text);
  };
  let closed = false;
  const restore = (): void => {
    if (!closed) input.setRawMode(false);
  };
  // Whatever ends the process, the terminal must echo again.
  process.on('exit', restore);
  input.pause();

  const askSecret = (question: string): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const typed = new SecretLine();
      const finish = (settle: () => void): void => {
        input.off('data', onData);
        input.off('end', onEnd);
        input.pause();
        input.setRawMode(false);
        say('\n');
        settle();
      };
      const onEnd = (): void => finish(() => reject(new Cancelled()));
      const onData = (chunk: Buffer): void => {
        for (let at = 0; at < chunk.length; at++) {
          const outcome = typed.push(chunk[at] ?? 0);
          if (outcome === 'more') continue;
          const rest = Buffer.from(chunk.subarray(at + 1));
          chunk.fill(0);
          finish(() => {
            if (outcome === 'done') resolve(typed.take());
            else reject(new Cancelled());
            typed.wipe();
          });
          if (rest.length > 0) input.unshift(rest);
          return;
        }
        chunk.fill(0);
      };
      say(question);
      input.setRawMode(true);
      input.on('data', onData);
      input.on('end', onEnd);
      input.resume();
    });

  const ask = (question: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let answered = false;
      const reader = createInterface({ input, terminal: false });
      say(question);
      reader.once('line', (line) => {
        answered = true;
        reader.close();
        resolve(line.trim());
      });
      reader.once('close', () => {
        input.pause();
        if (!answered) reject(new Cancelled());
      });
    });

  return {
    ask,
    askSecret,
    async confirm(question, preset) {
      for (;;) {
        const answer = (await ask(`${question} ${preset ? '[Y/n]' : '[y/N]'} `)).toLowerCase();
        if (answer === '') return preset;
        if (answer === 'y' || answer === 'yes') return true;
        if (answer === 'n' || answer === 'no') return false;
      }
    },
    say,
    close() {
      restore();
      closed = true;
      process.off('exit', restore);
      release();
    },
  };
}

/** A line typed blind, byte by byte, in a buffer that is wiped. */
export class SecretLine {
  #buffer = Buffer.alloc(256);
  #length = 0;
  #escape: 'none' | 'begun' | 'sequence' = 'none';

  /** `more` until Enter (`done`) or Ctrl-C, or Ctrl-D on an empty line (`cancel`). */
  push(byte: number): 'more' | 'done' | 'cancel' {
    if (this.#inEscape(byte)) return 'more';
    switch (byte) {
      case RETURN:
      case NEWLINE:
        return 'done';
      case CTRL_C:
        return 'cancel';
      case CTRL_D:
        return this.#length === 0 ? 'cancel' : 'done';
      case BACKSPACE:
      case DELETE:
        this.#dropCharacter();
        return 'more';
      case CTRL_U:
      case CTRL_W:
        this.#cut(0);
        return 'more';
      case ESCAPE:
        this.#escape = 'begun';
        return 'more';
      default:
        if (byte >= 0x20 || byte === TAB) this.#append(byte);
        return 'more';
    }
  }

  /** The bytes typed; this line is wiped. */
  take(): Uint8Array {
    const bytes = Uint8Array.from(this.#buffer.subarray(0, this.#length));
    this.wipe();
    return bytes;
  }

  wipe(): void {
    this.#cut(0);
  }

  /** Arrow keys and the brackets around a paste send sequences that are no part of a password. */
  #inEscape(byte: number): boolean {
    if (this.#escape === 'none') return false;
    if (this.#escape === 'begun') {
      this.#escape = byte === 0x5b || byte === 0x4f ? 'sequence' : 'none';
      // A lone Escape before Enter or Ctrl-C must not swallow it.
      return this.#escape === 'sequence' || byte >= 0x20;
    }
    if (byte >= 0x40 && byte <= 0x7e) this.#escape = 'none';
    else if (byte < 0x20) {
      this.#escape = 'none';
      return false;
    }
    return true;
  }

  #append(byte: number): void {
    if (this.#length >= MAX_SECRET_BYTES) return;
    if (this.#length === this.#buffer.length) {
      const larger = Buffer.alloc(this.#buffer.length * 2);
      this.#buffer.copy(larger);
      this.#buffer.fill(0);
      this.#buffer = larger;
    }
    this.#buffer[this.#length++] = byte;
  }

  #dropCharacter(): void {
    let length = this.#length;
    while (length > 0) {
      length--;
      // Bytes 10xxxxxx continue a UTF-8 character.
      if (((this.#buffer[length] ?? 0) & 0xc0) !== 0x80) break;
    }
    this.#cut(length);
  }

  #cut(length: number): void {
    this.#buffer.fill(0, length, this.#length);
    this.#length = length;
  }
}
