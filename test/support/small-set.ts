import { KIND_NUMBERS, USERS_ID } from '../../src/core/hsm/kinds.ts';
import type { HeadState, Hsm, HsmInput, HsmOutput, RecordSealed, StagedUsers } from '../../src/core/hsm/protocol.ts';
import { emptyEntry, emptyHead, type TestVault } from './hsm.ts';

/** The rows of a small vault as a daemon keeps them, honest or not. */
export interface SmallSet {
  head: HeadState;
  headMac: Uint8Array;
  rows: Map<string, RecordSealed>;
  /** A copy to go back to. */
  copy(): SmallSet;
  /** Commits sealed rows put and rows removed; `write` false: what a daemon does whose disk is full. */
  commit(change: SmallChange, options?: { write?: boolean }): Promise<HsmOutput<'commit'>>;
  /** What `openUsers` takes. */
  users(): HsmInput<'openUsers'>;
}

export interface SmallChange {
  put?: RecordSealed[];
  remove?: string[];
  users?: StagedUsers['staged'];
  /** Leaves this out of what the HSM is shown. */
  hide?: 'removed' | 'before';
}

function entryOf({ id, kind, version, sealed }: RecordSealed): Uint8Array {
  const number = kind === 'object' ? KIND_NUMBERS.object : KIND_NUMBERS.hsmUsers;
  const entry = emptyEntry(id, version, number);
  entry.set(sealed.subarray(-16), 25);
  return entry;
}

function entriesOf(rows: ReadonlyMap<string, RecordSealed>, page: number): Uint8Array {
  const ids = [...rows.keys()].filter((id) => Number.parseInt(id.slice(0, 2), 16) === page).sort();
  return new Uint8Array(Buffer.concat(ids.flatMap((id) => rows.get(id) ?? []).map(entryOf)));
}

export function smallSet(hsm: Hsm, vault: TestVault): SmallSet {
  return makeSet(hsm, { ...emptyHead(vault), generation: 0 }, new Uint8Array(32), new Map());
}

function makeSet(hsm: Hsm, head: HeadState, headMac: Uint8Array, rows: Map<string, RecordSealed>): SmallSet {
  const set: SmallSet = {
    head,
    headMac,
    rows,
    copy: () => makeSet(hsm, set.head, set.headMac, new Map(set.rows)),
    async commit(change, { write = true } = {}) {
      const next = new Map(set.rows);
      for (const row of change.put ?? []) next.set(row.id, row);
      for (const id of change.remove ?? []) next.delete(id);
      if (change.users === null) next.delete(USERS_ID);
      else if (change.users !== undefined) {
        const { version, blob } = change.users;
        next.set(USERS_ID, { id: USERS_ID, kind: 'hsmUsers', version, sealed: blob });
      }
      const touched = [...(change.put ?? []).map(({ id }) => id), ...(change.remove ?? [])];
      if (change.users !== undefined) touched.push(USERS_ID);
      const pages = [...new Set(touched.map((id) => Number.parseInt(id.slice(0, 2), 16)))].map((page) => ({
        page,
        entries: entriesOf(next, page),
        ...(change.hide === 'before' ? {} : { before: entriesOf(set.rows, page) }),
      }));
      const removed = (change.remove ?? []).flatMap((id) => set.rows.get(id) ?? []);
      const after = { ...set.head, generation: set.head.generation + 1 };
      const sealed = await hsm.call('commit', {
        records: [],
        pages,
        audit: new Uint8Array(),
        head: after,
        removed: change.hide === 'removed' ? [] : removed,
      });
      if (!write) return sealed;
      const pageMacs = new Uint8Array(set.head.pageMacs);
      for (const { page, mac } of sealed.pages) pageMacs.set(mac, page * 32);
      set.head = { ...after, pageMacs };
      set.headMac = sealed.headMac;
      set.rows = next;
      return sealed;
    },
    users() {
      const row = set.rows.get(USERS_ID);
      return {
        entries: entriesOf(set.rows, 0),
        record: row === undefined ? null : { version: row.version, sealed: row.sealed },
      };
    },
  };
  return set;
}
