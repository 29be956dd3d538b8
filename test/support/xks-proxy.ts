import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { BadSignature, checkSignature, readSignature } from './upstream-verify.ts';

/** A key of the external key manager behind the proxy. */
export interface ExternalTestKey {
  material: Buffer;
  keySpec: string;
  keyUsage: string[];
  keyStatus: string;
}

type Json = Record<string, unknown>;
type Api = 'health' | 'metadata' | 'encrypt' | 'decrypt';

/** What a call is answered with: an answer of HTTP, silence, or a connection that breaks. */
type Scripted = { status: number; body: string } | 'silence' | 'break';

export interface XksProxy {
  /** XksProxyUriEndpoint and XksProxyUriPath. */
  endpoint: string;
  path: string;
  credential: { AccessKeyId: string; RawSecretAccessKey: string };
  keys: Map<string, ExternalTestKey>;
  /** Calls whose signature was right, in order. */
  seen: { api: Api; key: string | undefined; body: Json; region: string; signedHeaders: string[] }[];
  /** Why calls were refused as unsigned. */
  unsigned: string[];
  /** In the place of the real answer to the next calls. */
  script: ((api: Api, body: Json) => Scripted | undefined | Promise<Scripted | undefined>) | undefined;
  /** Changes what it answers. */
  lie: ((api: Api, answer: Json) => Json) | undefined;
  /** Bytes of `ciphertextMetadata` with each ciphertext. */
  metadata: Buffer | undefined;
  ivBytes: 12 | 16;
  addKey(id: string, more?: Partial<ExternalTestKey>): void;
  close(): Promise<void>;
}

const ERROR_STATUS: Readonly<Record<string, number>> = {
  AuthenticationFailedException: 401,
  AccessDeniedException: 403,
  KeyNotFoundException: 404,
  InvalidUriPathException: 404,
  ThrottlingException: 429,
  InternalException: 500,
  UnsupportedOperationException: 501,
  DependencyTimeoutException: 503,
};

/** An error as the specification has a proxy answer it. */
export function proxyError(errorName: string): { status: number; body: string } {
  return {
    status: ERROR_STATUS[errorName] ?? 400,
    body: JSON.stringify({ errorName, errorMessage: 'said the proxy' }),
  };
}

class Refusal extends Error {}

/**
 * An external key store proxy with its key manager, as AWS's XKS Proxy API specification has them: checks the signature of every call with a library of
 * its own and does AES-GCM itself. Nothing here comes from src/.
 */
