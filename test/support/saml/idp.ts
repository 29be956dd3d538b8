import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol';
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ATTRIBUTES = 'https://aws.amazon.com/SAML/Attributes/';

export const AWS_ACS = 'https://signin.aws.amazon.com/saml';

export interface AssertionWish {
  /** `role,provider`, in whichever order. */
  roles: string[];
  now: number;
  subject?: string;
  sessionName?: string;
  sessionSeconds?: number;
  sourceIdentity?: string;
  audience?: string;
  recipient?: string;
  destination?: string;
  /** ms after `now`. */
  notOnOrAfter?: number;
  sessionNotOnOrAfter?: number;
  status?: string;
  /** Changes the XML after it was signed. */
  forge?: (xml: string) => string;
}

export interface TestIdp {
  issuer: string;
  publicKey: KeyObject;
  /** The XML of a response whose assertion is signed (RSA-SHA256, exclusive canonicalization). */
  respond(wish: AssertionWish): string;
  /** The form field as a page posts it. */
  samlResponse(wish: AssertionWish): string;
}

/** An identity provider's key is made once a file: it takes a while. */
export function createIdp(issuer = 'https://idp.example.com/metadata'): TestIdp {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const respond = (wish: AssertionWish): string => {
    const id = `_${randomBytes(16).toString('hex')}`;
    const unsigned = assertionOf(issuer, id, wish);
    // As it is written here, the assertion is in canonical form.
    const digest = createHash('sha256').update(unsigned).digest('base64');
    const info = signedInfo(id, digest);
    const value = sign('sha256', Buffer.from(info), privateKey).toString('base64');
    const signature = `<ds:Signature xmlns:ds="${DSIG}">${info.replace(` xmlns:ds="${DSIG}"`, '')}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`;
    const signed = unsigned.replace('</saml:Issuer>', `</saml:Issuer>${signature}`);
    const xml = responseAround(issuer, loosen(signed), wish);
    return wish.forge === undefined ? xml : wish.forge(xml);
  };
  return {
    issuer,
    publicKey,
    respond,
    samlResponse: (wish) => Buffer.from(respond(wish)).toString('base64'),
  };
}

const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function assertionOf(issuer: string, id: string, wish: AssertionWish): string {
  const { now, roles, audience = 'urn:amazon:webservices', recipient = AWS_ACS } = wish;
  const end = iso(now + (wish.notOnOrAfter ?? 300_000));
  const attribute = (name: string, values: readonly string[]): string =>
    `<saml:Attribute Name="${ATTRIBUTES}${name}">${values.map((value) => `<saml:AttributeValue>${escaped(value)}</saml:AttributeValue>`).join('')}</saml:Attribute>`;
  const attributes = [
    attribute('Role', roles),
    attribute('RoleSessionName', [wish.sessionName ?? 'ada@example.com']),
    ...(wish.sessionSeconds === undefined ? [] : [attribute('SessionDuration', [String(wish.sessionSeconds)])]),
    ...(wish.sourceIdentity === undefined ? [] : [attribute('SourceIdentity', [wish.sourceIdentity])]),
  ];
  const sessionEnd =
    wish.sessionNotOnOrAfter === undefined ? '' : ` SessionNotOnOrAfter="${iso(now + wish.sessionNotOnOrAfter)}"`;
  return [
    `<saml:Assertion xmlns:saml="${ASSERTION}" ID="${id}" IssueInstant="${iso(now)}" Version="2.0">`,
    `<saml:Issuer>${issuer}</saml:Issuer>`,
    `<saml:Subject><saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">${escaped(wish.subject ?? 'ada')}</saml:NameID>`,
    `<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="${end}" Recipient="${recipient}"></saml:SubjectConfirmationData></saml:SubjectConfirmation></saml:Subject>`,
    `<saml:Conditions NotBefore="${iso(now - 60_000)}" NotOnOrAfter="${end}"><saml:AudienceRestriction><saml:Audience>${audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`,
    `<saml:AuthnStatement AuthnInstant="${iso(now)}"${sessionEnd}><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`,
    `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>`,
    '</saml:Assertion>',
  ].join('');
}

function signedInfo(id: string, digest: string): string {
  return [
    `<ds:SignedInfo xmlns:ds="${DSIG}">`,
    `<ds:CanonicalizationMethod Algorithm="${C14N}"></ds:CanonicalizationMethod>`,
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>',
    `<ds:Reference URI="#${id}"><ds:Transforms>`,
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>',
    `<ds:Transform Algorithm="${C14N}"></ds:Transform></ds:Transforms>`,
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>',
    `<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`,
  ].join('');
}

/** The same document, written so that whoever verifies it has to canonicalize: attributes in another order, empty tags, a namespace that is declared further up. */
function loosen(signed: string): string {
  return signed
    .replace(` xmlns:saml="${ASSERTION}"`, '')
    .replace(/ ID="([^"]*)" IssueInstant="([^"]*)" Version="2.0"/, ' Version=\'2.0\'  IssueInstant="$2"\n ID="$1"')
    .replaceAll(/<([\w:]+)((?: \w+="[^"]*")*)><\/\1>/g, '<$1$2/>');
}

function responseAround(
  issuer: string,
  assertion: string,
  { now, destination = AWS_ACS, status }: AssertionWish,
): string {
  const code = status ?? 'urn:oasis:names:tc:SAML:2.0:status:Success';
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<samlp:Response xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" xmlns:unused="urn:unused" ID="_${randomBytes(16).toString('hex')}" Version="2.0" IssueInstant="${iso(now)}" Destination="${destination}">`,
    `<saml:Issuer>${issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="${code}"/></samlp:Status>`,
    `${assertion}</samlp:Response>`,
  ].join('');
}
