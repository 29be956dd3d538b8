import {
  CreateAliasCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  KMSClient,
  ListKeysCommand,
  SignCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { describe, expect, test } from 'vitest';
import { CREDENTIALS, REGION, refusal, serve } from './harness.ts';
import { kmsService, seen } from './kms-service.ts';

const server = await serve(kmsService);
const options = { endpoint: server.url, credentials: CREDENTIALS, maxAttempts: 1 };
const kms = new KMSClient({ ...options, region: REGION });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request as no SDK would write it. */
async function raw(body: string | Uint8Array<ArrayBuffer>, target: string | undefined = 'TrentService.Encrypt') {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', ...(target === '' ? {} : { 'x-amz-target': target }) },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
}

describe('AWS JSON 1.1 with the SDK’s own client', () => {
  test('blobs, maps and lists arrive and come back', async () => {
    const answer = await kms.send(
      new EncryptCommand({
        KeyId: 'alias/a',
        Plaintext: bytes('secret'),
        EncryptionContext: JSON.parse('{"tenant":"ä","__proto__":"polluted"}'),
        GrantTokens: ['t'],
        DryRun: false,
      }),
    );
    expect(answer).toMatchObject({ KeyId: 'alias/a', CiphertextBlob: bytes('terces') });
    expect(answer.$metadata.requestId).toBe(server.exchanges.at(-1)?.id);
    const { EncryptionContext: context, ...rest } = Object(seen.input);
    expect(Object.entries(context)).toEqual([
      ['tenant', 'ä'],
      ['__proto__', 'polluted'],
    ]);
    expect(rest).toEqual({ KeyId: 'alias/a', Plaintext: Buffer.from('secret'), GrantTokens: ['t'], DryRun: false });
    expect(server.exchanges.at(-1)?.audit).toMatchObject({ action: 'Encrypt', allowed: true });
  });
  test('timestamps keep their milliseconds, nested structures and empty lists their form', async () => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'k' }));
    expect(KeyMetadata).toEqual({
      KeyId: 'k',
      AWSAccountId: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
      Description: 'aws eu-central-1 DescribeKey 127.0.0.1 false',
      CreationDate: new Date(server.now + 250),
      Enabled: true,
      PendingDeletionWindowInDays: 7,
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegionConfiguration: { PrimaryKey: { Region: 'eu-west-1' }, ReplicaKeys: [] },
    });
  });
  test('the region of the credential scope decides the partition', async () => {
    for (const [region, arn] of [
      ['cn-north-1', 'arn:aws-cn:iam::123456789012:root'],
      ['us-gov-west-1', 'arn:aws-us-gov:iam::123456789012:root'],
    ] as const) {
      const there = new KMSClient({ ...options, region });
      const { KeyMetadata } = await there.send(new DescribeKeyCommand({ KeyId: 'k' }));
      expect(KeyMetadata?.Arn).toBe(arn);
    }
  });
  test('an operation without output answers with an empty body', async () => {
    const answer = await kms.send(new CreateAliasCommand({ AliasName: 'alias/a', TargetKeyId: 'k' }));
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect((await raw('{"AliasName":"alias/a","TargetKeyId":"k"}', 'TrentService.CreateAlias')).body).toBe('');
  });
  test('answers carry the request id, may not be cached, and are JSON 1.1', async () => {
    const { headers } = await raw('{"KeyId":"k","Plaintext":"AA=="}');
    expect(headers.get('x-amzn-requestid')).toBe(server.exchanges.at(-1)?.id);
    expect(headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(headers.get('cache-control')).toBe('no-cache, no-store, must-revalidate, private');
  });
  test('pages follow each other by tokens', async () => {
    const keys: unknown[] = [];
    let Marker: string | undefined;
    do {
      const page = await kms.send(new ListKeysCommand({ ...(Marker === undefined ? {} : { Marker }) }));
      keys.push(...(page.Keys ?? []).map(({ KeyId }) => KeyId));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    expect(keys).toEqual(['key 1', 'key 2', 'key 3']);
    expect(await refusal(kms.send(new ListKeysCommand({ Marker: 'MQ' })))).toMatchObject({
      name: 'InvalidMarkerException',
    });
  });
});

