import type { SamlRole } from '../../../contract/saml.ts';

/** What an identity provider says to AWS of a person, as far as Keyhold shows or uses it. Nothing of it is proven: AWS verifies the signature, and has the provider's key. */
export interface SamlAssertion {
  /** At most 1,024 characters. */
  issuer: string;
  /** NameID, or what 256 characters hold of it. */
  subject: string;
  roles: SamlRole[];
  /** ms since epoch; STS takes it until then. */
  usableUntil: number;
}

/** Reads the form field `SAMLResponse`. Throws `InvalidInput` with what is wrong with it. */
export type ReadSamlResponse = (samlResponse: Uint8Array, now: number) => SamlAssertion;
