import { toBase64 } from '../../../../client/base64.ts';

/** How bytes are written in a field. */
export type Form = 'text' | 'base64';

const fatal = new TextDecoder('utf-8', { fatal: true });

/** The bytes that a field means, as base64 and counted; an error in a sentence where it means none. */
export function readBytes(typed: string, form: Form): { base64: string; length: number } | { error: string } {
  if (form === 'text') {
    const bytes = new TextEncoder().encode(typed);
    return { base64: toBase64(bytes), length: bytes.length };
  }
  const compact = typed.replace(/\s+/g, '');
  try {
    const binary = atob(compact);
    return { base64: btoa(binary), length: binary.length };
  } catch {
    return { error: 'This is not base64.' };
  }
}

/** Bytes in base64 as text where they are UTF-8 without control characters but white space; null where they are not. */
export function asText(base64: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const text = fatal.decode(bytes);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? null : text;
  } catch {
    return null;
  }
}
