import type { Rows } from './rows.ts';

/** The statements of the store that change something. */
type WriteName =
  | 'setMeta'
  | 'removeMeta'
  | 'replaceSlots'
  | 'replaceKeks'
  | 'putRecord'
  | 'removeRecord'
  | 'putPage'
  | 'removePage'
  | 'updateHead'
  | 'appendAudit'
  | 'putPending'
  | 'clearPending'
  | 'checkpoint';

/** One change of one row, as plain data: the same in every copy of the vault. */
export type RowWrite = { [K in WriteName]: readonly [K, ...Parameters<Rows[K]>] }[WriteName];

/** Where committed changes go, in order; each call is one transaction. */
export interface WriteSink {
  /** False while nobody wants to know: then nothing is gathered. */
  readonly listening: boolean;
  committed(writes: readonly RowWrite[]): void;
}

/** The same statements; what they have changed is told to `sink` once it is committed, transaction by transaction. */
export function recordedRows(rows: Rows, sink: WriteSink): Rows {
  let gathering: RowWrite[] | null = null;
  const note = (write: RowWrite): void => {
    if (gathering !== null) gathering.push(write);
    else if (sink.listening) sink.committed([write]);
  };
  return {
    ...rows,
    transaction<T>(work: () => T): T {
      if (gathering !== null || !sink.listening) return rows.transaction(work);
      const writes: RowWrite[] = [];
      gathering = writes;
      let result: T;
      try {
        result = rows.transaction(work);
      } finally {
        gathering = null;
      }
      if (writes.length > 0) sink.committed(writes);
      return result;
    },
    setMeta(key, value) {
      const changes = rows.setMeta(key, value);
      note(['setMeta', key, value]);
      return changes;
    },
    removeMeta(key) {
      const changes = rows.removeMeta(key);
      note(['removeMeta', key]);
      return changes;
    },
    replaceSlots(slots) {
      rows.replaceSlots(slots);
      note(['replaceSlots', slots]);
    },
    replaceKeks(keks) {
      rows.replaceKeks(keks);
      note(['replaceKeks', keks]);
    },
    putRecord(record) {
      const changes = rows.putRecord(record);
      note(['putRecord', record]);
      return changes;
    },
    removeRecord(id) {
      const changes = rows.removeRecord(id);
      note(['removeRecord', id]);
      return changes;
    },
    putPage(page) {
      const changes = rows.putPage(page);
      note(['putPage', page]);
      return changes;
    },
    removePage(page) {
      const changes = rows.removePage(page);
      note(['removePage', page]);
      return changes;
    },
    updateHead(head, from) {
      const changes = rows.updateHead(head, from);
      note(['updateHead', head, from]);
      return changes;
    },
    appendAudit(row) {
      const changes = rows.appendAudit(row);
      note(['appendAudit', row]);
      return changes;
    },
    putPending(row) {
      const changes = rows.putPending(row);
      note(['putPending', row]);
      return changes;
    },
    clearPending() {
      const changes = rows.clearPending();
      note(['clearPending']);
      return changes;
    },
    checkpoint() {
      rows.checkpoint();
      note(['checkpoint']);
    },
  };
}

/** Makes the changes of one transaction in another copy. Answers false when that copy is not of the generation they were made from; then nothing has changed. */
export function replay(rows: Rows, writes: readonly RowWrite[]): boolean {
  const first = writes[0];
  // Outside of any transaction, as it was the first time.
  if (first !== undefined && writes.length === 1 && first[0] === 'checkpoint') {
    rows.checkpoint();
    return true;
  }
  try {
    rows.transaction(() => {
      for (const write of writes) if (!replayOne(rows, write)) throw OUT_OF_STEP;
    });
    return true;
  } catch (error) {
    if (error === OUT_OF_STEP) return false;
    throw error;
  }
}

const OUT_OF_STEP = new Error('The head is of another generation.');

function replayOne(rows: Rows, write: RowWrite): boolean {
  switch (write[0]) {
    case 'setMeta':
      rows.setMeta(write[1], write[2]);
      return true;
    case 'removeMeta':
      rows.removeMeta(write[1]);
      return true;
    case 'replaceSlots':
      rows.replaceSlots(write[1]);
      return true;
    case 'replaceKeks':
      rows.replaceKeks(write[1]);
      return true;
    case 'putRecord':
      rows.putRecord(write[1]);
      return true;
    case 'removeRecord':
      return rows.removeRecord(write[1]) === 1;
    case 'putPage':
      rows.putPage(write[1]);
      return true;
    case 'removePage':
      rows.removePage(write[1]);
      return true;
    case 'updateHead':
      return rows.updateHead(write[1], write[2]) === 1;
    case 'appendAudit':
      rows.appendAudit(write[1]);
      return true;
    case 'putPending':
      rows.putPending(write[1]);
      return true;
    case 'clearPending':
      rows.clearPending();
      return true;
    case 'checkpoint':
      throw new TypeError('A checkpoint is no part of a transaction.');
  }
}
