import {
  CreateAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
  KMSClient,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { expect, test } from 'vitest';
import { decodeCbor } from '../../../src/aws/protocol/cbor/decode-cbor.ts';
import { CREDENTIALS, REGION, refusal, serve } from './harness.ts';
import { kmsService, seen } from './kms-service.ts';

const server = await serve(kmsService);
const usual = new KMSClient({ region: REGION });
/** Today's client speaks JSON unless told otherwise. */
const kms = new KMSClient({
  endpoint: server.url,
  region: REGION,
  credentials: CREDENTIALS,
  maxAttempts: 1,
  protocol: AwsSmithyRpcV2CborProtocol,
  protocolSettings: { ...usual.config.protocolSettings, serviceTarget: 'TrentService' },
});

async function raw(body: Uint8Array<ArrayBuffer>, path = '/service/TrentService/operation/Encrypt') {
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/cbor', 'smithy-protocol': 'rpc-v2-cbor' },
    body,
  });
  return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
}

test('the SDK’s client calls in CBOR and reads what it is answered', async () => {
  const Plaintext = new TextEncoder().encode('secret');
  const answer = await kms.send(
    new EncryptCommand({ KeyId: 'k', Plaintext, EncryptionContext: { a: 'b' }, GrantTokens: [] }),
  );
  expect(Buffer.from(answer.CiphertextBlob ?? []).toString()).toBe('terces');
  expect(seen.input).toMatchObject({ KeyId: 'k', EncryptionContext: { a: 'b' }, GrantTokens: [] });
  expect(server.exchanges.at(-1)?.header('smithy-protocol')).toBe('rpc-v2-cbor');

  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'k' }));
  expect(KeyMetadata).toMatchObject({
    CreationDate: new Date(server.now + 250),
    PendingDeletionWindowInDays: 7,
    Enabled: true,
  });
  const { $metadata } = await kms.send(new CreateAliasCommand({ AliasName: 'alias/a', TargetKeyId: 'k' }));
  expect($metadata.httpStatusCode).toBe(200);
});

test('errors come in CBOR', async () => {
  const encrypt = (KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: Uint8Array.of(1) }));
  expect(await refusal(encrypt('missing'))).toEqual({
    name: 'NotFoundException',
    message: "Key 'missing' does not exist",
    status: 400,
  });
  expect(await refusal(encrypt('broken'))).toMatchObject({ name: 'InternalFailure', status: 500 });
  expect(await refusal(kms.send(new TagResourceCommand({ KeyId: 'k', Tags: undefined })))).toMatchObject({
    name: 'ValidationException',
    message: "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null",
  });
});

test('what is not CBOR, not the schema’s, or no operation of the service', async () => {
  const type = async (body: Uint8Array<ArrayBuffer>, path?: string) => {
    const answer = await raw(body, path);
    expect(answer.headers.get('content-type')).toBe('application/cbor');
    expect(answer.headers.get('smithy-protocol')).toBe('rpc-v2-cbor');
    return [answer.status, Object(decodeCbor(answer.body)).__type];
  };
  expect(await type(Uint8Array.of(0xff))).toEqual([400, 'SerializationException']);
  // {"KeyId": 5}
  expect(await type(Uint8Array.of(0xa1, 0x65, 0x4b, 0x65, 0x79, 0x49, 0x64, 5))).toEqual([
    400,
    'SerializationException',
  ]);
  expect(await type(new Uint8Array())).toEqual([400, 'ValidationException']);
  expect(await type(new Uint8Array(), '/service/Other/operation/Encrypt')).toEqual([404, 'UnknownOperationException']);
  expect(await type(new Uint8Array(), '/service/TrentService/operation/Nothing')).toEqual([
    404,
    'UnknownOperationException',
  ]);
});
