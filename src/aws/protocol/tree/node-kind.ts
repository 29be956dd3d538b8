import { MalformedInput } from '../malformed-input.ts';

/** What a node of a parsed document is, scalars in the words of AWS's deserialisation errors. */
function nodeKind(node: unknown): 'list' | 'structure' | `${string}_VALUE` {
  switch (typeof node) {
    case 'string':
      return 'STRING_VALUE';
    case 'number':
      return Number.isInteger(node) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
    case 'bigint':
      return 'NUMBER_VALUE';
    case 'boolean':
      return node ? 'TRUE_VALUE' : 'FALSE_VALUE';
    default:
      if (Array.isArray(node)) return 'list';
      if (node instanceof Uint8Array) return 'BLOB_VALUE';
      if (node instanceof Date) return 'TIMESTAMP_VALUE';
      return typeof node === 'object' && node !== null ? 'structure' : 'NULL_VALUE';
  }
}

/** AWS's own words for a node of the wrong kind; `wanted` with its article. */
export function wrongNode(node: unknown, wanted: string): MalformedInput {
  const kind = nodeKind(node);
  if (kind === 'list') return new MalformedInput('Start of list found where not expected');
  if (kind === 'structure') return new MalformedInput('Start of structure or map found where not expected.');
  return new MalformedInput(`${kind} can not be converted to ${wanted}`);
}
