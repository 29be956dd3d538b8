import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SOURCES = resolve(import.meta.dirname, '../../src');

/** A value in a template, or in the text of an element. */
const VALUE = /\$?\{([^{}]*)\}/;
/** `keyhold rotate max-age 90 --${kind} ${…`, up to the last value of the command. */
const COMMAND = new RegExp(`keyhold (?:(?:[\\w-]+|-*${VALUE.source}) )*-*${VALUE.source}`, 'g');
/** What quotes a name for a shell. */
const QUOTED = /^(?:quotedName|shellQuote|quoteSh)\(/;
/** Words of the command line’s own, and ids: nobody chose them. */
const OURS: ReadonlySet<string> = new Set([
  ...['VERSION', 'clusterId', 'direction', 'key.keyId', 'kind', 'made.id.slice(0, 8)', 'option', 'place.region'],
  ...['region', 'settings.type', 'store.CustomKeyStoreId', 'type', 'verb'],
]);

/** Values of commands in a text that are put in as they are. */
function unquoted(text: string): string[] {
  return [...text.matchAll(COMMAND)]
    .flatMap(([command]) => [...command.matchAll(new RegExp(VALUE, 'g'))])
    .flatMap(([, value = '']) => (QUOTED.test(value) || OURS.has(value) ? [] : value));
}

test('a name in a command that a message gives is quoted, so that it can be pasted', () => {
  expect(unquoted(`Try: keyhold exec \${name} -- aws, keyhold login \${quotedName(name)}`)).toEqual(['name']);
  expect(unquoted(`keyhold rotate max-age 90 --\${kind} \${key.name}`)).toEqual(['key.name']);
  expect(unquoted('<p>keyhold login {signIn.name}</p>')).toEqual(['signIn.name']);
  const found = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path))
    .flatMap((path) => unquoted(readFileSync(join(SOURCES, path), 'utf8')).map((value) => `${path}: ${value}`));
  expect(found).toEqual([]);
});
