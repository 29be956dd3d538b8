import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { coverageTable } from '../../../scripts/coverage-table.ts';
import type { Service } from '../../../src/aws/local/define-service.ts';
import { LOCAL_SERVICES } from '../../../src/aws/local-services.ts';
import type { Shape } from '../../../src/aws/protocol/shape/shape.ts';

const services: Service[] = await Promise.all(Object.values(LOCAL_SERVICES).map((load) => load()));

test.each(services.map((service) => [service.name, service] as const))(
  'docs/coverage/%s.md is up to date (else: node scripts/gen-coverage.ts)',
  async (name, service) => {
    const page = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'coverage', `${name}.md`), 'utf8');
    expect(page).toBe(coverageTable(service));
  },
);

test('there is no page of a service that is not there', async () => {
  const pages = await readdir(join(import.meta.dirname, '..', '..', '..', 'docs', 'coverage')).catch(() => []);
  expect(pages.sort()).toEqual(services.map(({ name }) => `${name}.md`).sort());
});

/** The structures that an input can hold. */
function structuresIn(shape: Shape, found: Set<string> = new Set()): Set<string> {
  if (shape.kind === 'list') structuresIn(shape.item.shape(), found);
  if (shape.kind === 'map') structuresIn(shape.value.shape(), found);
  if (shape.kind === 'structure' && !found.has(shape.name)) {
    found.add(shape.name);
    for (const member of shape.members) structuresIn(member.shape(), found);
  }
  return found;
}

test.each(services.map((service) => [service.name, service] as const))(
  'the constraints of %s know every structure that its inputs can hold',
  (_, service) => {
    const { structures, shapes } = service.constraints;
    for (const { shape } of service.operations.values()) {
      for (const name of structuresIn(shape.input)) expect(Object.keys(structures), shape.name).toContain(name);
    }
    const named = Object.values(structures).flatMap(({ members }) => Object.values(members));
    for (const name of named) expect(Object.keys(shapes)).toContain(name);
  },
);

test('every codec and every check of a service compiles', () => {
  for (const service of services) {
    for (const served of service.operations.values()) {
      for (const protocol of service.protocols) served.codec(protocol);
      served.check({});
    }
  }
});
