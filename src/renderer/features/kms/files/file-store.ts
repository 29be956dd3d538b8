import type { WireError } from '../../../../contract/errors.ts';
import type { FileJob } from '../../../../contract/files.ts';
import { asWireError } from '../../../api/error.ts';
import { chooseFileTarget } from '../../../lib/file-target.ts';
import { onForget } from '../../../lib/list-state.ts';
import { createStore } from '../../../lib/store.ts';
import type { ContextRow } from '../context-rows.tsx';
import { suggestedName } from './file-names.ts';
import { type FileKind, HEADER_BYTES, readMessageHeader } from './read-message-header.ts';
import { transformFile } from './transform-file.ts';

export type Direction = FileJob['direction'];

export interface Running {
  direction: Direction;
  name: string;
  size: number;
  /** Bytes of it that are through. */
  bytes: number;
  startedMs: number;
}

export interface FileDraft {
  file: File | null;
  /** What its first bytes say; null while they are being read. */
  kind: FileKind | null;
  direction: Direction;
  /** Record ids of the keys that are to open it; none yet: the one that the forms above offer. */
  keys: readonly string[];
  encryptContext: ContextRow[];
  decryptContext: ContextRow[];
  running: Running | null;
  error: WireError | null;
  /** `signed`: the message was, and that was verified. */
  done: { direction: Direction; name: string; size: number; signed: boolean } | null;
}

const FIRST: FileDraft = {
  file: null,
  kind: null,
  direction: 'encrypt',
  keys: [],
  encryptContext: [],
  decryptContext: [],
  running: null,
  error: null,
  done: null,
};

/** Progress is shown this often, however fast the parts come. */
const PROGRESS_MS = 100;

let stop: AbortController | undefined;

/** The file in the form, and the one under way; both outlive the screen and end with the lock. */
export const fileStore = createStore<FileDraft>(FIRST);
onForget(() => {
  cancelFile();
  fileStore.set(FIRST);
});

export function patchFile(change: Partial<FileDraft>): void {
  fileStore.set((current) => ({ ...current, ...change }));
}

/** Takes a file into the form, and looks whether it is a message. */
export async function takeFile(file: File): Promise<void> {
  patchFile({ file, kind: null, error: null, done: null });
  let kind: FileKind = { kind: 'other' };
  try {
    kind = readMessageHeader(new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()));
  } catch {
    // A folder, or a file that may not be read: the first part says so.
  }
  if (fileStore.get().file !== file) return;
  patchFile({ kind, direction: kind.kind === 'other' ? 'encrypt' : 'decrypt' });
}

export function forgetFile(): void {
  patchFile({ file: null, kind: null, error: null, done: null });
}

export function cancelFile(): void {
  stop?.abort();
}

/** Asks where the other file goes, and makes it. */
export async function runFile(file: File, job: FileJob): Promise<void> {
  const { direction } = job;
  const { kind } = fileStore.get();
  patchFile({ error: null, done: null });
  try {
    const target = await chooseFileTarget(suggestedName(direction, file.name));
    if (target === null) return;
    const mine = new AbortController();
    stop = mine;
    const { name, size } = file;
    const running: Running = { direction, name, size, bytes: 0, startedMs: performance.now() };
    let shown = running.startedMs;
    patchFile({ running });
    await transformFile(file, job, target, {
      signal: mine.signal,
      onProgress(bytes) {
        const now = performance.now();
        if (now - shown < PROGRESS_MS || mine.signal.aborted) return;
        shown = now;
        patchFile({ running: { ...running, bytes } });
      },
    });
    const signed = kind?.kind === 'message' && kind.signed;
    patchFile({ running: null, done: { direction, name: target.name, size, signed } });
  } catch (error) {
    patchFile({ running: null, error: stop?.signal.aborted === true ? null : asWireError(error) });
  } finally {
    stop = undefined;
  }
}
