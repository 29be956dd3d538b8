import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../../src/core/sigv4/index.ts';
import { startTestDaemon, type TestDaemon } from '../../support/daemon.ts';
import { isRecord, succeed } from '../../support/kms-model.ts';
import { createKmsWire, type KmsWire, type KmsWireOptions } from '../../support/kms-wire.ts';

/** A request whose signature is wrong gets 403 from the door, whatever it asks for and whoever sent it, and nothing happens. */

const REGION = 'eu-central-1';
const MINUTE = 60_000;
const OTHER_BODY = '{"Limit":1}';

let daemon: TestDaemon;
let good: KmsWireOptions;
let stranger: { accessKeyId: string; secretAccessKey: string };
let KeyId: string;
let CiphertextBlob: unknown;
const wires: KmsWire[] = [];

function connect(more: Partial<KmsWireOptions> = {}): KmsWire {
  const wire = createKmsWire({ ...good, ...more });
  wires.push(wire);
  return wire;
}

beforeAll(async () => {
  daemon = await startTestDaemon();
  await daemon.create();
  const client = async (name: string, accountId: string) => {
    await daemon.call('account.add', { name, accountId, kind: 'local', region: REGION });
    const { accessKeyId, secret } = await daemon.addClient({ name, account: name });
    return { accessKeyId, secretAccessKey: secret };
  };
  good = { endpoint: daemon.endpoint, region: REGION, ...(await client('lab', '123456789012')) };
  stranger = await client('other', '210987654321');
  const wire = connect();
  const { KeyMetadata } = await succeed(wire, 'CreateKey', {});
  KeyId = isRecord(KeyMetadata) ? String(KeyMetadata['KeyId']) : '';
  ({ CiphertextBlob } = await succeed(wire, 'Encrypt', { KeyId, Plaintext: 'eA==' }));
});
afterAll(async () => {
  for (const wire of wires) wire.close();
  await daemon.stop();
});

const OPERATIONS: readonly [string, () => Record<string, unknown>][] = [
  ['CreateKey', () => ({})],
  ['Encrypt', () => ({ KeyId, Plaintext: 'eA==' })],
  ['Decrypt', () => ({ CiphertextBlob })],
  ['GenerateRandom', () => ({ NumberOfBytes: 16 })],
  ['ListKeys', () => ({})],
  ['DescribeKey', () => ({ KeyId })],
  ['CreateAlias', () => ({ AliasName: 'alias/x', TargetKeyId: KeyId })],
  ['PutKeyPolicy', () => ({ KeyId, Policy: '{}' })],
  ['DisableKey', () => ({ KeyId })],
  ['ScheduleKeyDeletion', () => ({ KeyId })],
  ['NoSuchOperation', () => ({})],
];

type Tamper = NonNullable<KmsWireOptions['tamper']>;

/** Changes the Authorization header alone. */
function authorization(change: (text: string) => string): Tamper {
  return ({ headers, body }) => {
    const name = Object.keys(headers).find((one) => one.toLowerCase() === 'authorization') ?? '';
    return { headers: { ...headers, [name]: change(headers[name] ?? '') }, body };
  };
}

function headers(change: Record<string, string>): Tamper {
  const names = Object.keys(change).map((name) => name.toLowerCase());
  return ({ headers: before, body }) => {
    const kept = Object.entries(before).filter(([name]) => !names.includes(name.toLowerCase()));
    return { headers: { ...Object.fromEntries(kept), ...change }, body };
  };
}

function without(header: string): Tamper {
  return ({ headers: before, body }) => ({
    headers: Object.fromEntries(Object.entries(before).filter(([name]) => name.toLowerCase() !== header)),
    body,
  });
}