export async function startXksProxy({
  now = Date.now,
  tls,
  prefix = '/lab',
}: {
  now?: () => number;
  tls?: { key: string; cert: string };
  prefix?: string;
} = {}): Promise<XksProxy> {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const answer = await answerTo(request, body);
    if (answer === 'silence') return;
    if (answer === 'break') {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
  };

  async function answerTo(request: IncomingMessage, body: Buffer): Promise<Scripted> {
    const route = /^(.*\/kms\/xks\/v1)\/(?:(health)|keys\/([\w.-]+)\/(metadata|encrypt|decrypt))$/.exec(
      request.url ?? '',
    );
    if (route === null || route[1] !== proxy.path) return proxyError('InvalidUriPathException');
    const api = apiOf(route[2] ?? route[4] ?? '');
    try {
      const by = readSignature(request);
      const { AccessKeyId: accessKeyId, RawSecretAccessKey: secretAccessKey } = proxy.credential;
      if (by.accessKeyId !== accessKeyId) throw new BadSignature('another access key');
      if (by.service !== 'kms-xks-proxy') throw new BadSignature(`the service ${by.service}`);
      await checkSignature(request, by, { accessKeyId, secretAccessKey }, body, now());
      const input = record(JSON.parse(body.toString('utf8')));
      proxy.seen.push({ api, key: route[3], body: input, region: by.region, signedHeaders: by.signedHeaders });
      const scripted = await proxy.script?.(api, input);
      if (scripted !== undefined) return scripted;
      const answer = answerApi(api, route[3] ?? '', input);
      return { status: 200, body: JSON.stringify(proxy.lie?.(api, answer) ?? answer) };
    } catch (error) {
      if (error instanceof BadSignature) {
        proxy.unsigned.push(error.message);
        return proxyError('AuthenticationFailedException');
      }
      if (error instanceof Refusal) return proxyError(error.message);
      throw error;
    }
  }

  function answerApi(api: Api, id: string, input: Json): Json {
    if (api === 'health') {
      return {
        xksProxyFleetSize: 1,
        xksProxyVendor: 'Tests',
        xksProxyModel: 'Tests 1',
        ekmVendor: 'Tests',
        ekmFleetDetails: [{ id: 'ekm-1', model: 'Tests 1', healthStatus: 'ACTIVE' }],
      };
    }
    const key = proxy.keys.get(id);
    if (key === undefined) throw new Refusal('KeyNotFoundException');
    const { material, ...metadata } = key;
    if (api === 'metadata') return metadata;
    if (key.keyStatus !== 'ENABLED') throw new Refusal('InvalidStateException');
    if (!key.keyUsage.includes(api.toUpperCase())) throw new Refusal('InvalidKeyUsageException');
    if (input['encryptionAlgorithm'] !== 'AES_GCM') throw new Refusal('ValidationException');
    return api === 'encrypt' ? encrypt(material, input) : decrypt(material, input);
  }

  function encrypt(material: Buffer, input: Json): Json {
    const aad = bytes(input['additionalAuthenticatedData']);
    const plaintext = bytes(input['plaintext']);
    if (plaintext.length > 4300 || aad.length > 8192) throw new Refusal('UnsupportedOperationException');
    const metadata = proxy.metadata ?? Buffer.alloc(0);
    const iv = randomBytes(proxy.ivBytes);
    const cipher = createCipheriv('aes-256-gcm', material, iv);
    cipher.setAAD(bound(aad, metadata));
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const tag = cipher.getAuthTag();
    const sum = createHash('sha256')
      .update(Buffer.concat([aad, metadata, iv, ciphertext, tag]))
      .digest();
    return {
      ciphertext: ciphertext.toString('base64'),
      initializationVector: iv.toString('base64'),
      authenticationTag: tag.toString('base64'),
      ...(proxy.metadata === undefined ? {} : { ciphertextMetadata: metadata.toString('base64') }),
      ...(input['ciphertextDataIntegrityValueAlgorithm'] === 'SHA_256'
        ? { ciphertextDataIntegrityValue: sum.toString('base64') }
        : {}),
    };
  }

  function decrypt(material: Buffer, input: Json): Json {
    const decipher = createDecipheriv('aes-256-gcm', material, bytes(input['initializationVector']));
    decipher.setAAD(bound(bytes(input['additionalAuthenticatedData']), bytes(input['ciphertextMetadata'])));
    decipher.setAuthTag(bytes(input['authenticationTag']));
    try {
      const plaintext = Buffer.concat([decipher.update(bytes(input['ciphertext'])), decipher.final()]);
      return { plaintext: plaintext.toString('base64') };
    } catch {
      throw new Refusal('InvalidCiphertextException');
    }
  }

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch((error: unknown) => {
      proxy.unsigned.push(String(error));
      response.writeHead(500).end();
    });
  };
  const server = tls === undefined ? createServer(listener) : createHttpsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const proxy: XksProxy = {
    endpoint: `${tls === undefined ? 'http' : 'https'}://localhost:${address.port}`,
    path: `${prefix}/kms/xks/v1`,
    credential: { AccessKeyId: 'ABCDEFGHIJKLMNOPQRST2345', RawSecretAccessKey: randomBytes(33).toString('base64') },
    keys: new Map(),
    seen: [],
    unsigned: [],
    script: undefined,
    lie: undefined,
    metadata: undefined,
    ivBytes: 12,
    addKey(id, more = {}) {
      const usual = { keySpec: 'AES_256', keyUsage: ['ENCRYPT', 'DECRYPT'], keyStatus: 'ENABLED' };
      proxy.keys.set(id, { material: randomBytes(32), ...usual, ...more });
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function apiOf(name: string): Api {
  if (name === 'health' || name === 'metadata' || name === 'encrypt' || name === 'decrypt') return name;
  throw new Error(`no API ${name}`);
}

function record(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new Error('no JSON object');
  return Object.fromEntries(Object.entries(value));
}

function bytes(value: unknown): Buffer {
  return typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
}

/** How the specification binds `ciphertextMetadata` too. */
function bound(aad: Buffer, metadata: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(aad.length);
  return Buffer.concat([length, aad, Buffer.of(metadata.length), metadata]);
}
