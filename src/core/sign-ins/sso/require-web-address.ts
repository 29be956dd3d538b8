import { KeyholdError } from '../../../contract/errors.ts';
import type { SsoSettings } from '../../../contract/sign-ins.ts';

/** What is opened in the person's browser comes from the network: nothing but a web page, and an encrypted one unless the sign-in has an endpoint of its own. */
export function requireWebAddress(address: string, { endpointUrl }: SsoSettings): string {
  const url = URL.parse(address);
  const own = endpointUrl !== undefined && url?.protocol === 'http:';
  if (url !== null && (url.protocol === 'https:' || own) && url.username === '' && url.password === '') return url.href;
  throw new KeyholdError(
    'ServiceRefused',
    'What is to be opened in the browser is no https address. Check the sign-in’s start URL and region.',
  );
}