const WRONG: readonly [string, () => Partial<KmsWireOptions>][] = [
  ['another secret', () => ({ secretAccessKey: 'x'.repeat(40) })],
  ['the secret of another account’s client', () => ({ secretAccessKey: stranger.secretAccessKey })],
  ['the key id of another account’s client', () => ({ accessKeyId: stranger.accessKeyId })],
  ['an unknown key id', () => ({ accessKeyId: 'KHLDAAAAAAAAAAAAAAAA' })],
  ['a time six minutes ago', () => ({ now: () => Date.now() - 6 * MINUTE })],
  ['a time six minutes ahead', () => ({ now: () => Date.now() + 6 * MINUTE })],
  ['no Authorization header', () => ({ tamper: without('authorization') })],
  ['no date', () => ({ tamper: without('x-amz-date') })],
  ['an empty signature', () => ({ tamper: authorization((text) => text.replace(/Signature=.*$/, 'Signature=')) })],
  ['half a signature', () => ({ tamper: authorization((text) => text.slice(0, -32)) })],
  ['a digit of the signature changed', () => ({ tamper: authorization((text) => text.replace(/.$/, flip)) })],
  ['another Region in the scope', () => ({ tamper: authorization((text) => text.replace(REGION, 'us-east-1')) })],
  ['another service in the scope', () => ({ tamper: authorization((text) => text.replace('/kms/', '/iam/')) })],
  ['another day in the scope', () => ({ tamper: authorization((text) => text.replace(/\/20\d{6}\//, '/20200101/')) })],
  ['no signed target', () => ({ tamper: authorization((text) => text.replace(';x-amz-target', '')) })],
  ['no signed host', () => ({ tamper: authorization((text) => text.replace('host;', '')) })],
  ['another target than the signed one', () => ({ tamper: headers({ 'x-amz-target': 'TrentService.ListAliases' }) })],
  ['another host than the signed one', () => ({ tamper: headers({ host: 'localhost:1' }) })],
  ['another date than the signed one', () => ({ tamper: headers({ 'x-amz-date': '20200101T000000Z' }) })],
  ['a header of AWS that is not signed', () => ({ tamper: headers({ 'x-amz-account-id': '123456789012' }) })],
  ['another body', () => ({ tamper: ({ headers: signed, body }) => ({ headers: signed, body: `${body} ` }) })],
  ['an empty body', () => ({ tamper: withBody('') })],
  ['a session token', () => ({ sessionToken: 'bogus' })],
  ['a session token that is not signed', () => ({ tamper: headers({ 'x-amz-security-token': 'bogus' }) })],
  [
    'another body than the declared one',
    () => ({
      declares: sha256Hex,
      tamper: ({ headers: signed, body }) => ({ headers: signed, body: `${body} ` }),
    }),
  ],
  ['no body where one is declared', () => ({ declares: sha256Hex, tamper: withBody('') })],
  [
    'another body and its own hash',
    () => ({
      declares: sha256Hex,
      tamper: (signed) => headers({ 'x-amz-content-sha256': sha256Hex(OTHER_BODY) })(withBody(OTHER_BODY)(signed)),
    }),
  ],
  [
    'another hash than the signed one',
    () => ({ declares: sha256Hex, tamper: headers({ 'x-amz-content-sha256': sha256Hex('') }) }),
  ],
  ['the hash of another body', () => ({ declares: () => sha256Hex(OTHER_BODY) })],
  ['a body that the signature leaves out', () => ({ declares: () => 'UNSIGNED-PAYLOAD' })],
  [
    'a body that the signature leaves out afterwards',
    () => ({ declares: sha256Hex, tamper: headers({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' }) }),
  ],
];

function withBody(body: string): Tamper {
  return ({ headers: signed }) => ({ headers: signed, body });
}

function flip(digit: string): string {
  return digit === '0' ? '1' : '0';
}

describe.each(WRONG)('a request with %s', (_what, more) => {
  test.each(OPERATIONS)('is refused with 403: %s', async (operation, input) => {
    const { status, error, body } = await connect(more()).call(operation, input());
    expect([status, error, body]).toEqual([403, expect.stringMatching(SIGNATURE_ERRORS), expect.anything()]);
    expect(Object.keys(body).sort()).toEqual(['__type', 'message']);
  });
});

test('a body whose hash is declared is taken as well', async () => {
  expect((await connect({ declares: sha256Hex }).call('ListKeys', {})).status).toBe(200);
  expect((await connect({ sessionToken: '' }).call('ListKeys', {})).status).toBe(200);
});

const SIGNATURE_ERRORS =
  /^(?:InvalidSignature|UnrecognizedClient|IncompleteSignature|MissingAuthenticationToken|AccessDenied)Exception$/;

test('nothing has happened', async () => {
  const wire = connect();
  expect((await succeed(wire, 'ListKeys', {}))['Keys']).toHaveLength(1);
  expect((await succeed(wire, 'ListAliases', { KeyId }))['Aliases']).toEqual([]);
  const { KeyMetadata } = await succeed(wire, 'DescribeKey', { KeyId });
  expect(KeyMetadata).toMatchObject({ KeyState: 'Enabled' });
});
