import type { SsoSettings } from '../../../contract/sign-ins.ts';
import type { SsoPlace } from './aws-sso.ts';

export function placeOf({ region, endpointUrl }: SsoSettings): SsoPlace {
  return { region, endpointUrl };
}
