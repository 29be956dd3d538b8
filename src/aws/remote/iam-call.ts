import { KeyholdError } from '../../contract/errors.ts';
import type { IamSigner } from '../../core/rotation/aws-iam.ts';
import { parseXml, type XmlElement } from '../protocol/xml/parse-xml.ts';
import { elementOf } from './element-of.ts';
import { type RemoteParts, signedQuery } from './query-remote.ts';

export const IAM = { service: 'iam', version: '2010-05-08' };
export const STS = { service: 'sts', version: '2011-06-15' };

/** One signed call; the answer is the caller's to wipe. */
export type IamCall = (
  signer: IamSigner,
  api: typeof IAM,
  action: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<Buffer>;

export function createIamCall(parts: RemoteParts): IamCall {
  return async (signer, api, action, parameters) =>
    signedQuery(
      {
        endpointUrl: signer.account.endpointUrl,
        region: signer.region,
        accessKeyId: signer.accessKeyId,
        sessionToken: await tokenOf(signer),
        async sign(scope, stringToSign) {
          return (await signer.session.hsm.call('sigv4Sign', { key: signer.secret, scope, stringToSign })).signature;
        },
      },
      { ...api, action, parameters },
      parts,
    );
}

async function tokenOf({ session, token }: IamSigner): Promise<string | undefined> {
  if (token === undefined) return undefined;
  const opened = await session.hsm.call('openToken', { key: token });
  try {
    return Buffer.from(opened.token.buffer, opened.token.byteOffset, opened.token.byteLength).toString('utf8');
  } finally {
    opened.token.fill(0);
  }
}

/** A leaf that is no secret. */
export function textOf(answer: Buffer, name: string): string {
  const text = elementOf(answer, name)?.toString('utf8');
  if (text === undefined || text === '') throw unknownForm(name);
  return text;
}

/** A copy, which is the caller's to wipe. */
export function secretOf(answer: Buffer, name: string): Uint8Array {
  const bytes = elementOf(answer, name);
  if (bytes === undefined || bytes.length === 0) throw unknownForm(name);
  return Uint8Array.from(bytes);
}

export function xmlOf(answer: Buffer): XmlElement {
  try {
    return parseXml(answer);
  } catch (error) {
    throw new KeyholdError('Internal', 'AWS answered with XML that cannot be read.', undefined, { cause: error });
  }
}

export function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((one) => one.name === name);
}

export function at(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(child, element);
}

export function members(element: XmlElement | undefined): XmlElement[] {
  return element?.children.filter(({ name }) => name === 'member') ?? [];
}

export function unknownForm(what: string): KeyholdError {
  return new KeyholdError('ServiceRefused', `AWS answered in a form that is not known here (${what}).`, {
    name: 'UnknownForm',
  });
}
