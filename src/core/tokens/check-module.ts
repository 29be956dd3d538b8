import { type Stats, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { KeyholdError } from '../../contract/errors.ts';
import type { ModulePlace } from './connect-token.ts';

const WRITABLE_BY_OTHERS = 0o002;
/** Variables that change how our own process starts instead of what the module does. */
const OURS = /^(NODE_|ELECTRON_|KEYHOLD_|LD_PRELOAD$|LD_AUDIT$|DYLD_INSERT_LIBRARIES$)/i;

/** Refuses with `InvalidInput` what cannot be a vendor's module, before anything is loaded from it. */
export function checkModule({ module, environment }: ModulePlace): void {
  if (!isAbsolute(module)) {
    throw new KeyholdError('InvalidInput', 'module: give the whole path of the module, from the root of the disk.');
  }
  const stats = statOf(module);
  if (stats === null) throw new KeyholdError('InvalidInput', `module: there is no file ${module}.`);
  // Opening a pipe or a device could wait for ever.
  if (!stats.isFile()) throw new KeyholdError('InvalidInput', `module: ${module} is not a file.`);
  if (process.platform !== 'win32' && (stats.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new KeyholdError(
      'InvalidInput',
      `module: every user can change ${module}, so it is not loaded; chmod o-w it.`,
    );
  }
  const ours = Object.keys(environment).find((name) => OURS.test(name));
  if (ours !== undefined) {
    throw new KeyholdError('InvalidInput', `environment: ${ours} would change Keyhold’s own process. Leave it out.`);
  }
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}
