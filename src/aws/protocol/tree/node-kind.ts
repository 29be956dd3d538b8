/** What a node of a parsed document is, scalars in the words of AWS's deserialisation errors. */
export function nodeKind(node: unknown): 'list' | 'structure' | `${string}_VALUE` {
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
