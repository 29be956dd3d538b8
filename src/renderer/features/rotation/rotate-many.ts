import type { WireError } from '../../../contract/errors.ts';
import type { Result } from '../../../contract/methods.ts';
import type { RotationPlan } from '../../../contract/rotation.ts';

/** `key:NAME` or `credential:NAME`, on its way through “rotate all that are due”. */
export interface ManyRow {
  key: string;
  state: 'chosen' | 'planning' | 'ready' | 'blocked' | 'starting' | 'begun' | 'failed';
  plan?: RotationPlan;
  error?: Pick<WireError, 'message'>;
}

interface Planned {
  plan(key: string): Promise<RotationPlan>;
  /** What was thrown, in its wire form. */
  wire(error: unknown): WireError;
  /** Told of each row that changed. */
  show(row: ManyRow): void;
  /** True once nobody looks any more: nothing further is asked or begun. */
  stopped(): boolean;
}

/** Plans one key after the other: IAM throttles who asks about many at once. What fails with one does not keep the next from it. */
export async function planMany(keys: readonly string[], asked: Planned): Promise<ManyRow[]> {
  const rows: ManyRow[] = [];
  for (const key of keys) {
    if (asked.stopped()) break;
    asked.show({ key, state: 'planning' });
    const row = await planOne(key, asked);
    asked.show(row);
    rows.push(row);
  }
  return rows;
}

async function planOne(key: string, asked: Planned): Promise<ManyRow> {
  try {
    const plan = await asked.plan(key);
    return { key, plan, state: plan.blockers.every(({ halt }) => halt === 'network') ? 'ready' : 'blocked' };
  } catch (error) {
    return { key, state: 'failed', error: asked.wire(error) };
  }
}

/** AWS could not be reached for its plan: it is kept, and asked about once it can. */
export function isForLater({ state, plan }: ManyRow): boolean {
  return state === 'ready' && plan !== undefined && plan.blockers.length > 0;
}

interface Started {
  /** All of them at once, so that the daemon goes on with one at a time in each account. */
  start(wanted: { keys: string[]; whenOnline: boolean }): Promise<Result<'rotation.startDue'>>;
  wire(error: unknown): WireError;
  show(row: ManyRow): void;
}

/** Begins those that are ready. */
export async function startMany(rows: readonly ManyRow[], asked: Started): Promise<void> {
  const ready = rows.filter(({ state }) => state === 'ready');
  for (const row of ready) asked.show({ ...row, state: 'starting' });
  try {
    const wanted = { keys: ready.map(({ key }) => key), whenOnline: ready.some(isForLater) };
    const { begun, skipped } = await asked.start(wanted);
    for (const row of ready) {
      const why = skipped.find(({ key }) => key === row.key)?.why ?? 'It was not begun.';
      asked.show(begun.includes(row.key) ? { ...row, state: 'begun' } : failed(row, { message: why }));
    }
  } catch (error) {
    for (const row of ready) asked.show(failed(row, asked.wire(error)));
  }
}

function failed(row: ManyRow, error: Pick<WireError, 'message'>): ManyRow {
  return { ...row, state: 'failed', error };
}

export interface Tally {
  /** With those that are for later. */
  ready: number;
  later: number;
  blocked: number;
  begun: number;
  failed: number;
}

export function tally(rows: readonly ManyRow[]): Tally {
  const count = (state: ManyRow['state']) => rows.filter((row) => row.state === state).length;
  const later = rows.filter(isForLater).length;
  return { ready: count('ready'), later, blocked: count('blocked'), begun: count('begun'), failed: count('failed') };
}
