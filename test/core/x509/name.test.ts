import { expect, test } from 'vitest';
import { encodeName } from '../../../src/core/x509/name.ts';

const hex = (text: string): string => Buffer.from(encodeName(text)).toString('hex');

test('a name is encoded from its end, as RFC 4514 writes it', () => {
  // SEQUENCE { SET { SEQUENCE { 2.5.4.6, PrintableString DE } }, SET { SEQUENCE { 2.5.4.3, UTF8String build } } }
  expect(hex('CN=build,C=DE')).toBe('301d310b300906035504061302444531' + '0e300c06035504030c056275696c64');
  expect(hex(' cn = build , c = DE ')).toBe(hex('CN=build,C=DE'));
});

test('what separates attributes can be in a value behind a backslash', () => {
  expect(Buffer.from(encodeName('CN=a\\,b\\+c\\\\')).includes('a,b+c\\')).toBe(true);
});

test.each([
  ['', 'it is empty'],
  ['build', '"build" is none of CN=…'],
  ['CN=', 'CN has 1 to 64 characters'],
  [`CN=${'x'.repeat(65)}`, 'CN has 1 to 64 characters'],
  ['CN=a,', '"" is none of'],
  ['CN=a+OU=b', 'joined by +'],
  ['CN=a\nb', 'CN has 1 to 64'],
  ['CN=a,C=Deutschland', 'C has 1 to 2'],
  ['CN=a,C=4x', 'two letters'],
  ['SERIALNUMBER=ä', 'SERIALNUMBER has a sign in it'],
])('%j is refused with how it is written', (text, why) => {
  expect(() => encodeName(text)).toThrow(why);
  expect(() => encodeName(text)).toThrow('CN=build,O=Example,C=DE');
});
