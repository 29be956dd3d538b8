import { KMS, type KMSServiceException } from '@aws-sdk/client-kms';
import { kms } from '../../src/aws/kms/index.ts';
import { LAB_ID, type LabAccount, OTHER_ID, REGION, type ServiceLab, startServiceLab } from './service-lab.ts';

export { LAB_ID, OTHER_ID, REGION };

export interface Lab extends Omit<ServiceLab, 'endpoint' | 'issue'> {
  /** The SDK's client of the account's root. */
  root: KMS;
  /** The same in another Region. */
  rootIn(region: string, account?: LabAccount): Promise<KMS>;
  /** A client that may do what its policy's statements say; `arn` is its principal's. */
  user(name: string, statements?: readonly object[], account?: LabAccount): Promise<{ kms: KMS; arn: string }>;
}

/** The KMS of two local accounts. */
export async function startLab(agentOptions?: Parameters<typeof startServiceLab>[1]): Promise<Lab> {
  const { endpoint, issue, ...lab } = await startServiceLab({ kms: async () => kms }, agentOptions);
  const made: KMS[] = [];
  const connect = (credentials: Awaited<ReturnType<typeof issue>>, region: string): KMS => {
    const client = new KMS({ endpoint, region, credentials, maxAttempts: 1 });
    made.push(client);
    return client;
  };
  const rootIn = async (region: string, account: LabAccount = 'lab'): Promise<KMS> =>
    connect(await issue(`root ${account} ${made.length}`, undefined, account), region);
  return {
    ...lab,
    root: await rootIn(REGION),
    rootIn,
    async user(name, statements = [], account = 'lab') {
      const id = account === 'lab' ? LAB_ID : OTHER_ID;
      return {
        kms: connect(await issue(name, statements, account), REGION),
        arn: `arn:aws:iam::${id}:user/keyhold/${name}`,
      };
    },
    async dispose() {
      for (const client of made) client.destroy();
      await lab.dispose();
    },
  };
}

/** What a call is refused with: error name, text and HTTP status; throws when it is not refused. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ name: string; message: string; status: number | undefined }> {
  try {
    await call;
  } catch (error) {
    if (!isServiceException(error)) throw error;
    return { name: error.name, message: error.message, status: error.$metadata.httpStatusCode };
  }
  throw new Error('the call was not refused');
}

function isServiceException(error: unknown): error is KMSServiceException {
  return error instanceof Error && '$metadata' in error;
}

/** A key's id from CreateKey's answer. */
export async function newKey(
  client: KMS,
  input: Parameters<KMS['createKey']>[0] = {},
): Promise<{ id: string; arn: string }> {
  const { KeyMetadata } = await client.createKey(input);
  if (KeyMetadata?.KeyId === undefined || KeyMetadata.Arn === undefined) throw new Error('no key');
  return { id: KeyMetadata.KeyId, arn: KeyMetadata.Arn };
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** What the SDK says for an error that comes without a text. */
export const NO_TEXT = 'UnknownError';
