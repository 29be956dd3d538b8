import type { OnBeforeRequestListenerDetails } from 'electron';
import { MOST_SAML_CHARACTERS, SAML_SIGN_IN_URL } from '../../contract/saml.ts';

/** A form with its field in percent-encoding, and whatever else an identity provider puts in. */
const MOST_BYTES = 4 * MOST_SAML_CHARACTERS;

/** True for what an identity provider's page sends to AWS's sign-in: it never leaves this window. */
export function isForAws({ method, url }: Pick<OnBeforeRequestListenerDetails, 'method' | 'url'>): boolean {
  if (method !== 'POST' || !URL.canParse(url)) return false;
  const { origin, pathname } = new URL(url);
  return SAML_SIGN_IN_URL.test(origin + pathname);
}

/** The form field `SAMLResponse` of such a request; undefined where it has none that can be read. */
export function samlResponseOf({ uploadData }: Pick<OnBeforeRequestListenerDetails, 'uploadData'>): string | undefined {
  // Absent for a request without a body, whatever the type says.
  const parts = Array.isArray(uploadData) ? uploadData.map(({ bytes }) => bytes) : [];
  if (!parts.every((part) => Buffer.isBuffer(part))) return undefined;
  const body = Buffer.concat(parts);
  try {
    if (body.length > MOST_BYTES) return undefined;
    const values = new URLSearchParams(body.toString('latin1')).getAll('SAMLResponse');
    return values.length === 1 ? values[0] : undefined;
  } finally {
    for (const bytes of [body, ...parts]) bytes.fill(0);
  }
}
