import type { IamSigner } from '../../core/rotation/aws-iam.ts';
import { type RemoteParts, signedQuery } from './query-remote.ts';

export const IAM = { service: 'iam', version: '2010-05-08' };

export type IamCall = (
  signer: IamSigner,
  api: typeof IAM,
  action: string,
  parameters: Readonly<Record<string, string>>,
) => Promise<Buffer>;

/** One call of IAM or STS, signed in the HSM process. Throws as `signedQuery`. */
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
