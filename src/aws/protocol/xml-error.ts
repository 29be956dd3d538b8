import type { WireError } from './protocol-codec.ts';
import { escapeXml } from './render-error.ts';

/** The elements of an error in AWS's XML protocols; an empty message is left out. */
export function errorElements({ code, message, members }: WireError): string {
  const text = message === '' ? '' : `<Message>${escapeXml(message)}</Message>`;
  const rest = Object.entries(members).map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`);
  return `<Code>${escapeXml(code)}</Code>${text}${rest.join('')}`;
}

/** `<ErrorResponse>`, as awsQuery and most of restXml have it. */
export function errorResponse(error: WireError, requestId: string, namespace: string): string {
  const side = error.status >= 500 ? 'Receiver' : 'Sender';
  return `<ErrorResponse${namespace}><Error><Type>${side}</Type>${errorElements(error)}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
}
