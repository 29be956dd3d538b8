import type { CheckReport } from '../contract/schemas.ts';
import type { Cli } from './cli.ts';
import { facts, table } from './table.ts';
import { count, fileSize } from './words.ts';

/** A check's result for people. */
export function reportText(report: CheckReport, cli: Cli): string {
  const head = facts([
    ['Result', report.ok ? 'intact' : 'DAMAGED OR TAMPERED WITH'],
    ['Vault', `${report.vaultId}, format ${report.format}, generation ${report.generation}`],
    [
      'Holds',
      `${count(report.records, 'record')}, ${count(report.slots, 'slot')}, ${count(report.auditEntries, 'audit entry', 'audit entries')}`,
    ],
    ['Size', fileSize(report.sizeBytes)],
  ]);
  if (report.findings.length === 0) return head;
  return `${head}\n${table(
    [{ title: 'Severity', fixed: true }, { title: 'Where' }, { title: 'What' }, { title: 'Message' }],
    report.findings.map((one) => [one.severity, one.where, one.what, one.message]),
    { width: cli.width, header: cli.paint.dim },
  )}`;
}
