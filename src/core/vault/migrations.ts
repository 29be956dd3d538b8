import type Database from 'better-sqlite3';
import { KeyholdError } from '../../contract/errors.ts';
import { corrupt } from './findings.ts';
import { checkSchema, FORMAT_1_SCHEMA } from './schema.ts';

/** One step of the file format. Steps only change structure; sealed data is rewritten by its owner after unlock. */
export interface Migration {
  /** The format number this step leads to; steps count up from 1. */
  format: number;
  /** Text of every schema object after the step. */
  schema: readonly string[];
  up(db: Database.Database): void;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    format: 1,
    schema: FORMAT_1_SCHEMA,
    up: (db) => {
      for (const sql of FORMAT_1_SCHEMA) db.exec(sql);
    },
  },
];

export function formatOf(db: Database.Database): number {
  const value: unknown = db.pragma('user_version', { simple: true });
  return typeof value === 'number' ? value : -1;
}

/**
 * Brings a file to the newest format: checks the schema of the format it has, runs every later step and the new `user_version`
 * in one transaction, and checks the schema again. A file without a format (0) is new when `fresh`, else damaged.
 *
 * @throws VaultTooNew for a format this version does not know.
 */
export function migrate(db: Database.Database, fresh: boolean, migrations: readonly Migration[] = MIGRATIONS): void {
  const latest = migrations.at(-1)?.format ?? 0;
  const present = formatOf(db);
  if (present > latest) {
    throw new KeyholdError(
      'VaultTooNew',
      `The vault has format ${present}; this version of Keyhold reads formats up to ${latest}. Install the newer version.`,
      { format: present, supported: latest },
    );
  }
  if (present < 0 || (present === 0 && !fresh)) throw corrupt('format number', 'there is none');
  const current = migrations.find((step) => step.format === present);
  if (current !== undefined) checkSchema(db, current.schema);
  const steps = migrations.filter((step) => step.format > present);
  if (steps.length === 0) return;
  db.transaction(() => {
    for (const step of steps) {
      step.up(db);
      checkSchema(db, step.schema);
      db.pragma(`user_version = ${step.format}`);
    }
  }).exclusive();
}
