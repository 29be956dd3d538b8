import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSamlResponse } from '../../../src/aws/saml/read-saml-response.ts';
import { KeyholdError } from '../../../src/contract/errors.ts';
import { type AssertionWish, createIdp } from '../../support/saml/idp.ts';
import { verifiedAssertion } from '../../support/saml/xml-signature.ts';

const idp = createIdp();
const NOW = Date.UTC(2026, 10, 29, 12);
const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const READ = 'arn:aws:iam::210987654321:role/team/read';
const PROVIDER = 'arn:aws:iam::123456789012:saml-provider/corp';
const OTHER = 'arn:aws:iam::210987654321:saml-provider/corp';
const WISH: AssertionWish = { now: NOW, roles: [`${ROLE},${PROVIDER}`, `${OTHER}, ${READ}`] };

const read = (wish: Partial<AssertionWish> = {}, now = NOW) =>
  readSamlResponse(Buffer.from(idp.samlResponse({ ...WISH, ...wish })), now);

describe('a signed response', () => {
  test('gives its roles, in whichever order the pair is written', () => {
    expect(read({ sessionSeconds: 28_800, sourceIdentity: 'ada', sessionNotOnOrAfter: 3_600_000 })).toEqual({
      issuer: 'https://idp.example.com/metadata',
      subject: 'ada',
      roles: [
        { roleArn: ROLE, principalArn: PROVIDER },
        { roleArn: READ, principalArn: OTHER },
      ],
      usableUntil: NOW + 300_000,
    });
  });

  test('is written down with 256 characters of a name at most', () => {
    expect(read({ subject: 'a'.repeat(9000) }).subject).toBe('a'.repeat(256));
  });

  test('is good for five minutes, however long it says, and for less where it says so', () => {
    expect(read({ notOnOrAfter: 3_600_000 }).usableUntil).toBe(NOW + 300_000);
    expect(read({ notOnOrAfter: 60_000 }).usableUntil).toBe(NOW + 60_000);
    expect(() => read({}, NOW + 300_000)).toThrow(/good until 2026-11-29T12:05:00.000Z/);
    expect(() => read({}, NOW - 180_000)).toThrow(/Set this computer’s clock/);
  });

  test.each([
    'https://signin.aws.amazon.com/saml',
    'https://eu-central-1.signin.aws.amazon.com/saml',
    'https://us-east-1.signin.aws.amazon.com/saml/acs/SAMLSP1A2B',
    'https://signin.amazonaws-us-gov.com/saml',
    'https://signin.amazonaws.cn/saml',
  ])('may be posted to %s', (place) => {
    expect(read({ recipient: place, destination: place, audience: place }).roles).toHaveLength(2);
  });

  test('may come in lines, and leaves what it was given as it is', () => {
    const given = Buffer.from(idp.samlResponse(WISH).replaceAll(/(.{76})/g, '$1\r\n'));
    const before = Buffer.from(given);
    expect(readSamlResponse(given, NOW).roles).toHaveLength(2);
    expect(given.equals(before)).toBe(true);
  });

  test('is verified by the test’s own verifier, and by xmlsec1 where that is', ({ skip }) => {
    const xml = idp.respond(WISH);
    expect(() => verifiedAssertion(xml, idp.publicKey)).not.toThrow();
    const forged = xml.replace('role/deploy', 'role/admins');
    expect(() => verifiedAssertion(forged, idp.publicKey)).toThrow('digest');
    if (spawnSync('xmlsec1', ['--version']).status !== 0) skip('xmlsec1 is not installed');
    const folder = mkdtempSync(join(tmpdir(), 'kh-saml-'));
    try {
      const [key, good, bad] = ['key.pem', 'good.xml', 'bad.xml'].map((name) => join(folder, name));
      writeFileSync(key ?? '', idp.publicKey.export({ type: 'spki', format: 'pem' }));
      writeFileSync(good ?? '', xml);
      writeFileSync(bad ?? '', forged);
      const judge = (file = ''): string[] => {
        const id = 'urn:oasis:names:tc:SAML:2.0:assertion:Assertion';
        return ['--verify', '--pubkey-pem', key ?? '', '--id-attr:ID', id, file];
      };
      expect(() => execFileSync('xmlsec1', judge(good), { stdio: 'pipe' })).not.toThrow();
      expect(() => execFileSync('xmlsec1', judge(bad), { stdio: 'pipe' })).toThrow();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('refused with a sentence', () => {
  const wrap = (xml: string): string => {
    // The classic: the signed assertion is moved aside, and one that nobody signed stands in its place.
    const signed = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(xml)?.[0] ?? '';
    const evil = signed
      .replace(/ID="[^"]*"/, 'ID="_evil"')
      .replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '')
      .replace('role/deploy', 'role/admins');
    return xml.replace(signed, `${evil}<samlp:Extensions>${signed}</samlp:Extensions>`);
  };
  test.each<[string, Partial<AssertionWish>, RegExp]>([
    ['a wrapped assertion', { forge: wrap }, /2 assertions where there has to be exactly one/],
    ['no signature', { forge: (xml) => xml.replace(/<ds:Signature[\s\S]*<\/ds:Signature>/, '') }, /not signed/],
    ['a signature over something else', { forge: (xml) => xml.replace(/URI="#[^"]*"/, 'URI="#_x"') }, /something else/],
    [
      'a signature elsewhere',
      { forge: (xml) => xml.replace('</saml:Subject>', '<ds:Signature/></saml:Subject>') },
      /where none belongs/,
    ],
    [
      'the same ID twice',
      { forge: (xml) => xml.replace('<saml:Subject>', `<saml:Subject ID="${/#(_\w+)/.exec(xml)?.[1]}">`) },
      /same ID/,
    ],
    ['a document type', { forge: (xml) => xml.replace('?>', '?><!DOCTYPE x [<!ENTITY e "e">]>') }, /document type/],
    [
      'an encrypted assertion',
      { forge: (xml) => xml.replaceAll('saml:Assertion', 'saml:EncryptedAssertion') },
      /encrypted to AWS/,
    ],
    ['another audience', { audience: 'https://other.example.com' }, /audience https:\/\/other.example.com and not AWS/],
    ['another recipient', { recipient: 'https://signin.aws.amazon.com.evil.example/saml' }, /recipient/],
    ['another destination', { destination: 'http://signin.aws.amazon.com/saml' }, /meant for http:/],
    ['a refusal', { status: 'urn:oasis:names:tc:SAML:2.0:status:Responder' }, /refused the sign-in/],
    ['no roles', { roles: [] }, /offers no role/],
    ['a role without its provider', { roles: [ROLE] }, /with a comma between/],
    ['two roles', { roles: [`${ROLE},${READ}`] }, /with a comma between/],
    ['a session name that AWS refuses', { sessionName: 'Ada Lovelace' }, /RoleSessionName/],
  ])('%s', (_, wish, why) => {
    expect(() => read(wish)).toThrow(why);
    expect(() => read(wish)).toThrow(KeyholdError);
  });

  test.each(['', 'PHNhbWw', '<xml/>', Buffer.from('<a/>').toString('base64'), Buffer.from('text').toString('base64')])(
    'what is no response: %s',
    (text) => {
      expect(() => readSamlResponse(Buffer.from(text), NOW)).toThrow(KeyholdError);
    },
  );

  test('what is longer than AWS takes', () => {
    expect(() => readSamlResponse(Buffer.alloc(100_001, 'A'), NOW)).toThrow(/longer than AWS takes/);
  });
});

test('whatever is changed in a response, it is read or refused with a sentence, and the roles are those of its only assertion', () => {
  const xml = Buffer.from(idp.respond(WISH));
  const change = fc.record({
    at: fc.nat(xml.length - 1),
    remove: fc.nat(40),
    insert: fc.oneof(
      fc.constantFrom('<', '>', '"', '&', '<saml:Assertion/>', '</saml:Assertion>', '<!--', ']]>', '<![CDATA['),
      fc.string({ maxLength: 8 }),
    ),
  });
  const numRuns = process.env['KEYHOLD_TEST_FULL'] === '1' ? 20_000 : 300;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      let next = xml.toString('utf8');
      for (const { at, remove, insert } of changes) next = next.slice(0, at) + insert + next.slice(at + remove);
      try {
        const { roles } = readSamlResponse(Buffer.from(Buffer.from(next).toString('base64')), NOW);
        for (const { roleArn } of roles) expect(next).toContain(roleArn.slice(0, 12));
      } catch (error) {
        expect(error).toBeInstanceOf(KeyholdError);
      }
    }),
    { numRuns },
  );
});
