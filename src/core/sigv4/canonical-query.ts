import type { Charset } from './types.ts';
import { uriNormalize } from './uri-encode.ts';

const IN_QUERY = { keepSlash: false, plusIsSpace: true };

interface Parameter {
  readonly name: string;
  readonly value: string;
}

function byNameThenValue(a: Parameter, b: Parameter): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  return 0;
}

function parseParameter(part: string, charset: Charset): Parameter {
  const equals = part.indexOf('=');
  if (equals === -1) return { name: uriNormalize(part, charset, IN_QUERY), value: '' };
  return {
    name: uriNormalize(part.slice(0, equals), charset, IN_QUERY),
    value: uriNormalize(part.slice(equals + 1), charset, IN_QUERY),
  };
}

/**
 * The canonical query of a raw one (SigV4, "Create a canonical request", step 3): names and values encoded once, sorted by
 * encoded name and then value, `=` always present. Empty parts (`a&&b`) vanish, an empty name (`=x`) stays. A raw `+` is a
 * space. Parameters whose encoded name is in `omit` are left out.
 */
export function canonicalQuery(query: string, charset: Charset = 'utf8', omit?: ReadonlySet<string>): string {
  if (query === '') return '';
  const parameters: Parameter[] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const parameter = parseParameter(part, charset);
    if (omit?.has(parameter.name) !== true) parameters.push(parameter);
  }
  if (parameters.length > 1) parameters.sort(byNameThenValue);
  let out = '';
  for (const { name, value } of parameters) out += `${out === '' ? '' : '&'}${name}=${value}`;
  return out;
}
