import type pkcs11js from 'pkcs11js';
import { KeyholdError } from '../../../contract/errors.ts';

/** The binding to PKCS#11: constants and the class that loads a module. */
export type Cryptoki = typeof pkcs11js;
export type Module = pkcs11js.PKCS11;
export type Handle = pkcs11js.Handle;
export type Template = pkcs11js.Template;
export type Mechanism = pkcs11js.Mechanism;

/**
 * A copy in memory of its own for the module to have a pointer into. The binding does not keep it alive while the module works on a thread, so the caller uses it
 * once more afterwards: it wipes it.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  // Not Buffer.from, whose memory is part of a pool that others share.
  const copy = Buffer.alloc(bytes.length);
  copy.set(bytes);
  return copy;
}

/** Loads the binding, an optional dependency with a native part. `Unsupported` where it was not installed. */
export async function loadCryptoki(): Promise<Cryptoki> {
  try {
    return (await import('pkcs11js')).default;
  } catch (cause) {
    throw new KeyholdError(
      'Unsupported',
      'This installation of Keyhold has no PKCS#11 binding. Install the package pkcs11js (npm install), which needs a C++ compiler.',
      undefined,
      { cause },
    );
  }
}
