import { finishPresign, preparePresign } from '../sigv4/presign.ts';
import { uriEncode } from '../sigv4/uri-encode.ts';
import { instant } from '../views.ts';
import type { Handler } from './handler.ts';
import { s3Address } from './s3-address.ts';
import { auditSignature, signerOf } from './signer.ts';

/** A presigned S3 URL with the profile's vaulted key. */
export const signPresign: Handler<'sign.presign'> = async (call, input) => {
  const { core } = call;
  const session = core.session();
  const things = await session.need('profile', 'account', 'accessKey');
  const profile = things.byName('profile', input.profile);
  const signer = await signerOf(session, profile);
  const region = input.region ?? profile.value.region;
  const address = s3Address(input.bucket, region, signer.account.endpointUrl);
  const path = `${address.pathPrefix}/${uriEncode(input.key, 'utf8', true)}`;
  const now = core.ports.clock.now();
  const prepared = preparePresign(
    { method: input.method, path, query: '', headers: [['host', address.host]] },
    {
      accessKeyId: signer.accessKeyId,
      region,
      service: 's3',
      now,
      expiresSeconds: input.expiresInSeconds,
      ...(signer.sessionToken === undefined ? {} : { sessionToken: signer.sessionToken }),
    },
  );
  const signature = await signer.sign(prepared.scope, prepared.stringToSign);
  await auditSignature(call, 'sign.presign', signer, {
    service: 's3',
    region,
    method: input.method,
    upstream: address.host,
  });
  return {
    url: `${address.scheme}://${address.host}${path}?${finishPresign(prepared, signature)}`,
    // The signature counts whole seconds from its own timestamp, and ends with the session that made it.
    expiresAt: instant(
      Math.min(
        Math.floor(now / 1000) * 1000 + input.expiresInSeconds * 1000,
        signer.endsAt ?? Number.POSITIVE_INFINITY,
      ),
    ),
  };
};
