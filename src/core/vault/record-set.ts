import type { RecordKind } from './kinds.ts';
import {
  countOfKind,
  decodePage,
  ENTRY_BYTES,
  entryOf,
  type ManifestEntry,
  PAGE_COUNT,
  pageOf,
  versionOf,
} from './manifest.ts';

/**
 * The records that there are, as the manifest's pages list them: 41 bytes each, where a map of objects takes ten times that. The pages
 * have been found to be canonical before.
 */
export class RecordSet {
  readonly pages: Uint8Array[];

  constructor(pages: readonly { page: number; entries: Uint8Array }[]) {
    this.pages = Array.from({ length: PAGE_COUNT }, () => new Uint8Array());
    for (const { page, entries } of pages) this.replace(page, entries);
  }

  /** A page as it is after a change. */
  replace(page: number, entries: Uint8Array): void {
    this.pages[page] = Uint8Array.from(entries);
  }

  get size(): number {
    return this.pages.reduce((sum, { length }) => sum + length / ENTRY_BYTES, 0);
  }

  get(id: string): ManifestEntry | undefined {
    const page = pageOf(id);
    const entry = entryOf(this.pages[page] ?? new Uint8Array(), page, id);
    return entry?.id === id ? entry : undefined;
  }

  version(id: string): number | undefined {
    return versionOf(this.pages[pageOf(id)] ?? new Uint8Array(), id);
  }

  has(id: string): boolean {
    return this.version(id) !== undefined;
  }

  count(kind: RecordKind): number {
    return this.pages.reduce((sum, page) => sum + countOfKind(page, kind), 0);
  }

  /** In order of id. */
  ofKind(kind: RecordKind): ManifestEntry[] {
    return this.pages.flatMap((bytes, page) =>
      countOfKind(bytes, kind) === 0 ? [] : decodePage(page, bytes).filter((entry) => entry.kind === kind),
    );
  }
}
