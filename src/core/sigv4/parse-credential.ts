import { readBefore } from '../read-before.ts';
import { SCOPE_TERMINATOR } from './constants.ts';
import { SigV4Error, type SigV4ErrorCode } from './errors.ts';

export interface Credential {
  readonly accessKeyId: string;
  readonly date: string;
  /** Empty for SigV4a. */
  readonly region: string;
  readonly service: string;
  readonly scopeText: string;
}

const ACCESS_KEY_ID = /^\w{1,128}$/;
const DATE = /^\d{8}$/;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;

/** The credential, or what is wrong with it. */
type Reading = { readonly credential: Credential } | { readonly fault: string };

const readV4 = readBefore((text) => read(text, false));
const readV4a = readBefore((text) => read(text, true));

/**
 * `AKID/YYYYMMDD/region/service/aws4_request`, for SigV4a without the region.
 * @throws SigV4Error with the code given.
 */
export function parseCredential(text: string, v4a: boolean, code: SigV4ErrorCode): Credential {
  const reading = v4a ? readV4a(text) : readV4(text);
  if ('fault' in reading) throw new SigV4Error(code, reading.fault);
  return reading.credential;
}

function read(text: string, v4a: boolean): Reading {
  const parts = text.split('/');
  if (parts.length !== (v4a ? 4 : 5)) {
    return {
      fault: `Credential must have exactly ${v4a ? 4 : 5} slash-delimited elements, e.g. keyid/date/${v4a ? '' : 'region/'}service/term.`,
    };
  }
  const [accessKeyId = '', date = ''] = parts;
  const region = v4a ? '' : (parts[2] ?? '');
  const service = parts[v4a ? 2 : 3] ?? '';
  const terminator = parts[v4a ? 3 : 4];
  if (terminator !== SCOPE_TERMINATOR) {
    return { fault: `Credential should be scoped with a valid terminator: '${SCOPE_TERMINATOR}'.` };
  }
  if (!ACCESS_KEY_ID.test(accessKeyId)) return { fault: 'Credential does not start with an access key id.' };
  if (!DATE.test(date)) return { fault: 'Credential should be scoped to a date in YYYYMMDD format.' };
  if (!v4a && !NAME.test(region)) return { fault: 'Credential should be scoped to a valid region.' };
  if (!NAME.test(service)) return { fault: 'Credential should be scoped to a correct service.' };
  return { credential: { accessKeyId, date, region, service, scopeText: text.slice(accessKeyId.length + 1) } };
}
