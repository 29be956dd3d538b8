import type { XmlElement } from '../protocol/xml/parse-xml.ts';
import { child, unusable } from './xml-of-saml.ts';

/**
 * The assertion of a response, when there can be no doubt which one is meant: one in the whole document, straight under the response, and a signature in its own place that
 * refers to it or to the response. What wraps a signed assertion in another one, or hides a second one, is refused.
 */
export function theOnlyAssertion(response: XmlElement): XmlElement {
  const all = [...within(response)];
  if (all.some(({ name }) => name === 'EncryptedAssertion')) {
    throw unusable(
      'its assertion is encrypted to AWS, so that Keyhold cannot see the roles. Let the identity provider send it unencrypted',
    );
  }
  const assertions = all.filter(({ name }) => name === 'Assertion');
  if (assertions.length !== 1) {
    throw unusable(
      `it has ${assertions.length === 0 ? 'no assertion' : `${assertions.length} assertions`} where there has to be exactly one`,
    );
  }
  const assertion = child(response, 'Assertion');
  if (assertion?.attributes.get('Version') !== '2.0') throw unusable('its assertion is not where SAML 2.0 has it');
  const ids = all.map(({ attributes }) => attributes.get('ID')).filter((id) => id !== undefined);
  if (new Set(ids).size !== ids.length) throw unusable('two of its elements have the same ID');
  assertSigned(all, [response, assertion]);
  return assertion;
}

function assertSigned(all: readonly XmlElement[], signed: readonly XmlElement[]): void {
  const own = signed.flatMap((element) =>
    element.children.filter(({ name }) => name === 'Signature').map((signature) => ({ signature, element })),
  );
  if (own.length === 0) throw unusable('it is not signed, and AWS takes none that is not');
  if (all.filter(({ name }) => name === 'Signature').length !== own.length) {
    throw unusable('it has a signature in a place where none belongs');
  }
  for (const { signature, element } of own) {
    const references = [...within(signature)].filter(({ name }) => name === 'Reference');
    const id = element.attributes.get('ID');
    if (references.length !== 1 || id === undefined || references[0]?.attributes.get('URI') !== `#${id}`) {
      throw unusable('its signature is over something else than its assertion');
    }
  }
}

function* within(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const one of element.children) yield* within(one);
}
