import { join } from 'node:path';

/** Where the built page is, seen from the sources or from the bundle in dist/main. */
export function rendererFolder(): string {
  return import.meta.filename.endsWith('.ts')
    ? join(import.meta.dirname, '..', '..', 'dist', 'renderer')
    : join(import.meta.dirname, '..', 'renderer');
}
