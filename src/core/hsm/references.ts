/** Where an operation's input has references to objects (protocol.ts), and what it has references in. */
export const REFERENCE_FIELDS = ['key', 'wrappingKey', 'naming'] as const;
export const NESTED_FIELDS = ['source', 'destination'] as const;

const ID = /^[0-9a-f]{32}$/;

export interface Reference {
  id: string;
  version: number;
}

/** What looks like a reference in an operation's input. */
export function referencesIn(input: unknown): Reference[] {
  const found: Reference[] = [];
  collect(input, found);
  return found;
}

function collect(input: unknown, found: Reference[]): void {
  if (!isObject(input)) return;
  for (const field of REFERENCE_FIELDS) {
    const value = input[field];
    if (isReference(value)) found.push(value);
  }
  for (const field of NESTED_FIELDS) if (input[field] !== undefined) collect(input[field], found);
}

function isReference(value: unknown): value is Reference {
  if (!isObject(value) || typeof value['id'] !== 'string') return false;
  return ID.test(value['id']) && Number.isSafeInteger(value['version']);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
