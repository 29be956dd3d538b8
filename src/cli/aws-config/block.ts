import { KeyholdError } from '../../contract/errors.ts';

/**
 * Our part of `~/.aws/config`: one marked block. Everything is done on bytes, so that whatever others wrote stays as it is,
 * in whatever encoding.
 */
export interface Block {
  /** Offsets of what belongs to us, with the line break that was added before it. */
  start: number;
  end: number;
  /** Line of the begin marker, from 1. */
  line: number;
  /** True when the file was made for the block. */
  madeFile: boolean;
}

const BEGIN = '# >>> keyhold';
const END = '# <<< keyhold';
const MADE = '(this file was made for it)';
const NOTICE =
  '# Written by "keyhold config install"; "keyhold config uninstall" takes it out. Changes in here are lost.';

/** Bytes as a string of the same length, one character a byte. */
export function toLatin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

interface Line {
  text: string;
  start: number;
  /** After the line break. */
  end: number;
  number: number;
}

/** Lines of a latin1 text, without their line ends in `text`. */
export function* latinLines(latin: string): Generator<Line> {
  let number = 1;
  for (let start = 0; start < latin.length; number++) {
    const found = latin.indexOf('\n', start);
    const end = found === -1 ? latin.length : found + 1;
    yield { text: latin.slice(start, end).replace(/\r?\n$/, ''), start, end, number };
    start = end;
  }
}

/** Finds our block; null when there is none. Throws `InvalidInput` with the line when the markers do not pair. */
export function findBlock(bytes: Uint8Array): Block | null {
  const latin = toLatin(bytes);
  let begin: Line | undefined;
  let block: Block | null = null;
  for (const line of latinLines(latin)) {
    const text = line.text.trimEnd();
    if (text === BEGIN || text === `${BEGIN} ${MADE}`) {
      if (begin !== undefined || block !== null) throw unpaired(line.number, `a second "${BEGIN}"`);
      begin = line;
    } else if (text === END) {
      if (begin === undefined) throw unpaired(line.number, `"${END}" without "${BEGIN}" before it`);
      block = {
        start: begin.start,
        end: line.end,
        line: begin.number,
        madeFile: begin.text.trimEnd().endsWith(MADE),
      };
      begin = undefined;
    }
  }
  if (begin !== undefined) throw unpaired(begin.number, `"${BEGIN}" without "${END}" after it`);
  return block;
}

function unpaired(line: number, what: string): KeyholdError {
  return new KeyholdError(
    'InvalidInput',
    `The config file has ${what} in line ${line}. Mend the markers by hand, then try again.`,
    {
      line,
    },
  );
}

/** The file with `lines` as our block: in the old block's place, or at the end. `bytes` is null when there is no file yet. */
export function putBlock(bytes: Uint8Array | null, lines: readonly string[]): Uint8Array {
  const before = bytes ?? new Uint8Array();
  const latin = toLatin(before);
  const old = findBlock(before);
  const eol = old === null ? usualBreak(latin) : breakOf(latin, old);
  const madeFile = old === null ? bytes === null : old.madeFile;
  const body = [`${BEGIN}${madeFile ? ` ${MADE}` : ''}`, NOTICE, ...lines, END].join(eol) + eol;
  if (old !== null) return join(before.subarray(0, old.start), body, before.subarray(old.end));
  // One line break before the block: an empty line, or the end of a last line that had none.
  return join(before, before.length === 0 ? body : eol + body, new Uint8Array());
}

/** The file without our block, or null when nothing is left of a file that was made for it. */
export function takeBlock(bytes: Uint8Array): Uint8Array | null {
  const block = findBlock(bytes);
  if (block === null) return bytes;
  const latin = toLatin(bytes);
  const after = bytes.subarray(block.end);
  let start = block.start;
  const added = breakOf(latin, block).length;
  const keepBreak = after.length > 0 && start > added && latin[start - added - 1] !== '\n';
  if (start > 0 && !keepBreak) start -= added;
  const rest = join(bytes.subarray(0, start), '', after);
  return rest.length === 0 && block.madeFile ? null : rest;
}

/** CRLF where every line ends so. */
function usualBreak(latin: string): '\r\n' | '\n' {
  return latin.includes('\n') && !/(?<!\r)\n/.test(latin) ? '\r\n' : '\n';
}

/** How the block's own first line ends: also how the line before it was ended for it. */
function breakOf(latin: string, block: Block): '\r\n' | '\n' {
  return latin[latin.indexOf('\n', block.start) - 1] === '\r' ? '\r\n' : '\n';
}

function join(before: Uint8Array, text: string, after: Uint8Array): Uint8Array {
  const middle = Buffer.from(text, 'utf8');
  const out = new Uint8Array(before.length + middle.length + after.length);
  out.set(before, 0);
  out.set(middle, before.length);
  out.set(after, before.length + middle.length);
  return out;
}
