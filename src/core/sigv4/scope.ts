import { SCOPE_TERMINATOR } from './constants.ts';
import type { Scope } from './types.ts';

/** `date/region/service/aws4_request` */
export function scopeText(scope: Scope): string {
  return `${scope.date}/${scope.region}/${scope.service}/${SCOPE_TERMINATOR}`;
}

/** SigV4a's scope has no region: `date/service/aws4_request`. */
export function scopeTextV4a(scope: { readonly date: string; readonly service: string }): string {
  return `${scope.date}/${scope.service}/${SCOPE_TERMINATOR}`;
}
