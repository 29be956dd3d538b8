import { wipe } from '../../../client/import/credential-values.ts';

/** What a PEM file has for an import. The bytes of a key are the caller’s to wipe. */
export interface PemFile {
  fileName: string;
  /** The lines of its private key, if it has one. */
  key: Uint8Array<ArrayBuffer> | null;
  /** Its certificates, in order, as PEM. */
  certificates: string[];
  /** Why it is of no use, in a sentence, or null. */
  fault: string | null;
}

interface Block {
  label: string;
  start: number;
  end: number;
}

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
/** As the core reads them: older programs, and openssl’s x509 -trustout, write the other two. */
const CERTIFICATES: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];
/** A certificate’s file has at most 256 KiB, as the contract has it. */
export const MAX_PEM_BYTES = 256 * 1024;

/** Takes a file apart. The text of a private key is never made a string: it is found by the lines around it. */
export function readPemFile(fileName: string, bytes: Uint8Array<ArrayBuffer>): PemFile {
  const file: PemFile = { fileName, key: null, certificates: [], fault: null };
  const blocks = blocksOf(bytes);
  const keys = blocks.filter(({ label }) => label.endsWith('PRIVATE KEY'));
  const [key] = keys;
  // The first byte of DER, and the character 0: what has text before its blocks is no binary file.
  if (bytes[0] === 0x30 && blocks.length === 0) {
    return { ...file, fault: `${fileName} is binary (DER or PKCS #12). Convert a copy to PEM with openssl first.` };
  }
  if (keys.length > 1) return { ...file, fault: `${fileName} has several private keys. Choose a file with one.` };
  if (key !== undefined) {
    const fault = faultOfKey(fileName, key, bytes);
    if (fault !== null) return { ...file, fault };
  }
  const certificates = blocks
    .filter(({ label }) => CERTIFICATES.includes(label))
    .map(({ start, end }) => `${text(bytes, start, end)}\n`);
  if (key === undefined && certificates.length === 0) {
    return { ...file, fault: `${fileName} has neither a private key nor a certificate in PEM.` };
  }
  return { ...file, certificates, key: key === undefined ? null : lineOf(bytes.slice(key.start, key.end)) };
}

function faultOfKey(fileName: string, { label, start, end }: Block, bytes: Uint8Array): string | null {
  // Headers of the old form stand before the key itself.
  const isEncrypted = label.startsWith('ENCRYPTED') || indexOf(bytes, 'Proc-Type: 4,ENCRYPTED', start, end) >= 0;
  if (isEncrypted) {
    return `The private key in ${fileName} is encrypted. Decrypt a copy first (openssl pkey -in ${fileName} -out plain.pem), and delete it afterwards.`;
  }
  return label.startsWith('TSS2')
    ? `The private key in ${fileName} is in a TPM, which does not give it away. Make a new key pair here instead.`
    : null;
}

/** With the line’s end that PEM wants; what it came from is wiped. */
function lineOf(block: Uint8Array): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(block.length + 1);
  line.set(block);
  line[block.length] = 0x0a;
  wipe(block);
  return line;
}

function blocksOf(bytes: Uint8Array): Block[] {
  const blocks: Block[] = [];
  for (let at = indexOf(bytes, BEGIN, 0); at >= 0; at = indexOf(bytes, BEGIN, at)) {
    const labelAt = at + BEGIN.length;
    const labelEnd = indexOf(bytes, DASHES, labelAt);
    if (labelEnd < 0 || labelEnd - labelAt > 40) {
      at = labelAt;
      continue;
    }
    const label = text(bytes, labelAt, labelEnd);
    const closing = `${END}${label}${DASHES}`;
    const closingAt = indexOf(bytes, closing, labelEnd);
    if (closingAt < 0) break;
    const end = closingAt + closing.length;
    blocks.push({ label, start: at, end });
    at = end;
  }
  return blocks;
}

function indexOf(bytes: Uint8Array, wanted: string, from: number, to = bytes.length): number {
  for (let at = from; at + wanted.length <= to; at++) {
    let same = 0;
    while (same < wanted.length && bytes[at + same] === wanted.charCodeAt(same)) same++;
    if (same === wanted.length) return at;
  }
  return -1;
}

function text(bytes: Uint8Array, start: number, end: number): string {
  return new TextDecoder('latin1').decode(bytes.subarray(start, end));
}