describe('errors of AWS JSON', () => {
  const encrypt = (KeyId: string) => kms.send(new EncryptCommand({ KeyId, Plaintext: bytes('s') }));

  test('a service’s own, with name, text and status', async () => {
    expect(await refusal(encrypt('missing'))).toEqual({
      name: 'NotFoundException',
      message: "Key 'missing' does not exist",
      status: 400,
    });
    expect(await refusal(encrypt('dry-run'))).toMatchObject({ name: 'DryRunOperationException', status: 412 });
    expect(server.exchanges.at(-1)?.audit).toMatchObject({ allowed: true, reason: 'DryRunOperationException' });
    const { headers, body } = await raw('{"KeyId":"missing","Plaintext":"AA=="}');
    expect(headers.get('x-amzn-errortype')).toBe('NotFoundException');
    expect(JSON.parse(body)).toEqual({ __type: 'NotFoundException', message: "Key 'missing' does not exist" });
  });
  test('an empty text is left out, as AWS leaves it out', async () => {
    const { body } = await raw('{"KeyId":"empty","Plaintext":"AA=="}');
    expect(JSON.parse(body)).toEqual({ __type: 'InvalidCiphertextException' });
  });
  test('those of the core’s rules are the service’s to translate', async () => {
    expect(await refusal(encrypt('own'))).toMatchObject({
      name: 'LimitExceededException',
      message: 'the rules of the core say no',
    });
  });
  test('what nobody expected keeps its text to itself', async () => {
    const refused = await refusal(encrypt('broken'));
    expect(refused).toMatchObject({ name: 'InternalFailure', status: 500 });
    expect(refused.message).not.toContain('nobody');
  });
  test('an operation that is left out on purpose says why', async () => {
    expect(await refusal(kms.send(new GetKeyPolicyCommand({ KeyId: 'k' })))).toEqual({
      name: 'UnsupportedOperationException',
      message: 'Key policies are for another day: use the key as root.',
      status: 400,
    });
  });
  test('an operation that is not known, another service’s target, and none', async () => {
    const sign = new SignCommand({ KeyId: 'k', Message: bytes('m'), SigningAlgorithm: 'ECDSA_SHA_256' });
    expect(await refusal(kms.send(sign))).toMatchObject({ name: 'UnknownOperationException', status: 400 });
    for (const target of ['TrentService.encrypt', 'Other.Encrypt', 'TrentService.__proto__', 'TrentService.', '']) {
      expect(JSON.parse((await raw('{}', target)).body), target).toMatchObject({ __type: 'UnknownOperationException' });
    }
    expect(server.exchanges.at(-1)?.audit).toMatchObject({ action: 'unknown', allowed: false });
  });
  test('AWS’s sentences for what the model does not allow', async () => {
    const refused = await refusal(kms.send(new EncryptCommand({ KeyId: 'k', Plaintext: new Uint8Array(4097) })));
    expect(refused).toEqual({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
      status: 400,
    });
    const tags = [
      { TagKey: 'a', TagValue: '' },
      { TagKey: '', TagValue: undefined },
    ];
    expect((await refusal(kms.send(new TagResourceCommand({ KeyId: 'k', Tags: tags })))).message).toBe(
      "2 validation errors detected: Value '' at 'tags.2.member.tagKey' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null",
    );
    expect(server.exchanges.at(-1)?.audit).toMatchObject({ allowed: false, reason: 'ValidationException' });
  });
  test.each([
    ['{', 'The body is not JSON.'],
    ['[]', 'Start of list found where not expected'],
    ['"x"', 'Expected structure or null'],
    ['{"KeyId":5}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"KeyId":true}', 'TRUE_VALUE can not be converted to a String'],
    ['{"KeyId":["k"]}', 'Start of list found where not expected'],
    ['{"KeyId":{}}', 'Start of structure or map found where not expected.'],
    ['{"DryRun":"true"}', 'STRING_VALUE can not be converted to a Boolean'],
    ['{"Plaintext":"A"}', 'The value is not valid base64.'],
    ['{"Plaintext":"-_-_"}', 'The value is not valid base64.'],
    ['{"GrantTokens":"t"}', 'Expected list or null'],
    ['{"EncryptionContext":"t"}', 'Expected map or null'],
    ['{"EncryptionContext":{"a":1}}', 'NUMBER_VALUE can not be converted to a String'],
    ['{"EncryptionContext":{"\\ud800":"a"}}', 'A string holds half of a surrogate pair.'],
    ['{"KeyId":"\\ud800"}', 'A string holds half of a surrogate pair.'],
  ])('%s is a SerializationException', async (body, message) => {
    const answer = await raw(body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toEqual({ __type: 'SerializationException', message });
  });
  test('bytes that are not UTF-8, and a body that is too long', async () => {
    expect(JSON.parse((await raw(Uint8Array.of(0x22, 0xff, 0x22))).body)).toMatchObject({
      message: 'The body is not UTF-8.',
    });
    const { status, body } = await raw(`{"KeyId":"${'k'.repeat(65_536)}"}`);
    expect([status, JSON.parse(body)]).toEqual([
      413,
      expect.objectContaining({ __type: 'RequestEntityTooLargeException' }),
    ]);
  });
  test('members that the model does not know, and nulls, are passed over', async () => {
    const { status } = await raw(
      '{"KeyId":"k","Plaintext":"AA==","Tomorrow":{"a":[1]},"DryRun":null,"GrantTokens":[null]}',
    );
    expect(status).toBe(200);
    expect(seen.input).toEqual({ KeyId: 'k', Plaintext: Buffer.of(0), GrantTokens: [] });
  });
});
