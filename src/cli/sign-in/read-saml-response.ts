import { samlFieldOf } from '../../client/saml-field.ts';
import { MOST_SAML_CHARACTERS } from '../../contract/saml.ts';
import { usageError } from '../errors.ts';
import { readFile } from '../read-file.ts';
import { readStdin } from '../stdin-lines.ts';

export interface SamlResponseOptions {
  samlResponseStdin?: boolean;
  samlResponseFile?: string;
}

/** The form field SAMLResponse as a person takes it out of a browser: alone, percent-encoded or not, or in the whole body of the request. Undefined where no option names it. */
export async function readSamlResponse(options: SamlResponseOptions): Promise<string | undefined> {
  const { samlResponseFile: file, samlResponseStdin: stdin } = options;
  if (file === undefined && stdin !== true) return undefined;
  if (file !== undefined && stdin === true) {
    throw usageError('Give --saml-response-file or --saml-response-stdin, not both.');
  }
  const bytes = file === undefined ? await readStdin('the SAML response') : readFile(file);
  try {
    if (bytes.length > 4 * MOST_SAML_CHARACTERS) throw usageError('That is longer than any SAML response AWS takes.');
    const text = samlFieldOf(bytes.toString('latin1'));
    if (text === '') throw usageError('The SAML response is empty. Copy the value of the form field SAMLResponse.');
    return text;
  } finally {
    bytes.fill(0);
  }
}
