import { KeyholdError } from '../../contract/errors.ts';
import { MOST_SAML_CHARACTERS, SAML_SIGN_IN_URL } from '../../contract/saml.ts';
import type { SamlAssertion } from '../../core/sign-ins/saml/saml-assertion.ts';
import { MalformedInput } from '../protocol/malformed-input.ts';
import { parseXml, type XmlElement } from '../protocol/xml/parse-xml.ts';
import { readAttributes } from './read-attributes.ts';
import { theOnlyAssertion } from './the-only-assertion.ts';
import { child, unusable } from './xml-of-saml.ts';

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success';
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';
/** AWS takes an assertion until so long after it was issued, whatever it says itself. */
const REDEEM_MS = 5 * 60_000;
/** Clocks of an identity provider and of this machine. */
const SKEW_MS = 60_000;
/** SAML 2.0 (core, section 8.3.6) lets an entity's name have so many characters. */
const MOST_ISSUER = 1024;
const MOST_NAME = 256;
/** AWS's names for itself besides its sign-in address. */
const AUDIENCES: ReadonlySet<string> = new Set([
  'urn:amazon:webservices',
  'urn:amazon:webservices:govcloud',
  'urn:amazon:webservices:cn-north-1',
]);

/**
 * Reads a SAML 2.0 response of the HTTP POST binding as AWS wants it (IAM user guide, "Configure SAML assertions for the authentication response"), to know which roles it
 * offers and how long it is good. The signature is not verified here: AWS does, which has the provider's metadata. It has to be where it covers what is read, so that one
 * assertion cannot be shown and another one be meant.
 */
export function readSamlResponse(samlResponse: Uint8Array, now: number): SamlAssertion {
  const xml = decode(samlResponse);
  try {
    const response = parse(xml);
    assertSuccess(response);
    const assertion = theOnlyAssertion(response);
    const issuer = (child(assertion, 'Issuer')?.text.trim() ?? '').slice(0, MOST_ISSUER);
    if (issuer === '') throw unusable('its assertion names no issuer');
    const { subject, until } = readSubject(assertion);
    const issuedAt = instantOf(assertion, 'IssueInstant');
    if (issuedAt === undefined) throw unusable('its assertion does not say when it was issued');
    const conditions = readConditions(assertion, now);
    const usableUntil = Math.min(issuedAt + REDEEM_MS, until, conditions);
    if (usableUntil <= now) {
      throw new KeyholdError(
        'InvalidInput',
        `This SAML response was good until ${new Date(usableUntil).toISOString()}, and AWS takes none later than five minutes after it was made. Sign in again, and check this computer’s clock.`,
      );
    }
    // No use is made of it here; a time that is none is refused as elsewhere.
    instantOf(child(assertion, 'AuthnStatement'), 'SessionNotOnOrAfter');
    return { issuer, subject, ...readAttributes(assertion), usableUntil };
  } finally {
    xml.fill(0);
  }
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** Some providers break lines. */
function decode(samlResponse: Uint8Array): Buffer {
  if (samlResponse.length > MOST_SAML_CHARACTERS) throw unusable('it is longer than AWS takes');
  const text = Buffer.from(samlResponse.buffer, samlResponse.byteOffset, samlResponse.byteLength)
    .toString('latin1')
    .replaceAll(/[\r\n\t ]/g, '');
  if (!BASE64.test(text) || text.length % 4 !== 0) {
    throw unusable(
      'it is not base64. Pass the value of the form field SAMLResponse as the identity provider’s page posts it',
    );
  }
  return Buffer.from(text, 'base64');
}

function parse(xml: Buffer): XmlElement {
  try {
    return parseXml(xml);
  } catch (error) {
    // What the parser says names no content.
    if (error instanceof MalformedInput) throw unusable(`its XML cannot be read (${error.message})`);
    throw error;
  }
}

function assertSuccess(response: XmlElement): void {
  if (response.name !== 'Response' || response.attributes.get('Version') !== '2.0') {
    throw unusable('it is no SAML 2.0 response');
  }
  const destination = response.attributes.get('Destination');
  if (destination !== undefined && !SAML_SIGN_IN_URL.test(destination)) {
    throw unusable(
      `it is meant for ${brief(destination)} and not for AWS. Start from the AWS application of the identity provider`,
    );
  }
  const status = child(response, 'Status');
  if (child(status, 'StatusCode')?.attributes.get('Value') === SUCCESS) return;
  const said = child(status, 'StatusMessage')?.text.trim();
  throw unusable(
    `the identity provider refused the sign-in${said === undefined || said === '' ? '' : `: ${brief(said)}`}`,
  );
}

function readSubject(assertion: XmlElement): { subject: string; until: number } {
  const subject = child(assertion, 'Subject');
  const confirmations = subject?.children.filter(({ name }) => name === 'SubjectConfirmation') ?? [];
  const [confirmation, ...more] = confirmations;
  const data = child(confirmation, 'SubjectConfirmationData');
  const until = instantOf(data, 'NotOnOrAfter');
  const recipient = data?.attributes.get('Recipient') ?? '';
  if (confirmation?.attributes.get('Method') !== BEARER || more.length > 0 || until === undefined) {
    throw unusable('AWS wants exactly one bearer confirmation of its subject, with its end');
  }
  if (!SAML_SIGN_IN_URL.test(recipient)) {
    throw unusable(
      `its recipient is ${brief(recipient)} and not AWS’s sign-in. Correct the application at the identity provider`,
    );
  }
  return { subject: (child(subject, 'NameID')?.text.trim() ?? '').slice(0, MOST_NAME), until };
}

/** Until when they hold. */
function readConditions(assertion: XmlElement, now: number): number {
  const conditions = child(assertion, 'Conditions');
  const audiences = (conditions?.children ?? [])
    .filter(({ name }) => name === 'AudienceRestriction')
    .flatMap(({ children }) => children.filter(({ name }) => name === 'Audience').map(({ text }) => text.trim()));
  if (!audiences.some((one) => AUDIENCES.has(one) || SAML_SIGN_IN_URL.test(one))) {
    const named = audiences.length === 0 ? 'no audience' : `the audience ${brief(audiences.join(', '))}`;
    throw unusable(`its assertion names ${named} and not AWS. Start from the AWS application of the identity provider`);
  }
  const from = instantOf(conditions, 'NotBefore');
  if (from !== undefined && from > now + SKEW_MS) {
    throw unusable(`it is good only from ${new Date(from).toISOString()}. Set this computer’s clock by the network`);
  }
  return instantOf(conditions, 'NotOnOrAfter') ?? Number.POSITIVE_INFINITY;
}

/** An attribute of the type xs:dateTime, in UTC as SAML wants it. */
function instantOf(element: XmlElement | undefined, name: string): number | undefined {
  const text = element?.attributes.get(name);
  if (text === undefined) return undefined;
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time)) throw unusable(`its ${name} is no time`);
  return time;
}

/** Of somebody else's text, for a sentence. */
function brief(text: string): string {
  const plain = text.replaceAll(/[\p{C}\s]+/gu, ' ');
  return plain.length > 120 ? `${plain.slice(0, 119)}…` : plain;
}
