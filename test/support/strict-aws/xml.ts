import { randomUUID } from 'node:crypto';

/** An answer of the Query protocol. */
export interface Reply {
  status: number;
  body: string;
  requestId: string;
  /** `ok`, or the error's code: what the log of calls keeps. */
  outcome: string;
}

/** An error as AWS words it. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const NAMESPACES: Readonly<Record<string, string>> = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  iam: 'https://iam.amazonaws.com/doc/2010-05-08/',
};

const text = (value: string): string =>
  value.replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character);

export type Element = string | number | boolean | undefined | Element[] | { [name: string]: Element };

/** Elements in the order they are given; a list becomes `member`s, and what is undefined is left out. */
export function xml(element: Element): string {
  if (element === undefined) return '';
  if (Array.isArray(element)) return element.map((one) => `<member>${xml(one)}</member>`).join('');
  if (typeof element !== 'object') return text(String(element));
  return Object.entries(element)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `<${name}>${xml(value)}</${name}>`)
    .join('');
}

/** ISO 8601 in seconds, as IAM and STS write it. */
export const isoSeconds = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

/** `result` is undefined for the operations that answer with nothing but a request id. */
export function answer(service: string, action: string, result: Element): Reply {
  const requestId = randomUUID();
  const inner = result === undefined ? '' : `<${action}Result>${xml(result)}</${action}Result>`;
  const body = `<${action}Response xmlns="${NAMESPACES[service] ?? ''}">${inner}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, body, requestId, outcome: 'ok' };
}

export function refuse(service: string, { status, code, message }: Refusal): Reply {
  const requestId = randomUUID();
  const error = xml({ Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message });
  const body = `<ErrorResponse xmlns="${NAMESPACES[service] ?? ''}"><Error>${error}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
  return { status, body, requestId, outcome: code };
}

/** `Name.member.1`, `Name.member.2`, … */
export function members(form: URLSearchParams, name: string): string[] {
  const found: string[] = [];
  for (let index = 1; ; index++) {
    const value = form.get(`${name}.member.${index}`);
    if (value === null) return found;
    found.push(value);
  }
}
