import { Agent, request } from 'node:http';
import { createRequestSigner, sha256Hex } from '../../src/core/sigv4/index.ts';

/** The service's answer as it came over the wire, AWS JSON 1.1. */
export interface WireAnswer {
  status: number;
  /** The error's name without its namespace; undefined for a success. */
  error: string | undefined;
  body: Record<string, unknown>;
}

export interface KmsWire {
  /** Rejects only when the connection breaks; what the service refuses is an answer. Blobs are base64, as in AWS JSON. */
  call(operation: string, input: Record<string, unknown>): Promise<WireAnswer>;
  close(): void;
}

export interface KmsWireOptions {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  /** Connections kept open; 1 unless said. */
  connections?: number;
  /** Changes what is sent after it has been signed. */
  tamper?: (signed: SignedPost) => SignedPost;
  sessionToken?: string;
  /** The hash of the body that is declared and signed, as SDK v3 does; without it, none is declared, as botocore does. */
  declares?: (body: string) => string;
  /** The time of the signature, in ms since epoch. */
  now?: () => number;
}

interface SignedPost {
  headers: Record<string, string>;
  body: string;
}

/** The lightest client of the KMS there is: one signed POST a call over kept connections, no retries. */
export function createKmsWire(options: KmsWireOptions): KmsWire {
  const { endpoint, region, connections = 1, tamper, declares, now = Date.now, ...rest } = options;
  const url = new URL(endpoint);
  const signer = createRequestSigner({ ...rest, region, service: 'kms' });
  const agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: 'fifo' });
  return {
    call(operation, input) {
      const text = JSON.stringify(input);
      const signed = signer.sign(
        {
          method: 'POST',
          path: '/',
          query: '',
          headers: [
            ['host', url.host],
            ['content-type', 'application/x-amz-json-1.1'],
            ['x-amz-target', `TrentService.${operation}`],
          ],
        },
        declares === undefined
          ? { now: now(), payloadHash: sha256Hex(text) }
          : { now: now(), payloadHash: declares(text), contentSha256Header: true },
      );
      const plain = { headers: Object.fromEntries(signed), body: text };
      const { headers, body } = tamper === undefined ? plain : tamper(plain);
      return new Promise((resolve, reject) => {
        const sent = request(
          { host: url.hostname, port: url.port, method: 'POST', path: '/', agent, headers },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on('data', (part: Buffer) => parts.push(part));
            answer.on('error', reject);
            answer.on('end', () => {
              try {
                resolve(read(answer.statusCode ?? 0, Buffer.concat(parts).toString('utf8')));
              } catch (error) {
                reject(error);
              }
            });
          },
        );
        sent.on('error', reject);
        sent.end(body);
      });
    },
    close() {
      signer.dispose();
      agent.destroy();
    },
  };
}

function read(status: number, text: string): WireAnswer {
  const body: unknown = text === '' ? {} : JSON.parse(text);
  if (!isRecord(body)) throw new Error(`the answer is no JSON object: ${text.slice(0, 200)}`);
  const type = body['__type'];
  return { status, error: status === 200 ? undefined : String(type).replace(/^.*#/, ''), body };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
