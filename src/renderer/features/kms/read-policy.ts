/** A statement as a reader wants it: lists where JSON may have one or many. */
export interface ReadStatement {
  sid: string | null;
  effect: 'Allow' | 'Deny';
  /** `not`: everything but these. */
  principals: { not: boolean; names: string[] };
  actions: { not: boolean; names: string[] };
  /** `StringEquals kms:ViaService s3.eu-central-1.amazonaws.com` */
  conditions: { operator: string; key: string; values: string[] }[];
}

/** The statements of a policy document, for showing; null for what does not read as one. Whether it is valid, the service says. */
export function readPolicy(text: string): ReadStatement[] | null {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(document)) return null;
  const listed = document['Statement'];
  const statements = Array.isArray(listed) ? listed : [listed];
  const read = statements.map(readStatement);
  return read.every((one) => one !== null) ? read : null;
}

function readStatement(statement: unknown): ReadStatement | null {
  if (!isRecord(statement)) return null;
  const effect = statement['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') return null;
  const sid = statement['Sid'];
  return {
    sid: typeof sid === 'string' && sid !== '' ? sid : null,
    effect,
    principals: either(statement, 'Principal', (value) =>
      isRecord(value) ? Object.values(value).flatMap(strings) : strings(value),
    ),
    actions: either(statement, 'Action', strings),
    conditions: readConditions(statement['Condition']),
  };
}

function either(
  statement: Record<string, unknown>,
  name: string,
  read: (value: unknown) => string[],
): { not: boolean; names: string[] } {
  const not = `Not${name}` in statement;
  return { not, names: read(statement[not ? `Not${name}` : name]) };
}

function readConditions(block: unknown): ReadStatement['conditions'] {
  if (!isRecord(block)) return [];
  return Object.entries(block).flatMap(([operator, keys]) =>
    isRecord(keys) ? Object.entries(keys).map(([key, values]) => ({ operator, key, values: strings(values) })) : [],
  );
}

function strings(value: unknown): string[] {
  const values = Array.isArray(value) ? value : [value];
  return values.filter((one) => one !== undefined).map(String);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
