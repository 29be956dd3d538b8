import { KeyholdError } from '../../contract/errors.ts';
import { authorizationHeader, prepareHeaderSigning } from '../sigv4/sign-headers.ts';
import type { Header } from '../sigv4/types.ts';
import type { Handler } from './handler.ts';
import { serviceOfHost } from './service-of-host.ts';
import { auditSignature, signerOf } from './signer.ts';

/** Signs one request of a profile's own making and answers the headers to add; what the caller sent of an earlier signature is ignored. */
export const signHeaders: Handler<'sign.headers'> = async (call, input) => {
  const { core } = call;
  const session = core.session();
  const things = await session.need('profile', 'account', 'accessKey');
  const profile = things.byName('profile', input.profile);
  const signer = await signerOf(session, profile);
  const url = new URL(input.url);
  const guess = serviceOfHost(url.hostname);
  const service = input.service ?? guess?.service;
  if (service === undefined) {
    throw new KeyholdError(
      'InvalidInput',
      `service: ${url.hostname} does not say which AWS service it is; give it with --service, and the region with --region.`,
    );
  }
  const region = input.region ?? guess?.region ?? profile.value.region;
  const prepared = prepareHeaderSigning(
    {
      method: input.method,
      path: rawPath(input.url),
      query: url.search.slice(1),
      headers: [['host', url.host], ...input.headers.filter(([name]) => name.toLowerCase() !== 'host')],
    },
    {
      accessKeyId: signer.accessKeyId,
      region,
      service,
      now: core.ports.clock.now(),
      payloadHash: input.payloadHash,
      ...(signer.sessionToken === undefined ? {} : { sessionToken: signer.sessionToken }),
    },
  );
  const signature = await signer.sign(prepared.scope, prepared.stringToSign);
  await auditSignature(call, 'sign.headers', signer, { service, region, method: input.method, upstream: url.host });
  const given = new Set<Header>(input.headers);
  const added = prepared.headers.filter((header) => !given.has(header) && header[0] !== 'host');
  return {
    headers: [
      ...added.map(([name, value]): [string, string] => [name, value]),
      ['Authorization', authorizationHeader(prepared, signature)],
    ],
    service,
    region,
  };
};

/** The path as it was written: the URL parser would remove dot segments and encode what the caller did not. */
function rawPath(url: string): string {
  const afterHost = /^https?:\/\/[^/?#]*([^?#]*)/i.exec(url)?.[1] ?? '';
  return afterHost === '' ? '/' : afterHost;
}
