import { KeyholdError } from '../../contract/errors.ts';
import type { XmlElement } from '../protocol/xml/parse-xml.ts';

export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

/** `why` begins small and has no full stop; what it says names nothing secret. */
export function unusable(why: string): KeyholdError {
  return new KeyholdError('InvalidInput', `This SAML response is of no use: ${why}.`);
}
