import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOCAL_SERVICES } from '../src/aws/local-services.ts';
import { coverageTable } from './coverage-table.ts';

/** `node scripts/gen-coverage.ts`: writes docs/coverage, one page for each local service. A test says when a page is out of date. */

const folder = join(import.meta.dirname, '..', 'docs', 'coverage');
await mkdir(folder, { recursive: true });
for (const load of Object.values(LOCAL_SERVICES)) {
  const service = await load();
  const path = join(folder, `${service.name}.md`);
  await writeFile(path, coverageTable(service));
  console.log(path);
}
