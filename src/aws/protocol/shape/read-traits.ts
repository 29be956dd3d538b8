import type { Traits } from './shape.ts';

/** @smithy/core writes the most common traits as bits, in this order. */
const BITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
] as const;

function asRecord(indicator: unknown): Readonly<Record<string, unknown>> {
  if (typeof indicator === 'number') return Object.fromEntries(BITS.map((name, bit) => [name, (indicator >> bit) & 1]));
  return typeof indicator === 'object' && indicator !== null ? { ...indicator } : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** `"uri"` or `["prefix", "uri"]` */
function namespaceOf(value: unknown): Traits['xmlNamespace'] {
  if (typeof value === 'string') return { prefix: '', uri: value };
  if (!Array.isArray(value)) return undefined;
  const [prefix, uri]: unknown[] = value;
  return typeof prefix === 'string' && typeof uri === 'string' ? { prefix, uri } : undefined;
}

const TEXTS = ['jsonName', 'xmlName', 'httpQuery', 'httpHeader', 'httpPrefixHeaders', 'mediaType'] as const;

/** The traits of the SDK's schemas, later ones over earlier ones. */
export function readTraits(...indicators: readonly unknown[]): Traits {
  const raw: Record<string, unknown> = Object.assign({}, ...indicators.map(asRecord));
  const on = (name: string): boolean => raw[name] !== undefined && raw[name] !== 0 && raw[name] !== false;
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  for (const name of TEXTS) {
    const value = text(raw[name]);
    if (value !== undefined) texts[name] = value;
  }
  const xmlNamespace = namespaceOf(raw['xmlNamespace']);
  return {
    ...texts,
    ...(xmlNamespace === undefined ? {} : { xmlNamespace }),
    xmlFlattened: on('xmlFlattened'),
    xmlAttribute: on('xmlAttribute'),
    httpLabel: on('httpLabel'),
    httpPayload: on('httpPayload'),
    httpResponseCode: on('httpResponseCode'),
    httpQueryParams: on('httpQueryParams'),
  };
}
