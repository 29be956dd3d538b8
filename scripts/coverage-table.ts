import type { Service } from '../src/aws/local/define-service.ts';

/** docs/coverage/SERVICE.md: every operation of the SDK's client, and what becomes of it here. */
export function coverageTable(service: Service): string {
  const rows = [...service.operations].map(([name, { operation }]) => ({
    name,
    served: operation.kind === 'handled',
    note: operation.kind === 'handled' ? '' : operation.reason,
  }));
  const served = rows.filter((row) => row.served).length;
  return [
    `# ${service.name}: ${served} of ${rows.length} operations`,
    '',
    `API version ${service.version}. Written by \`node scripts/gen-coverage.ts\` from the service's own table, which names every operation of the SDK's client.`,
    '',
    '| operation | here | why |',
    '| --- | --- | --- |',
    ...rows.map(({ name, served: done, note }) => `| ${name} | ${done ? 'served' : 'refused'} | ${note} |`),
    '',
  ].join('\n');
}
