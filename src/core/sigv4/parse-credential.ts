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

/**
 * `AKID/YYYYMMDD/region/service/aws4_request`, for SigV4a without the region.
 * @throws SigV4Error with the code given.
 */
export function parseCredential(text: string, v4a: boolean, code: SigV4ErrorCode): Credential {
  const parts = text.split('/');
  if (parts.length !== (v4a ? 4 : 5)) {
    throw new SigV4Error(
      code,
      `Credential must have exactly ${v4a ? 4 : 5} slash-delimited elements, e.g. keyid/date/${v4a ? '' : 'region/'}service/term.`,
    );
  }
  const [accessKeyId = '', date = ''] = parts;
  const region = v4a ? '' : (parts[2] ?? '');
  const service = parts[v4a ? 2 : 3] ?? '';
  const terminator = parts[v4a ? 3 : 4];
  if (terminator !== SCOPE_TERMINATOR) {
    throw new SigV4Error(code, `Credential should be scoped with a valid terminator: '${SCOPE_TERMINATOR}'.`);
  }
  if (!ACCESS_KEY_ID.test(accessKeyId)) throw new SigV4Error(code, 'Credential does not start with an access key id.');
  if (!DATE.test(date)) throw new SigV4Error(code, 'Credential should be scoped to a date in YYYYMMDD format.');
  if (!v4a && !NAME.test(region)) throw new SigV4Error(code, 'Credential should be scoped to a valid region.');
  if (!NAME.test(service)) throw new SigV4Error(code, 'Credential should be scoped to a correct service.');
  return { accessKeyId, date, region, service, scopeText: text.slice(accessKeyId.length + 1) };
}
