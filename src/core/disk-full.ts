import { KeyholdError } from '../contract/errors.ts';

export function isDiskFull(error: unknown): boolean {
  return error instanceof KeyholdError && error.code === 'DiskFull';
}

/** For what is worth writing and not worth failing for: answers whether there was room. Any other error is thrown. */
export async function ifRoom(work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (isDiskFull(error)) return false;
    throw error;
  }
}
